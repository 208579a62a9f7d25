"""Lets the database refuse changes of what happened on accounts; only how far they were played changes."""

from django.db import migrations

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("charges", "0001_initial")]
    operations = [
        guard(
            "charges_purchase",
            "charges_deposit",
            "charges_block",
            "charges_grant",
            "charges_advance",
            "charges_held",
            "charges_rated",
            "charges_voided",
            "charges_draw",
            "charges_charge",
            "charges_closing",
            "charges_closingline",
            "charges_retainermove",
            "charges_lapse",
            "charges_refund",
            "charges_notice",
        )
    ]
