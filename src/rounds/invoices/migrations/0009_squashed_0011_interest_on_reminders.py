"""Takes the one rate off invoices and their lines, and adds interest on late invoices, in one step."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    replaces = [
        ("invoices", "0009_invoices_without_one_rate"),
        ("invoices", "0010_late_interest"),
        ("invoices", "0011_interest_on_reminders"),
    ]

    dependencies = [
        ("charges", "0006_squashed_0011_given_back_by_credits"),
        ("clients", "0001_squashed_0011_next_block"),
        ("invoices", "0001_squashed_0008_taxes_of_before"),
    ]

    operations = [
        migrations.RemoveField("invoice", "tax_rate"),
        migrations.RemoveField("invoiceline", "is_taxable"),
        migrations.AddField("payment", "received_on", models.DateField(null=True)),
        migrations.AddField("reminder", "interest", models.BigIntegerField(null=True)),
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
        guard("invoices_invoice", "invoices_invoiceline", "invoices_interest", "invoices_reminder"),
    ]
