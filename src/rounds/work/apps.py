"""The stage, as Django knows it."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"
