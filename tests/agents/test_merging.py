"""A reinstalled machine and what it was before: offered, merged by a person, and told apart again."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.agents import history, merging, reading
from rounds.agents.enrolling import Asked, Hints, Offer, enrol, make_token
from rounds.agents.models import Agent, CheckIn, Job, Merge, MergeUndoing, State
from rounds.agents.ordering import order
from rounds.agents.reading import milliseconds
from rounds.agents.sealing import pull as seal
from rounds.agents.selves import selves
from rounds.agents.storage import Asked as Span
from rounds.clients.models import Client, Machine, Site
from rounds.core.money import Refused
from rounds.findings import finding, watching
from rounds.findings.models import Finding
from rounds.people.models import User
from rounds.upkeep.models import Duty, Evidence, Routine
from tests.agents.front import check_in, kept

type AsPerson = Callable[[User], Browser]

SERIAL = "5" * 64


def _enrolled(site: Site, at: datetime, machine: Machine | None = None, **hints: Any) -> Agent:
    _, token = make_token(site, Offer(machine=machine), by=None, at=at)
    hashed = hashlib.sha256(secrets.token_bytes()).hexdigest()
    return enrol(Asked(token, secrets.token_hex(16), hashed, Hints(**{"hostname": "srv01", **hints})), at=at)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def old(srv01: Machine, now: datetime) -> Agent:
    """SRV01's agent of a year, which was last heard of two days ago."""
    agent = _enrolled(srv01.site, now - timedelta(days=365), srv01, serial_sha256=SERIAL)
    facts = {"os": {"name": "Debian 11", "kernel": "5.10"}}
    kept(agent, check_in(1, taken_at=now - timedelta(days=2), facts=facts))
    reading.pull()
    return agent


@pytest.fixture
def new(old: Agent, now: datetime) -> Agent:
    """The same server, reinstalled a day ago: a machine of its own."""
    agent = _enrolled(old.machine.site, now - timedelta(days=1), serial_sha256=SERIAL)
    facts = {"os": {"name": "Debian 13", "kernel": "6.12"}}
    kept(agent, check_in(1, taken_at=now - timedelta(hours=23), facts=facts))
    reading.pull()
    return agent


def test_a_reinstalled_machine_is_offered_to_be_merged(old: Agent, new: Agent, elm: Client, now: datetime) -> None:
    theirs = Machine.objects.create(site=elm.sites.get(), name="SRV09")
    _enrolled(elm.sites.get(), now - timedelta(days=100), theirs, serial_sha256=SERIAL)

    offers = merging.offers(new.machine)

    assert [(one.machine, one.why) for one in offers] == [(old.machine, "the same serial number and the same name")]
    assert [(one, alike.machine) for one, alike in merging.waiting_offers(now)] == [(new.machine, old.machine)]


def test_one_that_lives_is_not_offered_and_not_merged(old: Agent, new: Agent, theo: User, now: datetime) -> None:
    kept(old, check_in(2, taken_at=now))
    reading.pull()

    assert merging.offers(new.machine) == []
    with pytest.raises(Refused, match="they are two machines"):
        merging.merge(new.machine, old.machine, by=theo, at=now)


def test_strangers_are_not_offered(old: Agent, now: datetime) -> None:
    other = _enrolled(old.machine.site, now, hostname="pc-01", serial_sha256="6" * 64)

    assert merging.offers(other.machine) == []


def test_a_merged_machine_keeps_its_past_and_goes_on(old: Agent, new: Agent, theo: User, now: datetime) -> None:
    machine, newcomer = old.machine, new.machine

    merging.merge(newcomer, machine, by=theo, at=now)
    kept(new, check_in(2, taken_at=now))
    reading.pull()

    for one in (old, new, newcomer):
        one.refresh_from_db()
    assert (new.machine, new.revoked_at, old.revoked_at, newcomer.retired_at) == (machine, None, now, now)
    state = State.objects.get(machine=machine)
    assert (state.agent, state.os_name, state.first_seen_at) == (new, "Debian 13", now - timedelta(days=2))
    assert selves(machine.pk) == [machine.pk, newcomer.pk]
    assert selves(newcomer.pk) == [newcomer.pk]


