"""Adds the shop's tax codes, their rates and which kind of line has which, append-only; and a client's billing site."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_exemption"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TaxCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="client",
            name="billing_site",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="clients.site"
            ),
        ),
        migrations.CreateModel(
            name="TaxChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("codes", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    "site",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.site"
                    ),
                ),
            ],
            options={
                "ordering": ("since", "pk"),
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("rate", models.CharField(max_length=12)),
                ("words", models.CharField(max_length=60)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("S", "taxed at a rate"),
                            ("Z", "zero-rated"),
                            ("E", "exempt"),
                            ("AE", "reverse charge: the client owes the tax"),
                            ("O", "outside the scope of tax"),
                        ],
                        default="S",
                        max_length=2,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    "code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rates", to="clients.taxcode"
                    ),
                ),
            ],
            options={
                "ordering": ("since", "pk"),
            },
        ),
        guard("clients_taxcode", "clients_taxrate", "clients_taxchoice"),
    ]
