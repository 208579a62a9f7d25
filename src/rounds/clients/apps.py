"""The stage, as Django knows it."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.clients"
    label = "clients"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add this stage's sections to the client's page, and its answers to the search."""
        from rounds.clients import searching, sections  # noqa: PLC0415 - models exist only now
        from rounds.pages import panels  # noqa: PLC0415

        panels.add("client", 70, "Machines", sections.machines)
        panels.add("client", 80, "People", sections.people)
        panels.add("client", 90, "Agreements", sections.agreements)
        panels.add("today", 80, "Agreements", sections.agreements_today)
        panels.add_search(10, "Clients", searching.find_clients)
        panels.add_search(20, "Machines", searching.find_machines)
        panels.add_search(30, "People", searching.find_contacts)
