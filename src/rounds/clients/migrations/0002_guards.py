"""Lets the database refuse changes of agreements and of their ends: a change is a new agreement."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]
    operations = [guard("clients_agreement", "clients_agreementend")]
