"""The stage, as Django knows it."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.pages"
    label = "pages"
    default_auto_field = "django.db.models.BigAutoField"
