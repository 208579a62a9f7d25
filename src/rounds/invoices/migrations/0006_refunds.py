"""Adds money that is given back: payouts, what came off retainers for them, and payouts that were taken back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_exemption"),
        ("invoices", "0005_back_to_the_retainer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Payout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                ("on", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("transfer", "Bank transfer"),
                            ("cheque", "Cheque"),
                            ("card", "Back to his card"),
                            ("cash", "Cash"),
                        ],
                        default="transfer",
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=140)),
                ("why", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PayoutReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("at", models.DateTimeField()),
                ("why", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("even_if_needed", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="allocation",
            name="an_allocation_has_an_amount",
        ),
        migrations.AlterField(
            model_name="allocation",
            name="invoice",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="invoices.invoice",
            ),
        ),
        migrations.AddField(
            model_name="payout",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddField(
            model_name="payout",
            name="recorded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="payout",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="invoices.payout"
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("invoice", None), ("payout", None), _connector="XOR"),
                name="an_allocation_goes_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    models.Q(
                        ("amount__lt", 0),
                        models.Q(("payment__isnull", False), ("payout__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="an_allocation_has_an_amount",
            ),
        ),
        migrations.AddField(
            model_name="payoutreturn",
            name="payout",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="taken_back", to="invoices.payout"
            ),
        ),
        migrations.AddField(
            model_name="payoutreturn",
            name="recorded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="payment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="release", to="invoices.payment"
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="a_payout_has_an_amount"),
        ),
        guard("invoices_allocation", "invoices_payout", "invoices_payoutreturn", "invoices_release"),
    ]
