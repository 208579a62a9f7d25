"""Lets the database refuse changes of what agents reported of their jobs."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]
    operations = [
        guard(
            "agents_jobresult",
        )
    ]
