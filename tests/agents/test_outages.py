"""The agent's own sending against the server's own taking: a week apart, a disk set back, a clock with two summers."""

import os
import shutil
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rounds.agents import history, reading
from rounds.agents.models import CheckIn, State
from rounds.agents.storage import DAY, Asked
from rounds.clients.models import Machine
from rounds_agent.clock import Clock, write_moment
from rounds_agent.home import make_home
from rounds_agent.jobs import Jobs
from rounds_agent.others import Others
from rounds_agent.sending import Sender
from rounds_agent.spool import Spool
from rounds_agent.transport import Address, Line
from tests.agents.front import Running, check_in, enrolled

pytestmark = pytest.mark.django_db(transaction=True)

MINUTES_AWAY = 7 * 24 * 60 - 5 if "ROUNDS_LONG" in os.environ else 600


def _sender(front: Running, home: Path, secret: str) -> Sender:
    line = Line(Address(f"http://127.0.0.1:{front.port}"), timeout=20)
    return Sender(line, secret, Spool(home / "spool"), Clock(), (Jobs(home), Others(home)))


def _measure(sender: Sender, moment: float, load: float = 1.0) -> None:
    sender.spool.put({"v": 1, "taken_at": write_moment(moment), "samples": {"load.1": load}})


def _send_all(sender: Sender) -> None:
    for _ in range(50):
        sender.send(time.monotonic() + 60)
        if not len(sender.spool):
            return


def test_what_was_measured_in_a_week_without_the_server_comes_whole_and_the_newest_first(
    front: Running, srv01: Machine, tmp_path: Path
) -> None:
    make_home(tmp_path)
    sender, began = _sender(front, tmp_path, enrolled(srv01)[1]), time.time() - MINUTES_AWAY * 60
    for minute in range(MINUTES_AWAY):
        _measure(sender, began + minute * 60, minute / 4)

    _send_all(sender)

    numbers = list(CheckIn.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == list(range(MINUTES_AWAY, 0, -1))
    assert sender.spool.dropped == 0
    reading.pull()
    state = State.objects.get()
    assert (state.check_ins, state.samples) == (MINUTES_AWAY, {"load.1": (MINUTES_AWAY - 1) / 4})
    told = history.read(srv01.pk, Asked(int(began * 1000) - DAY, int(time.time() * 1000)))
    assert told.columns["load.1"] == [minute / 4 for minute in range(MINUTES_AWAY)]


def test_a_disk_that_was_set_back_to_a_snapshot_loses_nothing_that_is_measured_afterwards(
    front: Running, srv01: Machine, tmp_path: Path
) -> None:
    home, snapshot = tmp_path / "home", tmp_path / "snapshot"
    make_home(home)
    secret, began = enrolled(srv01)[1], time.time() - 3600
    sender = _sender(front, home, secret)
    for minute in range(3):
        _measure(sender, began + minute * 60, minute)
    shutil.copytree(home, snapshot)
    for minute in range(3, 9):
        _measure(sender, began + minute * 60, minute)
    _send_all(sender)

    shutil.rmtree(home)
    shutil.copytree(snapshot, home)
    set_back = _sender(front, home, secret)
    for minute in range(9, 12):
        _measure(set_back, began + minute * 60, minute)
        _send_all(set_back)

    told = history.read(srv01.pk, Asked(int(began * 1000) - DAY, int(time.time() * 1000)))
    assert told.columns["load.1"] == list(range(12))
    assert set_back.spool.epoch == 2
    assert len(set_back.spool) == 0


def test_the_hour_that_comes_twice_is_two_hours(front: Running, srv01: Machine) -> None:
    secret, first = enrolled(srv01)[1], datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    summer, winter = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    moments = [first.astimezone(summer), (first + timedelta(hours=1)).astimezone(winter)]

    for number, moment in enumerate(moments, 1):
        front.send(secret, check_in(number, taken_at=moment))

    assert moments[0].time() == moments[1].time()
    milliseconds = int(first.timestamp() * 1000)
    told = history.read(srv01.pk, Asked(milliseconds, milliseconds + DAY))
    assert list(told.times) == [milliseconds, milliseconds + 3_600_000]


@pytest.mark.parametrize("off_by", [timedelta(hours=-30), timedelta(minutes=-7), timedelta(minutes=9)])
def test_a_clock_that_jumps_changes_no_earlier_figure_and_no_judgement_of_silence(
    front: Running, srv01: Machine, off_by: timedelta
) -> None:
    secret, now = enrolled(srv01)[1], datetime.now(UTC).replace(microsecond=0)
    moments = [now - timedelta(minutes=2), now - timedelta(minutes=1) + off_by, now]

    for number, moment in enumerate(moments, 1):
        front.send(secret, check_in(number, taken_at=moment))
    reading.pull()

    state = State.objects.get()
    assert state.taken_at == max(moments)
    assert now <= state.seen_at <= datetime.now(UTC)
    assert CheckIn.objects.count() == state.check_ins == 3
