"""The stage, as Django knows it."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
