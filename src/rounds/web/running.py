"""Runs a whole installation in one terminal: what it starts, and what it says when it stands."""

import os
import socket
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from rounds.clients.models import Site
from rounds.people.models import User
from rounds.people.signing_in import one_time_link
from rounds.web.serving import Child, serve


def the_port() -> int:
    """The port to serve on: PORT, or 8000."""
    told = os.environ.get("PORT", "8000")
    if not told.isdecimal() or not 0 < int(told) < 65536:
        raise CommandError(f"PORT is “{told}”; it must be a number from 1 to 65535")
    return int(told)


def refuse_taken_port(address: str, port: int) -> None:
    """Say what to do if somebody else serves on the port, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            raise CommandError(f"port {port} is in use; choose another: make run PORT={port + 1}") from None


def children(address: str, port: int, watched: Site | None = None) -> list[Child]:
    """The processes of an installation: web server, ticker, listener for alert mail, and the agent of this machine."""
    rounds = [sys.executable, "-m", "rounds.web"]
    kept = [
        Child("web", [*rounds, "web", "--address", address, "--port", str(port)]),
        Child("ticker", [*rounds, "tick", "--forever"]),
        Child("listener", [*rounds, "listen"]),
    ]
    if watched is not None:
        kept.append(Child("agent", [*rounds, "watch", str(watched.pk), "--port", str(port)]))
    return kept


def prepare_database() -> None:
    """Make or bring up to date the tables."""
    call_command("migrate", verbosity=0, interactive=False)


def run(watched: Site, owner: User, *, more: tuple[str, ...] = ()) -> None:
    """Serve until stopped, and say where to look; whoever never signed in gets his one-time link."""
    port = the_port()
    refuse_taken_port("127.0.0.1", port)
    lines = [f"Rounds is at {settings.SITE_URL}   (Ctrl-C stops it; everything is in {settings.HOME})"]
    if owner.last_login is None:
        lines.append(f"Sign in as the owner, once, with: {one_time_link(owner)}")
    lines += [f"This machine is watched: {settings.SITE_URL}/machines/ shows its figures within a minute.", *more]
    serve(children("127.0.0.1", port, watched), is_ready=lambda: print("\n".join(lines), flush=True))
