"""Check-ins are read once each; states and results of jobs follow from them, in whatever order they come."""

import contextlib
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from rounds.agents import reading
from rounds.agents.models import Agent, CheckIn, JobResult, State
from rounds.agents.ordering import open_jobs, order
from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from tests.agents.front import enrolled

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RESTORE = {"repository": "/backup", "password_file": "/pw", "seed": "s", "count": 3}


@pytest.fixture
def agent(srv01: Machine) -> Agent:
    return enrolled(srv01)[0]


def _keep(agent: Agent, number: int, *, minute: int | None = None, **told: Any) -> CheckIn:
    taken_at = NOON + timedelta(minutes=number if minute is None else minute)
    body = {"v": 1, "epoch": 1, "number": number, "taken_at": taken_at.isoformat(), **told}
    return CheckIn.objects.create(
        agent=agent, epoch=1, number=number, taken_at=taken_at, received_at=NOON + timedelta(hours=1, minutes=number),
        body=zlib.compress(json.dumps(body).encode()),
    )  # fmt: skip


def test_every_reader_gets_every_check_in_once(agent: Agent) -> None:
    _keep(agent, 1)
    _keep(agent, 2)

    with transaction.atomic():
        first = [one.number for one in reading.take("findings")]
    _keep(agent, 3)
    with transaction.atomic():
        second = [one.number for one in reading.take("findings")]
        third = reading.take("findings")
        other = [one.number for one in reading.take("another", limit=2)]

    assert (first, second, third, other) == ([1, 2], [3], [], [1, 2])


def test_a_stage_that_fails_gets_the_same_again(agent: Agent) -> None:
    _keep(agent, 1)

    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        assert len(reading.take("findings")) == 1
        raise ZeroDivisionError

    with transaction.atomic():
        assert len(reading.take("findings")) == 1


def test_the_state_is_the_latest_of_everything_and_pulling_twice_changes_nothing(agent: Agent) -> None:
    facts = {"os": {"name": "Debian 12"}, "updates": {"pending": 4, "security": 1}, "reboot": {"needed": True}}
    disks = {"/": {"used_percent": 40.0}, "/srv": {"used_percent": 91.5}}
    _keep(agent, 1, samples={"processor.percent": 5.0}, facts=facts)
    _keep(agent, 2, samples={"processor.percent": 7.0, "memory.used_percent": 33.0}, disks=disks)

    assert reading.pull() == 2
    before = State.objects.values().get()
    assert reading.pull() == 0

    state = State.objects.get()
    assert State.objects.values().get() == before
    assert (state.processor_percent, state.memory_percent) == (7.0, 33.0)
    assert (state.fullest_disk, state.fullest_disk_percent) == ("/srv", 91.5)
    assert (state.os_name, state.updates_pending, state.updates_security) == ("Debian 12", 4, 1)
    assert state.needs_reboot is True
    assert (state.taken_at, state.seen_at) == (NOON + timedelta(minutes=2), NOON + timedelta(hours=1, minutes=2))
    assert state.check_ins == 2


def test_the_backlog_after_an_outage_does_not_make_the_state_older(agent: Agent) -> None:
    _keep(agent, 9, samples={"processor.percent": 9.0}, facts={"os": {"name": "new"}})
    reading.pull()
    _keep(agent, 8, samples={"processor.percent": 8.0}, facts={"os": {"name": "old"}, "updates": {"pending": 2}})

    reading.pull()

    state = State.objects.get()
    assert (state.processor_percent, state.os_name, state.updates_pending) == (9.0, "new", 2)
    assert state.taken_at == NOON + timedelta(minutes=9)


def test_what_could_not_be_measured_is_not_taken_for_well(agent: Agent) -> None:
    _keep(agent, 1, facts={"updates": {"pending": 0, "security": 0}, "reboot": {"needed": False}})
    reading.pull()
    _keep(agent, 2, probes={"updates": "error: apt-get: exit status 100", "reboot": "absent"})

    reading.pull()

    state = State.objects.get()
    assert state.updates_pending is None
    assert state.needs_reboot is None


@pytest.mark.parametrize(
    "facts", [{"updates": 3, "os": [], "reboot": "no"}, {"updates": {"pending": "many"}, "os": {"name": 3}}]
)
def test_facts_of_a_strange_shape_stop_nothing(agent: Agent, facts: dict[str, Any]) -> None:
    _keep(agent, 1, facts=facts)

    reading.pull()

    assert State.objects.get().updates_pending is None


def test_a_result_is_kept_once_however_often_it_is_reported(agent: Agent, srv01: Machine) -> None:
    job = order(srv01, "restore-files", RESTORE, cause="duty:1", at=timezone.now())
    result = {"job": job.pk, "at": NOON.isoformat(), "ok": True, "report": {"files": []}}
    assert list(open_jobs(timezone.now())) == [job]
    _keep(agent, 1, results=[result])
    _keep(agent, 2, results=[{**result, "ok": False}])

    reading.pull()
    _keep(agent, 3, results=[result])
    reading.pull()

    kept = JobResult.objects.get()
    assert (kept.job, kept.is_ok, kept.report) == (job, True, {"files": []})
    assert list(open_jobs(timezone.now())) == []


def test_a_machine_cannot_report_on_anothers_job(agent: Agent, srv01: Machine, elm: Client) -> None:
    job = order(srv01, "restore-files", RESTORE, cause="duty:1", at=timezone.now())
    other, _ = enrolled(Machine.objects.create(site=elm.sites.get(), name="PC"))
    _keep(other, 1, results=[{"job": job.pk, "at": NOON.isoformat(), "ok": True}])
    _keep(other, 2, results=[{"job": 10**15, "at": NOON.isoformat(), "ok": True}])

    reading.pull()

    assert not JobResult.objects.exists()


def test_a_job_is_ordered_once_for_its_cause_and_lapses(agent: Agent, srv01: Machine) -> None:
    first = order(srv01, "restore-files", RESTORE, cause="duty:1", at=NOON)

    again = order(srv01, "restore-files", {**RESTORE, "seed": "t"}, cause="duty:1", at=NOON + timedelta(hours=1))

    assert first == again
    assert list(open_jobs(NOON + timedelta(days=1))) == [first]
    assert list(open_jobs(NOON + timedelta(days=2))) == []


@pytest.mark.parametrize(
    ("kind", "params", "reason"),
    [
        ("run-script", {}, "no duty"),
        ("restore-files", {}, "repository"),
        ("restore-files", {**RESTORE, "count": 0}, "count"),
        ("restore-files", {**RESTORE, "seed": ""}, "seed"),
    ],
)
def test_an_order_that_no_agent_could_do_is_refused(
    agent: Agent, srv01: Machine, kind: str, params: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        order(srv01, kind, params, cause="x", at=NOON)


def test_a_machine_without_an_agent_is_ordered_nothing(srv01: Machine) -> None:
    with pytest.raises(Refused, match="has no agent"):
        order(srv01, "restore-files", RESTORE, cause="x", at=NOON)
