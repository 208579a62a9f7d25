"""Lets a block and a grant hold what was brought over from the old books."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0002_guards"),
        ("clients", "0004_exemption"),
    ]

    operations = [
        migrations.AddField(
            model_name="block",
            name="used_before",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="block",
            name="purchase",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="block", to="charges.purchase"
            ),
        ),
        migrations.CreateModel(
            name="BroughtHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seconds", models.IntegerField()),
                ("at", models.DateTimeField()),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="brought", to="charges.grant"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seconds", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "block",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawal", to="charges.block"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        guard("charges_block", "charges_broughthours", "charges_withdrawal"),
    ]
