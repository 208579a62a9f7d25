"""Lets the database refuse changes of invoices, payments, credit notes and the bank's lines; only the last number given changes."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_initial")]
    operations = [
        guard(
            "invoices_invoice",
            "invoices_invoiceline",
            "invoices_payment",
            "invoices_creditnote",
            "invoices_allocation",
            "invoices_reversal",
            "invoices_bankfile",
            "invoices_bankline",
            "invoices_bankdecision",
        )
    ]
