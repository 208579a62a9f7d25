"""Check-ins under `kill -9` of the web server: what was acknowledged is there, each number once, each effect once."""

import http.client
import json
import os
import random
import resource
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.installation import Installation, installation, is_postgresql

# `make proofs` asks for a hundred agents with 900 check-ins each.
IS_LONG = "ROUNDS_LONG" in os.environ
AGENTS, NUMBERS, KILLS, LOST_ONE_IN = (100, 900, 12, 20) if IS_LONG else (8, 60, 4, 10)
PATIENCE = 1800 if IS_LONG else 60


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("empty") / "home") as made:
        made.run("rounds.web", "migrate", "-v0")
        yield made


@pytest.fixture(scope="module")
def place(empty: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("check-ins") / "home", like=empty) as made:
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


def _packed(secret: str, number: int) -> tuple[bytes, dict[str, str]]:
    """A check-in and its headers; the disk is full in all of them, so that one finding opens, and only one."""
    moment = datetime.now(UTC).isoformat()
    told = {"v": 1, "epoch": 1, "number": number, "taken_at": moment, "disks": {"/": {"used_percent": 97.0}}}
    return zlib.compress(json.dumps(told).encode()), {
        "Authorization": f"Bearer {secret}",
        "Content-Encoding": "deflate",
    }


class Sending:
    """An agent that sends every number until it is acknowledged: shuffled, some twice, some answers never read.

    Killed and started again at any moment, it knows only what it had noted of its acknowledgements: it sends again
    what was under way.
    """

    def __init__(self, port: int, secret: str, seed: int) -> None:
        self.port, self.secret, self.chance = port, secret, random.Random(seed)  # noqa: S311
        self.acknowledged: set[int] = set()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while len(self.acknowledged) < NUMBERS:
            order = [number for number in range(1, NUMBERS + 1) if number not in self.acknowledged]
            self.chance.shuffle(order)
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            dies_after = self.chance.randrange(1, 200)
            try:
                for number in order[:dies_after]:
                    self._send(line, number)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.02)
            finally:
                line.close()

    def _send(self, line: http.client.HTTPConnection, number: int) -> None:
        for _ in range(2 if number % 7 == 0 else 1):
            line.request("POST", "/check-in", *_packed(self.secret, number))
            if self.chance.randrange(LOST_ONE_IN) == 0:
                line.close()  # the answer is lost, whether it was kept or not
                return
            reply = line.getresponse()
            told = json.loads(reply.read())
            if reply.status != 200 or told["received"] != number:
                raise ValueError(told)
            self.acknowledged.add(number)


def test_what_was_acknowledged_is_kept_once_whenever_the_server_was_killed(place: Installation, server: Server) -> None:
    secrets = place.run("tests.faults.enrolling", str(AGENTS)).split()
    agents = [Sending(server.port, secret, seed) for seed, secret in enumerate(secrets)]
    for agent in agents:
        agent.thread.start()

    for _ in range(KILLS):
        seen = sum(len(agent.acknowledged) for agent in agents)
        end = time.monotonic() + PATIENCE / 2
        while sum(len(agent.acknowledged) for agent in agents) < seen + AGENTS * NUMBERS // (KILLS * 2):
            assert time.monotonic() < end
            time.sleep(0.01)
        server.kill()
        server.start()
    for agent in agents:
        agent.thread.join(PATIENCE)

    told = json.loads(place.run("tests.faults.enrolling", "count"))
    assert [len(agent.acknowledged) for agent in agents] == [NUMBERS] * AGENTS
    assert told["rows"] == told["distinct"] == AGENTS * NUMBERS
    assert told["pulled"] == [AGENTS * NUMBERS, 0]
    assert told["known"] == AGENTS * NUMBERS
    assert told["findings"] == AGENTS


@pytest.mark.skipif(is_postgresql(), reason="the limit is one of the process that writes the file")
def test_a_full_disk_of_the_server_refuses_for_now_and_takes_it_afterwards(place: Installation, server: Server) -> None:
    secret = place.run("tests.faults.enrolling", "1").strip()
    end = time.monotonic() + 60
    while (first := _answer(server.port, secret, 1)) != (200, ""):
        assert time.monotonic() < end, first
        time.sleep(0.1)

    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    while_full = [_answer(server.port, secret, number) for number in (2, 3)]
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    afterwards = [_answer(server.port, secret, number) for number in (2, 3)]

    assert while_full == [(503, "the server's disk is full, or cannot be written to")] * 2
    assert afterwards == [(200, "")] * 2


def _answer(port: int, secret: str, number: int) -> tuple[int, str]:
    """The status with which a check-in is answered, 0 if it is not, and the reason of a refusal."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("POST", "/check-in", *_packed(secret, number))
        reply = line.getresponse()
        told = json.loads(reply.read())
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        line.close()
    assert told.get("drop") is not True
    return reply.status, told.get("reason", "")


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


def test_sealing_that_is_killed_at_any_statement_loses_nothing_and_keeps_nothing_twice(
    empty: Installation, tmp_path: Path
) -> None:
    with installation(tmp_path / "home", like=empty) as place:
        told = json.loads(place.run("tests.faults.sealing"))

    assert told["kills"] > 10
    assert told["figures"] == told["numbers"] == 400
    assert (told["same"], told["whole"], told["chunks"]) == (True, True, True)
    assert (told["rows"], told["days"]) == (0, 0)
