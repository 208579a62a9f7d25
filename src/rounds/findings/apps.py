"""The stage, as Django knows it."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.findings"
    label = "findings"
    default_auto_field = "django.db.models.BigAutoField"
