"""The stage, as Django knows it."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.invoices"
    label = "invoices"
    default_auto_field = "django.db.models.BigAutoField"
