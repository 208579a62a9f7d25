"""Lets hours of a block be given back more than once, and in parts; what happened stays append-only."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("charges", "0003_brought_over")]

    operations = [
        migrations.AlterField(
            model_name="refund",
            name="block",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="charges.block"
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="earned",
            field=models.BigIntegerField(default=0),
        ),
        guard("charges_refund"),
    ]
