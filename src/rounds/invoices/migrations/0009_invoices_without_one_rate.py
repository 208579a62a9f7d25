"""Takes the one rate off invoices, and off their lines whether they were taxed: their taxes tell."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("invoices", "0008_taxes_of_before")]

    operations = [
        migrations.RemoveField("invoice", "tax_rate"),
        migrations.RemoveField("invoiceline", "is_taxable"),
        guard("invoices_invoice", "invoices_invoiceline"),
    ]
