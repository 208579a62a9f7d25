"""Keeps with a reminder what interest had come to when it was written."""

from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("invoices", "0010_late_interest")]

    operations = [
        migrations.AddField(model_name="reminder", name="interest", field=models.BigIntegerField(null=True)),
        guard("invoices_reminder"),
    ]
