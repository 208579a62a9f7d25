"""`rounds web`: the web server alone."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from rounds.web.answering import serve_web


class Command(BaseCommand):
    """Serves pages and takes check-ins."""

    help = "Serve pages and check-ins; the ticker and the listener run beside it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--address", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: object, **options: object) -> None:
        """Serve."""
        del args
        serve_web(str(options["address"]), int(str(options["port"])))
