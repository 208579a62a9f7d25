"""Takes off the lines of closings whether they were taxed: their taxes tell."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0005_taxes_of_a_closing"),
        ("invoices", "0008_taxes_of_before"),
    ]

    operations = [
        migrations.RemoveField("closingline", "is_taxable"),
        guard("charges_closingline"),
    ]
