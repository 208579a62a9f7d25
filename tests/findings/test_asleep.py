"""A machine that slept for hours between two check-ins: nothing is told that is not so, before, meanwhile or after."""

from datetime import datetime, timedelta

import pytest

from rounds.agents import history, reading
from rounds.agents.reading import milliseconds
from rounds.agents.storage import HOUR, Asked
from rounds.clients.models import Machine
from rounds.findings import finding, unusual
from rounds.findings.models import Finding
from tests.findings.conftest import MINUTE, NOON, Report

AWAKE_AGAIN = 8 * 60  # minutes after noon


def look(at: datetime) -> None:
    reading.pull()
    finding.pull(at)
    unusual.pull(at, seconds=60)


def wake_and_work(report: Report, machine: Machine, used: float = 50.0) -> None:
    for minute in range(AWAKE_AGAIN, AWAKE_AGAIN + 20):
        report(machine, minute, samples={"memory.used_percent": used})
        look(NOON + minute * MINUTE)


@pytest.fixture
def workstation(srv01: Machine) -> Machine:
    Machine.objects.filter(pk=srv01.pk).update(kind="workstation")
    return Machine.objects.get(pk=srv01.pk)


def test_a_workstation_that_sleeps_is_neither_silent_meanwhile_nor_after(report: Report, workstation: Machine) -> None:
    for minute in range(10):
        report(workstation, minute)
        look(NOON + minute * MINUTE)
    for minute in range(10, AWAKE_AGAIN, 5):
        look(NOON + minute * MINUTE)
    wake_and_work(report, workstation)

    assert not Finding.objects.exists()


def test_a_server_that_slept_was_silent_and_is_not_any_more_with_its_first_check_in(
    report: Report, srv01: Machine
) -> None:
    for minute in range(10):
        report(srv01, minute)
        look(NOON + minute * MINUTE)
    for minute in range(10, AWAKE_AGAIN, 5):
        look(NOON + minute * MINUTE)
    assert Finding.objects.get().closed_at is None

    wake_and_work(report, srv01)

    silent = Finding.objects.get()
    assert silent.rule == "silent"
    assert silent.closed_at == NOON + AWAKE_AGAIN * MINUTE


def test_samples_before_and_after_a_sleep_are_not_counted_together(report: Report, workstation: Machine) -> None:
    for minute in range(11):  # of the twelve of fifteen that it takes
        report(workstation, minute, samples={"memory.used_percent": 99.0})
        look(NOON + minute * MINUTE)

    for minute in range(AWAKE_AGAIN, AWAKE_AGAIN + 11):
        report(workstation, minute, samples={"memory.used_percent": 99.0})
        look(NOON + minute * MINUTE)
    assert not Finding.objects.exists()
    report(workstation, AWAKE_AGAIN + 11, samples={"memory.used_percent": 99.0})
    look(NOON + (AWAKE_AGAIN + 11) * MINUTE)

    assert Finding.objects.get().opened_at == NOON + (AWAKE_AGAIN + 11) * MINUTE


def test_the_hours_that_were_slept_through_are_a_gap_and_no_figures(report: Report, workstation: Machine) -> None:
    for minute in (*range(10), *range(AWAKE_AGAIN, AWAKE_AGAIN + 10)):
        report(workstation, minute)
    look(NOON + timedelta(hours=9))

    begin = milliseconds(NOON)
    hours = history.read(workstation.pk, Asked(begin, begin + 10 * HOUR, HOUR)).times

    assert [(at - begin) // HOUR for at in hours] == [0, 8]
