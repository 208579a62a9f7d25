"""Adds what a credit note takes back of each tax, append-only, and the tax of a line."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0005_taxes_of_a_closing"),
        ("invoices", "0006_refunds"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoiceline",
            name="tax",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="charges.closingtax",
            ),
        ),
        migrations.CreateModel(
            name="CreditTax",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("base", models.BigIntegerField()),
                ("tax", models.BigIntegerField()),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taxes", to="invoices.creditnote"
                    ),
                ),
                (
                    "row",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="charges.closingtax"
                    ),
                ),
            ],
            options={
                "ordering": ("note", "row__position"),
                "constraints": [models.UniqueConstraint(fields=("note", "row"), name="each_tax_once_on_a_credit_note")],
            },
        ),
        guard("invoices_credittax", "invoices_invoiceline"),
    ]
