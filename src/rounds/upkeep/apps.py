"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class UpkeepConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.upkeep"
    label = "upkeep"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what upkeep knows to the pages of others."""
        from rounds.upkeep import sections  # noqa: PLC0415 - models can be imported only now

        panels.add("client", 20, "What is due", sections.due_at_client)
        panels.add("machine", 30, "Backup", sections.backup)
        panels.add("machine", 40, "What is due", sections.due_on_machine)
        panels.add("today", 20, "Duties due", sections.due_today)
        panels.add_search(35, "Duties due", sections.find_duties)
