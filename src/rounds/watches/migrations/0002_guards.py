"""Lets the database refuse changes of who looked when."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("watches", "0001_watches")]
    operations = [guard("watches_turn")]
