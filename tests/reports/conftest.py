"""A client that is watched: a server with an agent that was heard just now, for the tests of daily reports."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rounds.agents.models import Agent, State, Token
from rounds.clients.models import Client, Machine
from rounds.upkeep.models import Duty, Routine

SIX = datetime(2026, 4, 14, 10, tzinfo=UTC)  # Tuesday, 06:00 on the shop's clock
MORNING = SIX + timedelta(minutes=1)
TODAY = date(2026, 4, 14)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WELL_FACTS: dict[str, Any] = {
    "os": {"family": "linux", "name": "Debian"},
    "boot": {"booted_at": (SIX - 40 * DAY).isoformat()},
    "updates": {"pending": 0, "security": 0},
    "antivirus": {"products": [{"product": "ClamAV", "is_active": True, "signatures_at": (SIX - HOUR).isoformat()}]},
    "backups": {"runs": [{"product": "restic", "last_at": (SIX - 4 * HOUR).isoformat()}]},
    "software": {"packages": {"openssl": "3.0"}},
}

type Watch = Callable[..., State]


def watch(machine: Machine, *, seen_at: datetime = SIX, facts: dict[str, Any] | None = None, **told: Any) -> State:
    """Give a machine an agent and a state in which all is well, but for what is told otherwise."""
    agent = Agent.objects.filter(machine=machine).first()
    if agent is None:
        token = Token.objects.create(site=machine.site, token_sha256=f"{machine.pk:064x}", expires_at=SIX)
        agent = Agent.objects.create(
            machine=machine, token=token, instance=f"{machine.pk:032x}", secret_sha256=f"{machine.pk:064x}",
            enrolled_at=SIX - 60 * DAY,
        )  # fmt: skip
    kept = {
        "agent": agent, "taken_at": seen_at, "seen_at": seen_at, "first_seen_at": SIX - 60 * DAY, "check_ins": 60_000,
        "samples": {"processor.percent": 3.0, "memory.used_percent": 40.0}, "probes": {},
        "disks": {"/srv": {"used_percent": 60.0}}, "facts": {**WELL_FACTS, **(facts or {})}, **told,
    }  # fmt: skip
    return State.objects.update_or_create(machine=machine, defaults=kept)[0]


def mail(subject: str, text: str = "") -> bytes:
    """A mail as another program sends it, without a name of its own: each is another one."""
    return f"From: program@northside.example\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()


@pytest.fixture
def watched(northside: Client, srv01: Machine) -> Client:
    """Northside, a client for long, whose server is well."""
    Client.objects.filter(pk=northside.pk).update(since=SIX - 100 * DAY)
    watch(srv01)
    return Client.objects.get(pk=northside.pk)


@pytest.fixture
def look(watched: Client) -> Duty:
    """Northside's duty to look at the daily report, due today."""
    routine = Routine.objects.create(
        name="Daily report", cadence="daily", minutes=5, category="monitoring", starts=TODAY - 30 * DAY,
        checklist=["New findings looked at", "Disks looked at"],
    )  # fmt: skip
    return Duty.objects.create(routine=routine, client=watched, due_on=TODAY)
