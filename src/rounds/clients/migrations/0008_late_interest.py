"""Adds interest on late invoices to the shop's prices, and its waiver to agreements."""

from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0007_prices_without_tax"),
    ]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="waives_interest",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="shopterms",
            name="interest_grace_days",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="shopterms",
            name="interest_minimum",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="shopterms",
            name="interest_rate",
            field=models.CharField(blank=True, max_length=20),
        ),
        guard("clients_agreement"),
    ]
