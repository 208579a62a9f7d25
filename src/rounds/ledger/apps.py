"""The stage, as Django knows it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
