"""`rounds serve`: web server, ticker and listener of a shop that is set up, on one machine."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from rounds.web.running import children, refuse_taken_port, the_port
from rounds.web.serving import serve


class Command(BaseCommand):
    """Starts the processes and keeps them running."""

    help = "Serve the shop: web server, ticker and listener for alert mail, started again when one ends."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--address", default="127.0.0.1", help="the address to listen on (127.0.0.1)")

    def handle(self, *args: object, **options: object) -> None:
        """Serve."""
        del args
        address, port = str(options["address"]), the_port()
        refuse_taken_port(address, port)
        serve(children(address, port), is_ready=lambda: self.stdout.write(f"Rounds serves on {address}, port {port}"))
