"""What check-ins tell beside figures: facts when they are new, events once, in whatever order they come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rounds.agents import learning
from rounds.agents.models import Agent, FactVersion, LogEvent
from rounds.clients.models import Machine
from tests.agents.front import check_in, enrolled, kept

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def _told(agent: Agent, number: int, minutes: int, **more: Any) -> None:
    moment = NOON + timedelta(minutes=minutes)
    kept(agent, check_in(number, taken_at=moment, **more))


def test_a_fact_that_changed_is_told_and_one_that_did_not_is_not(srv01: Machine) -> None:
    agent, _ = enrolled(srv01)
    for number, kernel in enumerate(["25", "25", "26"], 1):
        _told(agent, number, number, facts={"os": {"name": "Debian", "kernel": kernel}})

    learning.pull()
    learning.pull()

    (change,) = learning.changes(srv01.pk, most=20)
    assert change.at == NOON + timedelta(minutes=3)
    assert change.lines == ["kernel: 25, now 26"]


def test_a_backlog_that_comes_backwards_tells_the_same_changes(srv01: Machine) -> None:
    agent, _ = enrolled(srv01)
    for number in (6, 5, 4, 3, 2, 1):
        _told(agent, number, number, facts={"administrators": {"names": ["root"] if number < 4 else ["eve", "root"]}})
        learning.pull()

    (change,) = learning.changes(srv01.pk, most=20)
    assert change.at == NOON + timedelta(minutes=4)
    assert FactVersion.objects.filter(machine=srv01).exists()


def test_an_event_that_is_told_twice_is_one(srv01: Machine) -> None:
    agent, _ = enrolled(srv01)
    event = {"id": "s=1;i=2", "at": NOON.isoformat(), "source": "sshd.service", "level": "error", "text": "refused"}
    _told(agent, 1, 1, events=[event])
    _told(agent, 2, 2, events=[event])

    learning.pull()

    assert [one.text for one in LogEvent.objects.filter(machine=srv01)] == ["refused"]
    learning.age(NOON + timedelta(days=91))
    assert not LogEvent.objects.exists()
