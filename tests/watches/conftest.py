"""Watches and agents that look, for the tests of watches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rounds.agents.models import Agent, State
from rounds.clients.models import Machine, Site
from rounds.watches import choosing
from rounds.watches.keeping import Wanted, add_watch
from rounds.watches.models import Watch
from tests.findings.conftest import MINUTE, NOON, Report, enrol, other_site, report

__all__ = ["MINUTE", "NOON", "Report", "enrol", "other_site", "report"]

AGENT = {"agent": {"version": "1", "allows": ["watches"]}}


def heard(machine: Machine, at: datetime = NOON, *, may: bool = True) -> None:
    """A machine's agent was heard, and says whether it may watch."""
    agent = Agent.objects.filter(machine=machine).first() or enrol(machine)
    facts = AGENT if may else {"agent": {"version": "1", "allows": []}}
    told = {"taken_at": at, "seen_at": at, "first_seen_at": at, "facts": facts}
    State.objects.update_or_create(machine=machine, defaults={"agent": agent, **told})


def another(site: Site, name: str, kind: str = "workstation") -> Machine:
    """One more machine of a site."""
    return Machine.objects.create(site=site, name=name, kind=kind)


def gave(watch: Watch, minute: float, *, ok: bool | None = True, why: str = "", **figures: Any) -> dict[str, Any]:
    """What a check-in tells of a look at a minute after noon."""
    facts = figures.pop("facts", {})
    named = {name.replace("__", "@").replace("_of_", "."): value for name, value in figures.items()}
    at = (NOON + timedelta(minutes=minute)).astimezone(UTC).isoformat()
    return {"watch": watch.pk, "at": at, "ok": ok, "why": why, "figures": named, "facts": facts}


@pytest.fixture
def printer(srv01: Machine) -> Watch:
    """The printer of Northside, watched by SRV01's agent."""
    heard(srv01)
    wanted = Wanted(name="Printer", target="192.168.1.40", device="PRN-1", every_minutes=1)
    made = add_watch(srv01.site, "ping", wanted, by=None, at=NOON - timedelta(days=1))
    choosing.pull(NOON - timedelta(minutes=1))
    return made
