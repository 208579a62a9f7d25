"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class ReportsConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what reports know to the pages of others."""
        from rounds.reports import sections  # noqa: PLC0415 - models can be imported only now

        panels.add("today", 8, "Daily reports", sections.reports_today)
        panels.add("client", 15, "Daily reports", sections.reports_of_client)
