"""Rows written by one statement read back as they were given, whether they were there or not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from rounds.agents.models import OpenDay, State
from rounds.clients.models import Machine
from rounds.rows.upserting import add, update, upsert
from tests.agents.front import enrolled

AT = datetime(2026, 4, 1, 6, 30, 15, 250, tzinfo=UTC)
NAMES = ("machine", "agent", "taken_at", "seen_at", "first_seen_at", "samples", "disks", "facts", "facts_at", "probes",
         "check_ins", "os_name", "fullest_disk", "memory_percent", "needs_reboot")  # fmt: skip


@pytest.mark.django_db
def test_a_row_is_added_and_then_written_over(srv01: Machine) -> None:
    agent, _ = enrolled(srv01)

    for check_ins, share, needs in ((1, 40.5, None), (2, None, True)):
        facts = {"os": {"name": "Debian “12”"}, "n": check_ins}
        row: list[Any] = [
            srv01.pk,
            agent.pk,
            AT,
            timezone.now(),
            AT,
            {"load.1": 0.5},
            {},
            facts,
            {},
            {},
            check_ins,
            "x",
            "/",
            share,
            needs,
        ]
        upsert(State, NAMES, [row])
        kept = State.objects.get()

        assert (kept.check_ins, kept.memory_percent, kept.needs_reboot) == (check_ins, share, needs)
        assert (kept.taken_at, kept.samples, kept.facts) == (AT, {"load.1": 0.5}, facts)


@pytest.mark.django_db
def test_nothing_is_written_for_no_rows() -> None:
    upsert(State, NAMES, [])

    assert not State.objects.exists()


@pytest.mark.django_db
def test_only_rows_that_are_there_are_updated_and_only_others_are_added(srv01: Machine) -> None:
    agent, _ = enrolled(srv01)

    add(OpenDay, ("day", "agent"), [(20_000, agent.pk), (20_001, agent.pk)])
    add(OpenDay, ("day", "agent"), [(20_001, agent.pk), (20_002, agent.pk)])
    keys = dict(OpenDay.objects.order_by("day").values_list("day", "pk"))
    assert list(keys) == [20_000, 20_001, 20_002]

    update(OpenDay, ("day", "id"), [(20_009, keys[20_000]), (20_010, max(keys.values()) + 1)])
    assert sorted(OpenDay.objects.values_list("day", flat=True)) == [20_001, 20_002, 20_009]
