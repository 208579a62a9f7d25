"""Keeps what credit notes take of each charge and block, and the hours that go back with them; append-only."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0010_next_block"),
        ("clients", "0010_visits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Forgone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                ("is_lost", models.BooleanField(default=False)),
                ("cause", models.CharField(max_length=60)),
                ("on", models.DateField()),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Returned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cause", models.CharField(max_length=60)),
                ("on", models.DateField()),
                ("trace", models.JSONField(default=list)),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="draw",
            name="a_draw_takes_time",
        ),
        migrations.AddField(
            model_name="refund",
            name="cause",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="refund",
            name="was_credited",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="forgone",
            name="block",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="forgone", to="charges.block"
            ),
        ),
        migrations.AddField(
            model_name="forgone",
            name="charge",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="forgone", to="charges.charge"
            ),
        ),
        migrations.AddField(
            model_name="forgone",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddField(
            model_name="returned",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddField(
            model_name="returned",
            name="rated",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="returned", to="charges.rated"
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="returned",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="charges.returned"
            ),
        ),
        migrations.AddField(
            model_name="draw",
            name="returned",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="draws", to="charges.returned"
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seconds__gt", 0),
                    models.Q(
                        ("seconds__lt", 0),
                        models.Q(("voided__isnull", False), ("returned__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="a_draw_takes_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="forgone",
            constraint=models.CheckConstraint(
                condition=models.Q(("charge", None), ("block", None), _connector="XOR"),
                name="forgone_of_a_charge_or_a_block",
            ),
        ),
        migrations.AddConstraint(
            model_name="forgone",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="forgone_has_an_amount"
            ),
        ),
        migrations.AddConstraint(
            model_name="returned",
            constraint=models.UniqueConstraint(fields=("cause", "rated"), name="each_return_once"),
        ),
        guard("charges_refund", "charges_draw", "charges_charge", "charges_forgone", "charges_returned"),
    ]
