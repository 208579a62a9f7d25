"""Adds interest on late invoices, and the day on which a payment came."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0007_late_interest"),
        ("clients", "0008_late_interest"),
        ("invoices", "0009_invoices_without_one_rate"),
    ]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="received_on",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="Interest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("amount", models.BigIntegerField()),
                ("trace", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="charges.charge"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="interest", to="invoices.invoice"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("invoice", "on", "first_day"), name="each_period_of_interest_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="interest_has_an_amount"
                    ),
                ],
            },
        ),
        guard("invoices_interest"),
    ]
