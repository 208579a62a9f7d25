"""Prometheus reads the shop's own health, with a token; what waits and what was done is counted as it is asked."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from rounds.agents.models import CheckIn, Cursor, State
from rounds.agents.refusing import keep_refusal
from rounds.agents.telling import SILENT_AFTER
from rounds.api.models import Scope
from rounds.clients.models import Client, Machine
from rounds.findings.models import Finding, Severity
from rounds.invoices import issuing
from rounds.ledger.models import Proof
from rounds.mail.sending import write_letter
from rounds.people.models import User
from rounds.work.models import Order, Stint
from tests.agents.front import enrolled
from tests.agents.test_sealing import _keep
from tests.api.conftest import AsProgram, Program

pytestmark = pytest.mark.django_db


def _figures(program: Program) -> dict[str, float]:
    """The figures that Prometheus' own parser finds, by name and label."""
    reply = program.browser.get("/metrics", headers=program.headers)
    assert reply.status_code == 200
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(reply.content.decode())
        for sample in family.samples
    }


def test_it_tells_what_is_watched_and_what_waits(program: Program, srv01: Machine, northside: Client) -> None:
    agent, _ = enrolled(srv01)
    Machine.objects.create(site=srv01.site, name="PC02")
    _keep(agent, range(5))
    Cursor.objects.create(reader="findings", last_id=CheckIn.objects.order_by("pk")[1].pk)
    Finding.objects.create(
        client=northside, rule="disk-full", severity=Severity.TROUBLE, title="Full", opened_at=timezone.now()
    )
    write_letter("one", ["nora@northside.example"], "Hello", "Hello")

    found = _figures(program)

    assert found["rounds_machines silent"] == 1
    assert found["rounds_machines without an agent"] == 1
    assert found["rounds_findings_open trouble"] == 1
    assert found["rounds_sending_waiting letters"] == 1
    assert found["rounds_sending_failing letters"] == 0
    assert found["rounds_check_ins_behind states"] == 0
    assert found["rounds_check_ins_behind findings"] == 3
    assert found["rounds_database_bytes"] > 0
    assert found["rounds_home_free_bytes"] > 0


def test_a_machine_that_is_heard_of_is_seen(program: Program, srv01: Machine) -> None:
    agent, _ = enrolled(srv01)
    now = timezone.now()
    State.objects.create(machine=srv01, agent=agent, taken_at=now, seen_at=now, first_seen_at=now)

    assert _figures(program)["rounds_machines seen"] == 1

    State.objects.update(seen_at=now - SILENT_AFTER - timedelta(minutes=1))
    assert _figures(program)["rounds_machines silent"] == 1


def test_what_was_refused_of_agents_is_counted_by_why(program: Program, srv01: Machine) -> None:
    agent, _ = enrolled(srv01)
    now = timezone.now()
    keep_refusal("future", "taken 30 minutes from now", agent_id=agent.pk, at=now, count=3)
    keep_refusal("unknown", "no agent with this secret", at=now, count=2)
    keep_refusal("unknown", "no agent with this secret", at=now - timedelta(hours=25), count=40)

    found = _figures(program)

    assert (found["rounds_check_ins_refused future"], found["rounds_check_ins_refused unknown"]) == (3, 2)


def test_what_the_books_wait_for_is_gone_when_it_is_done(program: Program, order: Order) -> None:
    at = timezone.now() - timedelta(hours=2)
    Stint.objects.create(order=order, started_at=at, minutes=30, recorded_at=at)
    before = _figures(program)["rounds_books_waiting clients to play"]

    issuing.pull(timezone.now())

    assert before == 1
    assert _figures(program)["rounds_books_waiting clients to play"] == 0


def test_a_proof_of_the_books_is_told_with_what_it_found(program: Program) -> None:
    assert "rounds_books_proved_timestamp_seconds" not in _figures(program)

    at = timezone.now().replace(microsecond=0)
    Proof.objects.create(on=at.date(), at=at, wrong=["off by 0.01"])

    found = _figures(program)
    assert found["rounds_books_wrong"] == 1
    assert found["rounds_books_proved_timestamp_seconds"] == at.timestamp()


def test_a_reading_technicians_token_will_do_and_nothing_less(as_program: AsProgram, theo: User) -> None:
    assert _figures(as_program(theo, Scope.READ))["rounds_info 0.1.0"] == 1

    for headers in ({}, {"Authorization": "Bearer rounds_no"}, {"Authorization": "Basic b2xnYTpwYXNz"}):
        assert Browser().get("/metrics", headers=headers).status_code == 401


def test_a_page_of_the_shop_is_no_token(theo: User) -> None:
    browser = Browser()
    browser.force_login(theo)

    assert browser.get("/metrics").status_code == 401
    assert browser.post("/metrics").status_code == 405
