"""`rounds tick`: run every stage's pulls once, or for ever."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone

from rounds.web.steps import STEPS
from rounds.web.ticking import tick, tick_for_ever


class Command(BaseCommand):
    """Runs the stages in order."""

    help = "Run every stage's pulls once; --forever goes on until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--forever", action="store_true")

    def handle(self, *args: object, **options: object) -> None:
        """Tick."""
        del args
        if options["forever"]:
            tick_for_ever(STEPS)
        tick(STEPS, {}, timezone.now())