def test_figures_of_before_and_after_stand_in_one_chart_sealed_or_not(
    old: Agent, new: Agent, theo: User, now: datetime
) -> None:
    span = Span(milliseconds(now - timedelta(days=7)), milliseconds(now) + 1)
    watching.pull()
    for reader in ("facts", "events"):
        while reading.take(reader, 100):
            pass
    before = history.read(old.machine_id, span).times
    alone = history.read(new.machine_id, span).times

    merging.merge(new.machine, old.machine, by=theo, at=now)

    assert list(history.read(old.machine_id, span).times) == sorted([*before, *alone])
    seal(now + timedelta(days=2), seconds=30)
    assert list(history.read(old.machine_id, span).times) == sorted([*before, *alone])


def test_figures_that_were_sealed_for_the_newcomer_are_read_with_the_machine(
    old: Agent, new: Agent, theo: User, now: datetime
) -> None:
    span = Span(milliseconds(now - timedelta(days=7)), milliseconds(now) + 1)
    watching.pull()
    expected = sorted([*history.read(old.machine_id, span).times, *history.read(new.machine_id, span).times])
    seal(now + timedelta(days=2), seconds=30)
    assert not CheckIn.objects.exists()

    merging.merge(new.machine, old.machine, by=theo, at=now)

    assert list(history.read(old.machine_id, span).times) == expected


def test_findings_of_the_newcomer_close_and_are_shown_with_the_machine(
    as_person: AsPerson, old: Agent, new: Agent, theo: User, now: datetime
) -> None:
    opened = Finding.objects.create(
        client=new.machine.site.client, machine=new.machine, rule="disk", subject="/", severity="soon",
        title="The disk is nearly full", opened_at=now,
    )  # fmt: skip

    merging.merge(new.machine, old.machine, by=theo, at=now)
    finding.pull(now)

    opened.refresh_from_db()
    assert opened.closed_at is not None
    browser = as_person(theo)
    assert "The disk is nearly full" in browser.get(f"/machines/{old.machine_id}").content.decode()
    assert "nearly full" in browser.get("/findings", {"machine": str(old.machine_id), "state": "all"}).content.decode()


def test_evidence_of_both_is_evidence_of_the_machine(
    as_person: AsPerson, old: Agent, new: Agent, theo: User, now: datetime
) -> None:
    routine = Routine.objects.create(name="Clean the fans", cadence="weekly", starts=now.date())
    for one in (old, new):
        duty = Duty.objects.create(
            routine=routine, client=one.machine.site.client, machine=one.machine, due_on=now.date()
        )
        Evidence.objects.create(duty=duty, is_good=True, at=now, by=theo, summary=f"cleaned {one.pk}")

    merging.merge(new.machine, old.machine, by=theo, at=now)

    page = as_person(theo).get(f"/machines/{old.machine_id}").content.decode()
    for duty in Duty.objects.all():
        assert f'/upkeep/duties/{duty.pk}">Clean the fans' in page


def test_a_job_of_the_newcomer_lapses(old: Agent, new: Agent, theo: User, now: datetime) -> None:
    params = {"repository": "/b", "password_file": "/p", "seed": "s", "count": 3}
    order(new.machine, "restore-files", params, cause="a", at=now)

    merging.merge(new.machine, old.machine, by=theo, at=now)

    assert Job.objects.get().expires_at == now


