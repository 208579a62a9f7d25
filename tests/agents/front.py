"""A front on a real port, over the test's own database, and what an agent sends to it."""

import asyncio
import hashlib
import http.client
import json
import secrets
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils import timezone

from rounds.agents.enrolling import Asked, Offer, enrol, make_token
from rounds.agents.models import Agent, CheckIn
from rounds.clients.models import Machine
from rounds.web.answering import answer
from rounds.web.bridge import Wsgi
from rounds.web.front import Front


def enrolled(machine: Machine) -> tuple[Agent, str]:
    """An agent of a machine, and its secret."""
    secret = secrets.token_urlsafe(32)
    _, token = make_token(machine.site, Offer(machine=machine), by=None, at=timezone.now())
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    return enrol(Asked(token=token, instance=secrets.token_hex(16), secret_sha256=hashed), at=timezone.now()), secret


def check_in(number: int, *, taken_at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """A check-in as an agent sends it."""
    moment = (taken_at or datetime.now(UTC)).isoformat()
    samples = {"processor.percent": 3.0, "memory.used_percent": 40.0}
    return {"v": 1, "epoch": 1, "number": number, "taken_at": moment, "samples": samples, **more}


def kept(agent: Agent, told: dict[str, Any]) -> CheckIn:
    """A check-in as the front keeps it."""
    taken_at = datetime.fromisoformat(told["taken_at"])
    body = zlib.compress(json.dumps(told).encode())
    return CheckIn.objects.create(
        agent=agent, epoch=told["epoch"], number=told["number"], taken_at=taken_at, received_at=taken_at, body=body
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """The address of a front that runs."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request; status, headers, body."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # refused early: its answer may be here
                line.request(method, path, body or None, headers or {})
            reply = line.getresponse()
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
        finally:
            line.close()

    def send(self, secret: str, told: dict[str, Any] | bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        """Send a check-in; a mapping is packed, bytes go as they are."""
        body = told if isinstance(told, bytes) else zlib.compress(json.dumps(told).encode())
        sent = {"Authorization": f"Bearer {secret}", "Content-Encoding": "deflate", **headers}
        status, _, answer = self.ask("POST", "/check-in", body, sent)
        return status, json.loads(answer)

    def send_many(self, secret: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Send a batch as it is."""
        sent = {"Authorization": f"Bearer {secret}", "Content-Type": "application/octet-stream"}
        status, _, answer = self.ask("POST", "/check-ins", body, sent)
        return status, json.loads(answer)


@contextmanager
def running_front(application: Wsgi | None = None) -> Iterator[Running]:
    """Run a front in a thread of this process, as serving.py does in one of its own."""
    port = free_port()
    started, stop = threading.Event(), threading.Event()
    kept_open, connection.settings_dict["CONN_MAX_AGE"] = connection.settings_dict["CONN_MAX_AGE"], 0

    async def serve() -> None:
        stopped = asyncio.Event()
        asyncio.get_running_loop().run_in_executor(None, _wait_and_stop, asyncio.get_running_loop(), stopped)
        started.set()
        await answer(Front(application or get_wsgi_application()), "127.0.0.1", port, stopped)

    def _wait_and_stop(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
        stop.wait()
        loop.call_soon_threadsafe(stopped.set)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        started.wait(10)
        _wait_for(port)
        yield Running(port)
    finally:
        stop.set()
        thread.join(20)
        connection.settings_dict["CONN_MAX_AGE"] = kept_open


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            threading.Event().wait(0.02)
        else:
            return
