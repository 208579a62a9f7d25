"""Lets the database refuse changes of evidence."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("upkeep", "0001_initial")]
    operations = [
        guard(
            "upkeep_evidence",
        )
    ]
