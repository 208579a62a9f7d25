"""`rounds watch SITE`: enrol this very machine at a site, once, and become its agent."""

import http.client
import os
import subprocess
import sys
import time
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rounds.agents.enrolling import Offer, make_token
from rounds.clients.models import Site
from rounds.people.shop import the_shop

WAIT_SECONDS = 60


class Command(BaseCommand):
    """Waits for the server, enrols if this installation's agent is not enrolled yet, and runs the agent."""

    help = "Watch this machine with an agent of its own, enrolled at a site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which site, and where the server is."""
        parser.add_argument("site", type=int)
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: object, **options: object) -> None:
        """Enrol and watch; this process becomes the agent, so that it has no memory of Django."""
        del args
        port = int(str(options["port"]))
        wait_for_server(port)
        home = settings.HOME / "agent"
        agent = [sys.executable, "-m", "rounds_agent"]
        if not (home / "config.json").exists():
            _, token = make_token(Site.objects.get(pk=str(options["site"])), Offer(), by=None, at=timezone.now())
            server = ["--server", f"http://127.0.0.1:{port}", "--plain-http", "--token", token]
            if the_shop().is_sample:  # whose devices stand on this machine
                server += ["--watch-networks", "127.0.0.0/8"]
            if subprocess.run([*agent, "enrol", "--home", home, *server], check=False).returncode:
                raise CommandError("this machine could not be enrolled; it is tried again")
        os.execv(sys.executable, [sys.executable, "-I", "-m", "rounds_agent", "run", "--home", str(home)])  # noqa: S606


def wait_for_server(port: int) -> None:
    """Wait until the server answers at all."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("HEAD", "/account/login/")
            connection.getresponse()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise CommandError(f"the server on port {port} does not answer")
