"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class PortalConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Show the office what clients ask for."""
        from rounds.portal import sections  # noqa: PLC0415 - models can be imported only now

        panels.add("today", 5, "Asked for help", sections.asked_for_help)
        panels.add("client", 90, "Bought in the portal", sections.bought_hours)
        panels.add("order", 10, "Asked in the portal", sections.request_of_order)
