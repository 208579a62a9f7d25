"""The stage, as Django knows it."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