def test_undone_all_is_as_it_was_but_for_what_was_measured(old: Agent, new: Agent, theo: User, now: datetime) -> None:
    machine, newcomer = old.machine, new.machine
    before = State.objects.filter(machine=machine).values().get()
    done = merging.merge(newcomer, machine, by=theo, at=now)
    kept(new, check_in(2, taken_at=now))
    reading.pull()

    merging.undo(done, by=theo, at=now + timedelta(hours=1))

    for one in (old, new, newcomer):
        one.refresh_from_db()
    assert (old.revoked_at, new.machine, newcomer.retired_at) == (None, newcomer, None)
    assert State.objects.filter(machine=machine).values().get() == before
    assert State.objects.get(machine=newcomer).agent == new
    assert selves(machine.pk) == [machine.pk]
    assert merging.offers(newcomer) == [], "told apart: it is not offered again"


def test_it_is_undone_once_and_not_over_a_newer_agent(old: Agent, new: Agent, theo: User, now: datetime) -> None:
    done = merging.merge(new.machine, old.machine, by=theo, at=now)
    newer = _enrolled(old.machine.site, now, old.machine)

    with pytest.raises(Refused, match="has another agent by now"):
        merging.undo(done, by=theo, at=now)
    newer.delete()
    Agent.objects.filter(pk=new.pk).update(revoked_at=None)
    merging.undo(done, by=theo, at=now)
    with pytest.raises(Refused, match="undone already"):
        merging.undo(done, by=theo, at=now)

    assert MergeUndoing.objects.count() == 1


def test_a_machine_of_another_client_or_a_retired_one_is_not_merged(
    old: Agent, new: Agent, elm: Client, theo: User, now: datetime
) -> None:
    theirs = Machine.objects.create(site=elm.sites.get(), name="SRV09")
    with pytest.raises(Refused, match="choose another machine"):
        merging.merge(new.machine, theirs, by=theo, at=now)
    Machine.objects.filter(pk=old.machine_id).update(retired_at=now)
    with pytest.raises(Refused, match="SRV01 is retired"):
        merging.merge(new.machine, old.machine, by=theo, at=now)

    assert not Merge.objects.exists()


def test_the_page_shows_what_a_merge_would_do_merges_and_undoes(
    as_person: AsPerson, old: Agent, new: Agent, theo: User
) -> None:
    browser, machine, newcomer = as_person(theo), old.machine, new.machine
    assert "may be SRV01, reinstalled" in browser.get("/").content.decode()
    page = browser.get(f"/machines/{newcomer.pk}").content.decode()
    assert "it has the same serial number and the same name" in page
    preview = browser.get(f"/machines/{newcomer.pk}/merge", {"machine": machine.pk}).content.decode()
    assert "srv01 would be SRV01 from now on" in preview
    assert not Merge.objects.exists()

    browser.post(f"/machines/{newcomer.pk}/merge", {"machine": machine.pk})
    page = browser.get(f"/machines/{machine.pk}").content.decode()
    assert "It was reinstalled" in page
    away = browser.get(f"/machines/{newcomer.pk}").content.decode()
    assert "reinstalled: Theo said so" in away
    assert "silent" not in away  # nobody waits for it any more
    browser.post(f"/machines/{machine.pk}/merge/undoing", {"merge": Merge.objects.get().pk})

    assert "It was reinstalled:" not in browser.get(f"/machines/{machine.pk}").content.decode()


def test_two_that_a_technician_told_apart_are_not_offered(
    as_person: AsPerson, old: Agent, new: Agent, theo: User
) -> None:
    as_person(theo).post(f"/machines/{new.machine_id}/merge/distinction", {"machine": old.machine_id})

    assert merging.offers(new.machine) == []


def test_nobody_else_merges(as_person: AsPerson, old: Agent, new: Agent, bea: User, nora: User, stranger: User) -> None:
    for person in (bea, nora, stranger):
        browser = as_person(person)
        for path in ("merge", "merge/distinction", "merge/undoing"):
            reply = browser.post(f"/machines/{new.machine_id}/{path}", {"machine": old.machine_id})
            assert reply.status_code == 404
    assert not Merge.objects.exists()
