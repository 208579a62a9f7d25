"""The stage, as Django knows it."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.clients"
    label = "clients"
    default_auto_field = "django.db.models.BigAutoField"
