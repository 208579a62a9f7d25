"""The stage, as Django knows it."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
