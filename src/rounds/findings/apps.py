"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class FindingsConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.findings"
    label = "findings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what findings know to the pages of others."""
        from rounds.findings import sections  # noqa: PLC0415 - models can be imported only now

        panels.add("client", 10, "What is wrong", sections.wrong_at_client)
        panels.add("machine-header", 10, "State", sections.state_of_machine)
        panels.add("machine", 10, "What is wrong", sections.wrong_with_machine)
        panels.add("today", 10, "In trouble", sections.in_trouble)
        panels.add_search(30, "Findings", sections.find_findings)
