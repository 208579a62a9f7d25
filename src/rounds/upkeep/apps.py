"""The stage, as Django knows it."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.upkeep"
    label = "upkeep"
    default_auto_field = "django.db.models.BigAutoField"
