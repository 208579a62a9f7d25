"""The stage, as Django knows it."""

from django.apps import AppConfig


class ChargesConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.charges"
    label = "charges"
    default_auto_field = "django.db.models.BigAutoField"
