"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class AgentsConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what agents know to the pages of others."""
        from rounds.agents import sections  # noqa: PLC0415 - models can be imported only now

        panels.add("today", 15, "New machines", sections.new_machines)
