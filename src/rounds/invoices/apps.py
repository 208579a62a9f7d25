"""The stage, as Django knows it."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.invoices"
    label = "invoices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add this stage's sections to the client's and the front page, and its answers to the search."""
        from rounds.invoices import sections  # noqa: PLC0415 - models exist only now
        from rounds.pages import panels  # noqa: PLC0415

        panels.add("client-header", 30, "Owes", sections.owes)
        panels.add("client", 50, "Money", sections.client_money)
        panels.add("agreement-end", 10, "Earlier", sections.early_end)
        panels.add("today", 60, "Money", sections.money_today)
        panels.add_search(60, "Invoices", sections.find_invoices)
