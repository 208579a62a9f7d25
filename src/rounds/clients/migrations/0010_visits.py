"""Lets minimum and increment count per visit, and trips cost a fee."""

from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("clients", "0009_follow_clients")]

    operations = [
        migrations.AddField(model_name="shopterms", name="is_per_visit", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="shopterms", name="trip_fee", field=models.BigIntegerField(default=0)),
        migrations.AddField(
            model_name="agreement", name="is_per_visit", field=models.BooleanField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="agreement", name="trip_fee", field=models.BigIntegerField(blank=True, null=True)
        ),
        guard("clients_agreement"),
    ]
