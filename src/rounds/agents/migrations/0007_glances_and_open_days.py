"""What rules look at beside the bodies of check-ins; days to seal in a table of their own instead of an index."""

from datetime import UTC, date
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import TruncDate


def note_open_days(apps: Any, _schema_editor: Any) -> None:
    """Note the days of the check-ins that are there."""
    check_ins, open_days = (apps.get_model("agents", name).objects for name in ("CheckIn", "OpenDay"))
    days = check_ins.annotate(on=TruncDate("taken_at", tzinfo=UTC)).values_list("agent", "on").distinct()
    open_days.bulk_create(
        (open_days.model(agent_id=agent_id, day=(on - date(1970, 1, 1)).days) for agent_id, on in days.order_by()),
        batch_size=500,
    )


class Migration(migrations.Migration):
    """From version 1 of the table of check-ins to 2."""

    dependencies = [("agents", "0006_reinstalled_machines")]

    operations = [
        migrations.AddField("checkin", "glance", models.BinaryField(null=True)),
        migrations.RemoveIndex("checkin", "check_in_by_moment"),
        migrations.CreateModel(
            name="OpenDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.PositiveIntegerField()),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("day", "agent"), name="each_open_day_once")],
            },
        ),
        migrations.RunPython(note_open_days, migrations.RunPython.noop),
    ]
