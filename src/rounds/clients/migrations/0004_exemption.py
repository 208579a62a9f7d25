"""Adds exemptions from tax, append-only."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0003_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TaxExemption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("is_exempt", models.BooleanField()),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("certificate", models.CharField(blank=True, max_length=60)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tax_exemptions", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ("since", "pk"),
            },
        ),
        guard("clients_taxexemption"),
    ]
