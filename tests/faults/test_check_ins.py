"""Check-ins under `kill -9` of the web server: what was acknowledged is there, each number once, each effect once."""

import http.client
import json
import os
import random
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.installation import Installation, installation

AGENTS, NUMBERS, KILLS = 8, 60, 4


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("check-ins") / "home") as made:
        made.run("rounds.web", "migrate", "-v0")
        yield made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A web server of an installation, which can be killed and started again on its port."""

    def __init__(self, place: Installation) -> None:
        self.place, self.port = place, _free_port()
        self.start()

    def start(self) -> None:
        self.process = self.place.start("rounds.web", "web", "--port", str(self.port))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def server(place: Installation) -> Iterator[Server]:
    server = Server(place)
    yield server
    server.kill()


def _post(port: int, path: str, told: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("POST", path, zlib.compress(json.dumps(told).encode()), headers)
        reply = line.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        line.close()


def _send(port: int, secret: str, number: int) -> bool:
    told = {"v": 1, "epoch": 1, "number": number, "taken_at": datetime.now(UTC).isoformat(), "samples": {"load.1": 1.0}}
    headers = {"Authorization": f"Bearer {secret}", "Content-Encoding": "deflate"}
    try:
        return _post(port, "/check-in", told, headers)[0] == 200
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _agent(port: int, secret: str, seed: int, acknowledged: set[int]) -> None:
    """Send every number until it is acknowledged, shuffled, some of them again."""
    order = list(range(1, NUMBERS + 1))
    random.Random(seed).shuffle(order)  # noqa: S311
    while order:
        number = order.pop(0)
        if _send(port, secret, number):
            acknowledged.add(number)
            if number % 7 == 0:
                _send(port, secret, number)
        else:
            order.append(number)
            time.sleep(0.02)


def test_what_was_acknowledged_is_kept_once_whenever_the_server_was_killed(place: Installation, server: Server) -> None:
    secrets = place.run("tests.faults.enrolling", str(AGENTS)).split()
    acknowledged: list[set[int]] = [set() for _ in secrets]
    senders = [
        threading.Thread(target=_agent, args=(server.port, secret, seed, acknowledged[seed]), daemon=True)
        for seed, secret in enumerate(secrets)
    ]
    for sender in senders:
        sender.start()

    for _ in range(KILLS):
        seen = sum(map(len, acknowledged))
        end = time.monotonic() + 30
        while sum(map(len, acknowledged)) < seen + AGENTS * NUMBERS // 8 and time.monotonic() < end:
            time.sleep(0.01)
        server.kill()
        server.start()
    for sender in senders:
        sender.join(60)

    told = json.loads(place.run("tests.faults.enrolling", "count"))
    assert [len(one) for one in acknowledged] == [NUMBERS] * AGENTS
    assert told == {"rows": AGENTS * NUMBERS, "distinct": AGENTS * NUMBERS, "pulled": [AGENTS * NUMBERS, 0]}


def test_the_agent_itself_is_enrolled_and_heard(place: Installation, server: Server, tmp_path: Path) -> None:
    token = place.run("tests.faults.enrolling", "token").strip()
    home = str(tmp_path / "agent")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            break
        except OSError:
            time.sleep(0.05)

    told = place.run(
        "rounds_agent", "enrol", "--server", f"http://127.0.0.1:{server.port}", "--token", token, "--home", home
    )
    agent = place.start("rounds_agent", "run", "--home", home, "--every", "0.5")
    try:
        while time.monotonic() < end and json.loads(place.run("tests.faults.enrolling", "seen"))["check_ins"] < 3:
            time.sleep(0.2)
    finally:
        agent.kill()
        agent.communicate()

    seen = json.loads(place.run("tests.faults.enrolling", "seen"))
    assert "is enrolled as" in told
    assert seen["check_ins"] >= 3
    assert seen["kernel"] == os.uname().release
