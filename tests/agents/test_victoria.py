"""Samples in VictoriaMetrics, Debian's own: the same figures are read as from chunks, and none is let go early."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.request import urlopen

import pytest
from django.db import connections

from rounds.agents import history, sealing, victoria
from rounds.agents.figures import Names
from rounds.agents.models import Agent, CheckIn, Chunk, Cursor
from rounds.agents.storage import DAY, STEPS, Asked, NotYet
from rounds.clients.models import Machine
from rounds.core.packing import Table
from tests.agents.test_sealing import TWO_IN_THE_NIGHT, _asked, _keep, agent
from tests.agents.victoria import running_victoria

__all__ = ["agent"]
PATIENCE = 120  # looks, a quarter of a second apart


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_victoria() as address:
        yield address


@pytest.fixture
def used(address: str, settings: Any) -> str:
    settings.VICTORIA = address
    return address


def _show(address: str) -> None:
    """Let it show what it has taken; by itself it does so a second or two later."""
    with urlopen(f"{address}/internal/force_flush", timeout=30):  # noqa: S310 - a loopback port
        pass


def _seal_until_it_is_done(address: str, at: datetime = TWO_IN_THE_NIGHT) -> int:
    """A day whose samples are not seen yet waits for the next time."""
    sealed = 0
    for _ in range(PATIENCE):
        sealed += sealing.pull(at, seconds=60)
        if not CheckIn.objects.exists():
            return sealed
        _show(address)
        time.sleep(0.25)
    return sealed


def test_figures_are_the_same_wherever_they_are_kept(used: str, agent: Agent, srv01: Machine) -> None:
    _keep(agent, [*range(600), *range(700, 1440)])
    before = {step: history.read(srv01.pk, _asked(step=step)) for step in (0, *STEPS)}

    victoria.feed(TWO_IN_THE_NIGHT)
    Cursor.objects.filter(reader=victoria.READER).update(last_id=0)
    victoria.feed(TWO_IN_THE_NIGHT)  # as after a kill between sending and noting it
    sealed = _seal_until_it_is_done(used)

    assert sealed == 1
    assert not CheckIn.objects.exists()
    assert not Chunk.objects.exists()
    for step, told in before.items():
        for _ in range(PATIENCE):
            kept = history.read(srv01.pk, _asked(step=step))
            if list(kept.times) == list(told.times) and kept.columns.keys() == told.columns.keys():
                break
            _show(used)
            time.sleep(0.25)
        assert list(kept.times) == list(told.times)
        assert kept.columns.keys() == told.columns.keys()
        for name, column in told.columns.items():
            if not name.endswith("|p95"):  # it takes the percentile between two figures
                assert kept.columns[name] == pytest.approx(column, rel=1e-5)


def test_some_figures_alone_are_asked_for(used: str, agent: Agent, srv01: Machine) -> None:
    table = Table([1000, 2000], {"a.b": [1.0, 2.0], "disk.used_percent@/srv": [None, 3.0], "a_b": [5.0, float("inf")]})
    keeper = victoria.Victoria(used)
    keeper.send({srv01.pk: table})
    asked = Asked(0, DAY, 0, Names(exact=("a.b",), beginnings=("disk.used_percent@",)))
    for _ in range(PATIENCE):
        told = keeper.read(srv01.pk, asked)
        if len(told.columns) == 2:
            break
        _show(used)
        time.sleep(0.25)

    assert told.columns == {"a.b": [1.0, 2.0], "disk.used_percent@/srv": [None, 3.0]}


def test_a_day_that_it_lost_is_sent_again_before_check_ins_go(used: str, agent: Agent, srv01: Machine) -> None:
    _keep(agent, [1440 * 3 + minute for minute in range(30)])  # another day than the other tests'
    Cursor.objects.create(reader=victoria.READER, last_id=2**40)  # it says that it had them

    first = sealing.pull(TWO_IN_THE_NIGHT + timedelta(days=3), seconds=60)

    assert first == 0
    assert CheckIn.objects.count() == 30
    assert _seal_until_it_is_done(used, TWO_IN_THE_NIGHT + timedelta(days=3)) == 1
    assert not CheckIn.objects.exists()


def test_while_it_does_not_answer_check_ins_stay_and_are_read(settings: Any, agent: Agent, srv01: Machine) -> None:
    settings.VICTORIA = "http://127.0.0.1:9"
    _keep(agent, range(5))

    with pytest.raises(NotYet, match="does not answer"):
        victoria.feed(TWO_IN_THE_NIGHT)
    sealing.pull(TWO_IN_THE_NIGHT, seconds=5)

    assert CheckIn.objects.count() == 5
    assert len(history.read(srv01.pk, _asked()).times) == 5


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_it_answers(settings: Any, agent: Agent) -> None:
    ours, seen = connections["default"], []

    class Noting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(ours.in_atomic_block)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    _keep(agent, range(5))
    with HTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        settings.VICTORIA = f"http://127.0.0.1:{server.server_port}"
        sent = victoria.feed(TWO_IN_THE_NIGHT)

    assert sent == 5
    assert seen == [False]
    assert victoria.feed(TWO_IN_THE_NIGHT) == 0


def test_a_shop_that_went_back_seals_into_chunks(settings: Any, agent: Agent, srv01: Machine) -> None:
    settings.VICTORIA = ""
    Cursor.objects.create(reader=victoria.READER, last_id=0)
    _keep(agent, range(5))

    assert sealing.pull(TWO_IN_THE_NIGHT, seconds=60) == 1
