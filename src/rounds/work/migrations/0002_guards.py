"""Lets the database refuse changes of answers and approvals."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("work", "0001_initial")]
    operations = [
        guard(
            "work_answer",
            "work_approval",
            "work_void",
        )
    ]
