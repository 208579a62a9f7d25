"""Samples sent on: VictoriaMetrics takes them as any store does, and a store that is away for a while loses none."""

import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import cramjam
import pytest

from rounds.agents import remote, sealing
from rounds.agents.models import Agent, CheckIn, Cursor
from rounds.clients.models import Machine
from tests.agents.test_sealing import MIDNIGHT, TWO_IN_THE_NIGHT, _keep, agent
from tests.agents.victoria import running_victoria

__all__ = ["agent"]
pytestmark = pytest.mark.django_db


class Store:
    """A store that answers what it is told to, and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.got.append((headers, body))
        return self.answers.pop(0) if self.answers else 204


@contextmanager
def running(store: Store) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(store.take(dict(self.headers), body))
            self.end_headers()

        def log_message(self, *_about: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}/api/v1/write"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def store(settings: Any) -> Iterator[Store]:
    store = Store()
    with running(store) as address:
        settings.REMOTE_WRITE = f"http://{address}"
        yield store


def _read_up_to() -> int:
    return Cursor.objects.get(reader=remote.READER).last_id


def test_a_store_answers_with_the_figures_under_the_names_that_people_know(
    agent: Agent, srv01: Machine, settings: Any
) -> None:
    _keep(agent, range(600))
    with running_victoria() as address:
        settings.REMOTE_WRITE = f"{address}/api/v1/write"

        assert remote.feed(TWO_IN_THE_NIGHT) == 600
        assert remote.feed(TWO_IN_THE_NIGHT) == 0

        load = _series(address, "rounds_load_1")
        disk = _series(address, "rounds_disk_used_percent")
    assert [value for _, value in load["samples"]] == [float(minute) for minute in range(600)]
    assert load["samples"][0][0] == MIDNIGHT.timestamp() * 1000
    assert load["metric"]["machine"] == srv01.name
    assert load["metric"]["client"] == srv01.site.client.name
    assert disk["metric"]["place"] == "/srv"


def _series(address: str, name: str) -> dict[str, Any]:
    with urlopen(f"{address}/internal/force_flush", timeout=30):  # noqa: S310 - a loopback port
        pass
    query = urlencode({"match[]": f'{{__name__="{name}"}}', "start": MIDNIGHT.timestamp()})
    for _ in range(40):
        with urlopen(f"{address}/api/v1/export?{query}", timeout=30) as reply:  # noqa: S310 - a loopback port
            lines = reply.read().splitlines()
        if lines:
            said = json.loads(lines[0])
            return {"metric": said["metric"], "samples": list(zip(said["timestamps"], said["values"], strict=True))}
        time.sleep(0.25)
    raise AssertionError(f"no series {name}")


def test_without_a_store_nothing_is_sent(agent: Agent) -> None:
    _keep(agent, range(3))

    assert remote.feed(TWO_IN_THE_NIGHT) == 0
    assert not Cursor.objects.filter(reader=remote.READER).exists()


@pytest.mark.parametrize("answer", [429, 500, 503])
def test_a_store_that_is_busy_gets_the_same_again(agent: Agent, store: Store, answer: int) -> None:
    _keep(agent, range(3))
    store.answers = [answer]

    assert remote.feed(TWO_IN_THE_NIGHT) == 0
    assert _read_up_to() == 0
    assert remote.feed(TWO_IN_THE_NIGHT) == 3

    (_, first), (_, second) = store.got
    assert first == second


def test_what_a_store_refuses_for_good_is_left_out_there_and_holds_nothing_up(agent: Agent, store: Store) -> None:
    _keep(agent, range(3))
    store.answers = [400]

    assert remote.feed(TWO_IN_THE_NIGHT) == 3
    assert remote.feed(TWO_IN_THE_NIGHT) == 0


def test_a_store_that_is_not_there_is_tried_again(agent: Agent, settings: Any) -> None:
    settings.REMOTE_WRITE = "http://127.0.0.1:9/api/v1/write"
    _keep(agent, range(3))

    assert remote.feed(TWO_IN_THE_NIGHT) == 0
    assert _read_up_to() == 0


@pytest.mark.parametrize(
    ("who", "token", "sent"),
    [("grafana:se%40cret@", "", "Basic Z3JhZmFuYTpzZUBjcmV0"), ("", "abc", "Bearer abc"), ("", "", None)],
)
def test_a_store_may_want_to_know_who_sends(
    agent: Agent, store: Store, settings: Any, who: str, token: str, sent: str | None
) -> None:
    settings.REMOTE_WRITE = settings.REMOTE_WRITE.replace("http://", f"http://{who}")
    settings.REMOTE_WRITE_TOKEN = token
    _keep(agent, range(1))

    remote.feed(TWO_IN_THE_NIGHT)

    ((headers, body),) = store.got
    assert headers.get("Authorization") == sent
    assert headers["X-Prometheus-Remote-Write-Version"] == "0.1.0"
    assert struct.pack("<d", 50.0) in bytes(cramjam.snappy.decompress_raw(body))


def test_check_ins_wait_for_the_store_for_two_days_and_no_longer(agent: Agent, store: Store) -> None:
    _keep(agent, range(3))
    store.answers = [503]
    remote.feed(TWO_IN_THE_NIGHT)

    early = sealing.pull(TWO_IN_THE_NIGHT, seconds=60)
    late = sealing.pull(MIDNIGHT + timedelta(days=3), seconds=60)

    assert (early, late) == (0, 1)
    assert not CheckIn.objects.exists()
    assert remote.feed(MIDNIGHT + timedelta(days=3)) == 0
