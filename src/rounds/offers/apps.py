"""The stage, as Django knows it."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.offers"
    label = "offers"
    default_auto_field = "django.db.models.BigAutoField"
