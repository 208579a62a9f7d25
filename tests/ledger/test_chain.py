"""The chain of the books: every entry sealed once, and whoever changes one past the guards is found out."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from rounds.clients.models import Client
from rounds.core.books import Entry, Posting
from rounds.ledger import models as rows
from rounds.ledger import sealing, verifying
from rounds.ledger.balancing import balances, movements
from rounds.ledger.booking import post
from tests.engines import guards_down

FIRST = date(2005, 1, 20)


@pytest.fixture
def booked(northside: Client) -> list[rows.Entry]:
    """Twelve entries, ten days apart."""
    for number in range(12):
        postings = (
            Posting("assets:bank", 100 + number, "USD"),
            Posting("income:labour", -100 - number, "USD"),
        )
        post(Entry(f"test:{number}", FIRST + timedelta(days=10 * number), "A test", postings), northside)
    return list(rows.Entry.objects.order_by("pk"))


def _tamper(sql: str, *values: int) -> None:
    with guards_down(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute(sql, values)


def test_each_entry_is_sealed_once_in_the_order_booked(booked: list[rows.Entry]) -> None:
    assert sealing.pull() == 12
    assert sealing.pull() == 0

    assert list(rows.Seal.objects.values_list("pk", "entry_id")) == [(n, e.pk) for n, e in enumerate(booked, start=1)]
    assert verifying.head() == (12, rows.Seal.objects.get(pk=12).hash)
    assert verifying.faults() == []
    assert not rows.Unsealed.objects.exists()


def test_what_is_booked_later_goes_on_from_the_last_seal(booked: list[rows.Entry], northside: Client) -> None:
    sealing.pull()
    more = (Posting("assets:bank", 1, "USD"), Posting("income:labour", -1, "USD"))
    post(Entry("later", FIRST, "Later", more), northside)

    assert verifying.faults() == []
    assert sealing.pull() == 1
    assert verifying.faults() == []
    assert verifying.head()[0] == 13


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE ledger_posting SET amount = amount * 2 WHERE entry_id = %s", "place 5"),
        ("UPDATE ledger_posting SET account = 'assets:pocket' WHERE entry_id = %s AND amount > 0", "place 5"),
        ("UPDATE ledger_posting SET amount = 1 WHERE entry_id = %s AND amount > 0", "place 5"),
        ("UPDATE ledger_entry SET what = 'Nothing' WHERE id = %s", "place 5"),
        ("UPDATE ledger_entry SET \"on\" = '2005-01-01' WHERE id = %s", "place 5"),
        ("UPDATE ledger_entry SET client_id = NULL WHERE id = %s", "place 5"),
        ("DELETE FROM ledger_posting WHERE entry_id = %s", "place 5"),
        ("DELETE FROM ledger_seal WHERE entry_id = %s", "missing at place 5"),
        ("UPDATE ledger_seal SET hash = 'x' WHERE entry_id = %s", "place 5"),
    ],
)
def test_the_first_entry_that_was_tampered_with_is_named(booked: list[rows.Entry], change: str, told: str) -> None:
    sealing.pull()

    _tamper(change, booked[4].pk)

    first = next(iter(verifying.chain_faults()))
    assert told in first
    assert first in verifying.faults()


def test_the_earlier_of_two_changes_is_the_one_that_is_named(booked: list[rows.Entry]) -> None:
    sealing.pull()

    for number in (8, 2):
        _tamper("UPDATE ledger_entry SET what = 'Nothing' WHERE id = %s", booked[number].pk)

    assert [fault.split(" is not")[0] for fault in verifying.chain_faults()] == [
        f"entry {booked[2].pk} (test:2, 2005-02-09 Nothing)"
    ]


def test_cutting_off_the_end_is_found(booked: list[rows.Entry]) -> None:
    sealing.pull()

    _tamper("DELETE FROM ledger_seal WHERE id > 10")

    assert "the chain ends at place 10, and 12 entries have been sealed" in verifying.faults()


def test_an_entry_that_came_in_past_the_verb_that_posts_is_found(booked: list[rows.Entry]) -> None:
    sealing.pull()

    with guards_down():
        rows.Entry.objects.create(on=FIRST, what="Slipped in", cause="x", booked_at=datetime(2005, 1, 1, tzinfo=UTC))

    assert any("was never given to the chain" in fault for fault in verifying.faults())


def test_a_wrong_total_of_a_month_is_found_and_made_anew(booked: list[rows.Entry]) -> None:
    sealing.pull()
    right = balances()

    rows.MonthTotal.objects.filter(account="assets:bank", month=date(2005, 2, 1)).update(amount=7)

    assert len(verifying.faults()) == 1
    assert "February 2005" in verifying.faults()[0]
    verifying.rebuild()
    assert verifying.faults() == []
    assert balances() == right


@pytest.mark.parametrize("state", ["sealed", "not sealed"])
def test_every_span_of_days_comes_to_what_its_entries_say(booked: list[rows.Entry], state: str) -> None:
    if state == "sealed":
        sealing.pull()
    edges = [None, *(FIRST + timedelta(days=number) for number in (-3, 0, 11, 12, 39, 40, 41, 68, 70, 100, 110, 130))]

    for first in edges:
        for last in edges:
            moved = sum(
                100 + number
                for number, entry in enumerate(booked)
                if (first is None or entry.on >= first) and (last is None or entry.on <= last)
            )
            found = movements(first, last).get(("assets:bank", "USD"), 0)
            assert found == moved, (first, last)


def test_new_entries_count_before_and_after_they_are_sealed(booked: list[rows.Entry], northside: Client) -> None:
    sealing.pull()
    before = balances()["assets:bank", "USD"]
    post(Entry("n", FIRST, "N", (Posting("assets:bank", 5, "USD"), Posting("income:labour", -5, "USD"))), northside)

    assert balances()["assets:bank", "USD"] == before + 5
    sealing.pull()
    assert balances()["assets:bank", "USD"] == before + 5
