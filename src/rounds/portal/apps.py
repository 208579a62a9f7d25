"""The stage, as Django knows it."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
