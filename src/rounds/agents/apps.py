"""The stage, as Django knows it."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"
