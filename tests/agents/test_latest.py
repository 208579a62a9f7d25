"""The state of a machine is the same whether its check-ins are read for what can have changed, or whole."""

import json
import random
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rounds.agents import reading
from rounds.agents.glances import pack
from rounds.agents.models import Agent, CheckIn, OpenDay, State
from rounds.clients.models import Client, Machine
from tests.agents.front import enrolled

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BROKEN = {"updates": "error: apt-get: exit status 100"}


@dataclass
class Told:
    """What a check-in tells."""

    samples: dict[str, float]
    disks: dict[str, dict[str, float]]
    probes: dict[str, str]
    facts: dict[str, Any]
    results: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    watches: list[Any] = field(default_factory=list)


def _told(chance: random.Random) -> Told:
    samples = {
        name: chance.uniform(0, 100) for name in ("processor.percent", "memory.used_percent") if chance.random() < 0.8
    }
    disks = {disk: {"used_percent": float(chance.randrange(100))} for disk in ("/", "/srv") if chance.random() < 0.7}
    facts = {
        name: {"pending": chance.randrange(9), "name": f"Debian {chance.randrange(9)}"} for name in ("updates", "os")
    }
    return Told(samples, disks, BROKEN if chance.random() < 0.2 else {}, facts if chance.random() < 0.2 else {})


def _keep(agent: Agent, number: int, taken_at: datetime, told: Told, *, with_glance: bool) -> None:
    body = {"v": 1, "epoch": 1, "number": number, "taken_at": taken_at.isoformat(), **vars(told)}
    CheckIn.objects.create(
        agent=agent, epoch=1, number=number, taken_at=taken_at, received_at=NOON + timedelta(minutes=number),
        body=zlib.compress(json.dumps(body).encode()), glance=pack(told) if with_glance else None,
    )  # fmt: skip


def _known(machine: Machine) -> dict[str, Any]:
    state = State.objects.values().get(machine=machine)
    return {name: value for name, value in state.items() if name not in {"machine_id", "agent_id"}}


@pytest.fixture
def both(srv01: Machine, elm: Client) -> tuple[Agent, Agent]:
    """Two machines that tell the same."""
    return enrolled(srv01)[0], enrolled(Machine.objects.create(site=elm.sites.get(), name="PC"))[0]


@pytest.mark.parametrize("seed", range(20))
def test_in_whatever_order_check_ins_come(both: tuple[Agent, Agent], seed: int) -> None:
    chance, numbers = random.Random(seed), count(1)  # noqa: S311 - a story, no secret
    for _ in range(8):
        for number in islice(numbers, chance.randint(1, 4)):
            taken_at, told = NOON + timedelta(minutes=chance.randrange(40)), _told(chance)
            for agent, with_glance in zip(both, (True, False), strict=True):
                _keep(agent, number, taken_at, told, with_glance=with_glance)
        reading.pull()

        assert _known(both[0].machine) == _known(both[1].machine)


def test_what_a_check_in_cannot_have_changed_is_not_written(both: tuple[Agent, Agent]) -> None:
    agent, _ = both
    _keep(agent, 1, NOON, Told({}, {}, {}, {"os": {"name": "Debian 13"}}), with_glance=True)
    reading.pull()
    _keep(agent, 2, NOON + timedelta(minutes=1), Told({"processor.percent": 7.0}, {}, {}, {}), with_glance=True)

    with CaptureQueriesContext(connection) as asked:
        reading.pull()

    state = State.objects.get()
    assert (state.processor_percent, state.os_name, state.check_ins) == (7.0, "Debian 13", 2)
    of_states = [one["sql"] for one in asked if "agents_state" in one["sql"]]
    assert of_states
    assert not any("facts" in sql or "os_name" in sql for sql in of_states)


def test_a_day_is_noted_once_for_every_agent(both: tuple[Agent, Agent]) -> None:
    for number in (1, 2, 3):
        for agent in both:
            _keep(agent, number, NOON + timedelta(hours=number * 8), Told({}, {}, {}, {}), with_glance=True)
        reading.pull()

    days = sorted(OpenDay.objects.values_list("day", "agent"))
    first = (NOON - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert days == sorted((day, agent.pk) for agent in both for day in (first, first + 1))
