"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class WatchesConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.watches"
    label = "watches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what watches know to the pages of others."""
        from rounds.agents import outside as others  # noqa: PLC0415 - models can be imported only now
        from rounds.watches import outside, sections  # noqa: PLC0415 - as above

        others.add(outside.LOOK)
        panels.add("machine", 5, "Watched from outside", sections.watched)
        panels.add("machine", 70, "What it watches for others", sections.watching)
        panels.add("client", 12, "Watches", sections.at_client)
        panels.add_search(35, "Watches", sections.find_watches)
