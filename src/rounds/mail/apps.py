"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class MailConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what alert mail knows to the pages of others."""
        from rounds.mail import sections  # noqa: PLC0415 - models can be imported only now

        panels.add("client", 60, "Alert mail", sections.sources_of_client)
        panels.add("today", 25, "Alert mail", sections.waiting_mails)
        panels.add_search(60, "Alert mail", sections.find_mail)
