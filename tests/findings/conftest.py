"""Machines with agents that report, for the tests of findings."""

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rounds.agents.models import Agent, CheckIn, Token
from rounds.clients.models import Client, Machine, Site

NOON = datetime(2026, 4, 14, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

type Report = Callable[..., CheckIn]


def enrol(machine: Machine, at: datetime = NOON - timedelta(days=30)) -> Agent:
    """Give a machine an agent."""
    kept = {"site": machine.site, "token_sha256": f"{machine.pk:064x}", "made_at": at, "expires_at": at}
    token = Token.objects.create(**kept)
    return Agent.objects.create(
        machine=machine, token=token, instance=f"{machine.pk:032x}", secret_sha256=f"{machine.pk:064x}", enrolled_at=at
    )


@pytest.fixture
def report() -> Report:
    """Keep a check-in of a machine, measured at a minute after noon, received then or so many minutes later."""
    numbers: dict[int, int] = {}

    def keep(machine: Machine, minute: float, used: float = 50.0, *, after: float = 0.0, **said: Any) -> CheckIn:
        agent = Agent.objects.filter(machine=machine).first() or enrol(machine)
        number = numbers[machine.pk] = numbers.get(machine.pk, 0) + 1
        body = {
            "v": 1, "epoch": 1, "number": number, "taken_at": (NOON + minute * MINUTE).isoformat(),
            "samples": {"memory.used_percent": 40.0, "load.5": 0.1}, "disks": {"/var": {"used_percent": used}},
            "facts": {"hardware": {"cores": 2}}, "probes": {}, "results": [],
        } | said  # fmt: skip
        return CheckIn.objects.create(
            agent=agent, epoch=1, number=number, taken_at=NOON + minute * MINUTE,
            received_at=NOON + (minute + after) * MINUTE, body=zlib.compress(json.dumps(body).encode()),
        )  # fmt: skip

    return keep


@pytest.fixture
def other_site(elm: Client) -> Machine:
    """A server of another client."""
    return Machine.objects.create(site=Site.objects.get(client=elm), name="ELM-SRV", kind="server")
