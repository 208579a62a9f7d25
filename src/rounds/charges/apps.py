"""The stage, as Django knows it."""

from django.apps import AppConfig


class ChargesConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.charges"
    label = "charges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what is left to a client's header, and what it came to to an order's page."""
        from rounds.charges import sections  # noqa: PLC0415 - models exist only now
        from rounds.pages import panels  # noqa: PLC0415

        panels.add("client-header", 20, "Left", sections.left)
        panels.add("agreement", 10, "Invoices to come", sections.open_months)
        panels.add("prices", 10, "Invoices to come", sections.changed_prices)
        panels.add("void", 10, "What comes of it", sections.given_back)
        panels.add("order", 50, "What it came to", sections.came_to)
