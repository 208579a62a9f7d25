"""A client with an agreement, and routines, for the tests of upkeep."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rounds.agents.models import Agent, Job, JobResult, Token
from rounds.clients.models import Agreement, Client, Machine
from rounds.upkeep.models import Duty, Routine
from rounds.upkeep.ordering import set_repository

MONDAY = date(2026, 4, 13)
AT = datetime(2026, 4, 13, 15, tzinfo=UTC)  # 11:00 on the shop's clock
DAY = timedelta(days=1)

type Begin = Callable[..., Routine]


@pytest.fixture
def agreed(northside: Client) -> Client:
    """Northside with a service agreement, a client and its machine since January."""
    Agreement.objects.create(
        client=northside, plan="service-agreement", included_seconds=8 * 3600, starts=date(2026, 1, 1)
    )
    Client.objects.filter(pk=northside.pk).update(since=AT - 100 * DAY)
    Machine.objects.filter(site__client=northside).update(added_at=AT - 100 * DAY)
    return northside


@pytest.fixture
def routine() -> Begin:
    def begin(cadence: str = "weekly", **told: Any) -> Routine:
        return Routine.objects.create(**{"name": "Look at it", "cadence": cadence, "starts": MONDAY, **told})

    return begin


@pytest.fixture
def restore(agreed: Client, srv01: Machine, routine: Begin) -> Duty:
    """The duty to restore three random files on SRV01, which has an agent and a repository."""
    token = Token.objects.create(site=srv01.site, token_sha256="0" * 64, expires_at=AT)
    Agent.objects.create(machine=srv01, token=token, instance="1" * 32, secret_sha256="2" * 64, enrolled_at=AT - DAY)
    set_repository(srv01, "/srv/backup", "/etc/restic.password", by=None, at=AT - 30 * DAY)
    weekly = routine(name="Restore random files", per="server", job="restore-files", job_params={"count": 3})
    return Duty.objects.create(routine=weekly, client=agreed, machine=srv01, due_on=MONDAY)


def answer(job: Job, *verdicts: str, at: datetime = AT) -> JobResult:
    """What the agent reports of a restore."""
    files = [
        {"path": f"/home/{number}", "size": 1, "sha256": "ab", "verdict": verdict}
        for number, verdict in enumerate(verdicts)
    ]
    is_ok = bool(files) and all(verdict in {"same", "restored"} for verdict in verdicts)
    told = {"snapshot": {"id": "ab"}, "files_in_snapshot": 900, "files": files} if files else {"code": "no-restic"}
    return JobResult.objects.create(job=job, check_in_at=at, finished_at=at, is_ok=is_ok, report=told)
