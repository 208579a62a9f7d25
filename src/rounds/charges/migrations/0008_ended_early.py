"""Keeps what of fees billed for days to come is never earned, as their agreement ended early."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("charges", "0007_late_interest"), ("clients", "0004_exemption")]

    operations = [
        migrations.CreateModel(
            name="Curtailment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                ("on", models.DateField()),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="curtailment",
                        to="charges.closingline",
                    ),
                ),
            ],
            options={"ordering": ("pk",)},
        ),
        guard("charges_curtailment"),
    ]
