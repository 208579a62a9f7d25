"""The stage, as Django knows it."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"
