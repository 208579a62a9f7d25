"""A visit without time is a stint of 0 minutes: what the rules allow, the database does not refuse."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("work", "0002_guards")]
    operations = [migrations.RemoveConstraint(model_name="stint", name="a_stint_takes_time")]
