"""Keeps under which agreement a block was bought by itself, and what keeps the next one from being bought."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0009_visits"),
        ("clients", "0011_next_block"),
    ]

    operations = [
        migrations.AddField(
            model_name="purchase",
            name="agreement",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.agreement"
            ),
        ),
        migrations.AddField(model_name="purchase", name="cause", field=models.CharField(max_length=60, null=True)),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cause__isnull", False)),
                fields=("client", "cause"),
                name="a_cause_buys_one_block",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="low_stop_told",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.agreement"
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="low_back_told",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.agreement"
            ),
        ),
        guard("charges_purchase"),
    ]
