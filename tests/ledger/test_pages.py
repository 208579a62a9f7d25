"""The books as pages: both sides are equal, every figure leads to its entries, and only bookkeepers see them."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client as Browser

from rounds.clients.models import Client
from rounds.core.chart import client_number, folded
from rounds.invoices.issuing import bring
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours
from rounds.ledger import booking
from rounds.ledger.models import Posting
from rounds.people.models import User
from tests.trade import moment, worked

type AsPerson = Callable[[User], Browser]
MAY = moment(2026, 5, 2)


@pytest.fixture
def booked(northside: Client, elm: Client, theo: User) -> None:
    """Ten hours bought and paid, two and a half used; an hour of Elm Street's invoiced."""
    buy_hours(northside, 10, at=moment(2026, 3, 2))
    pay(northside, 600_00, at=moment(2026, 3, 9))
    worked(northside, date(2026, 3, 12), 150, by=theo)
    worked(elm, date(2026, 3, 12), 60, by=theo)
    for client in (northside, elm):
        bring(client, MAY)
    booking.pull(MAY)


def _balances(reply: object, sheet: str = "money") -> dict[str, int]:
    return {row.account: row.balance for row in reply.context[sheet].rows}  # type: ignore[attr-defined]


def test_both_sides_of_the_trial_balance_are_equal(booked: None, bea: User, as_person: AsPerson) -> None:
    reply = as_person(bea).get("/books")

    assert _balances(reply) == {
        "assets:bank": 600_00,
        "assets:receivable": 500_00,
        "income:hours": -250_00,
        "income:labour": -100_00,
        "liabilities:deferred:hours": -750_00,
    }
    assert reply.context["money"].debit == reply.context["money"].credit == 1100_00
    assert _balances(reply, "time") == {"holdings:hours": 27_000, "hours:issued": -36_000, "hours:used": 9_000}
    assert reply.content.decode().count("both sides are equal") == 2


def test_any_past_day_can_be_shown(booked: None, bea: User, as_person: AsPerson) -> None:
    reply = as_person(bea).get("/books?on=2026-03-05")

    assert _balances(reply) == {"assets:receivable": 1000_00, "liabilities:deferred:hours": -1000_00}


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "31.12.2026"])
def test_what_is_no_day_is_told(booked: None, bea: User, as_person: AsPerson, day: str) -> None:
    reply = as_person(bea).get(f"/books?on={day}")

    assert reply.status_code == 422
    assert f"“{day}” is not a day" in reply.content.decode()


def test_every_figure_leads_to_its_entries(
    booked: None, northside: Client, elm: Client, bea: User, as_person: AsPerson
) -> None:
    browser = as_person(bea)

    folded_account = browser.get("/books/accounts/assets:receivable")
    own = browser.get(f"/books/accounts/assets:receivable:{northside.pk}")

    parts = {row.title: row.balance for row in folded_account.context["parts"]}
    assert parts == {"Northside Dental": 400_00, "Elm St Law": 100_00}
    assert [(posting.amount, balance) for posting, balance in own.context["rows"]] == [
        (-600_00, 400_00),
        (1000_00, 1000_00),
    ]


def test_the_journal_is_filtered_by_days_and_clients(booked: None, bea: User, as_person: AsPerson) -> None:
    browser = as_person(bea)

    days = [entry.on for entry in browser.get("/books/journal?from=2026-03-05&to=2026-03-10").context["listing"].rows]
    names = {entry.client.name for entry in browser.get("/books/journal?q=elm").context["listing"].rows}

    assert days == [date(2026, 3, 9)]
    assert names == {"Elm St Law"}


def test_the_journal_as_csv_has_every_posting(booked: None, bea: User, as_person: AsPerson) -> None:
    table = as_person(bea).get("/books/journal?format=csv").getvalue().decode().splitlines()

    assert table[0] == "Day,What,Client,Account,Amount,Commodity"
    assert len(table) == 1 + Posting.objects.count()


def test_the_export_is_accepted_by_hledger(booked: None, bea: User, as_person: AsPerson, tmp_path: Path) -> None:
    hledger = shutil.which("hledger")
    assert hledger is not None, "the tests need hledger: apt install hledger"
    file = tmp_path / "rounds.journal"

    file.write_bytes(as_person(bea).get("/books/export/hledger").getvalue())

    subprocess.run([hledger, "-f", file, "check", "--strict"], check=True, capture_output=True)


def test_empty_books_say_what_will_fill_them(bea: User, as_person: AsPerson) -> None:
    browser = as_person(bea)

    assert "Nothing has been booked by then" in browser.get("/books").content.decode()
    assert "Nothing has been booked yet" in browser.get("/books/journal").content.decode()
    assert browser.get("/books/accounts/assets:bank").status_code == 404


def test_accounts_are_folded_over_clients() -> None:
    assert folded("assets:receivable:12") == "assets:receivable"
    assert folded("liabilities:deferred:hours:12:3") == "liabilities:deferred:hours"
    assert folded("assets:bank") == "assets:bank"
    assert client_number("liabilities:deferred:hours:12:3") == 12
    assert client_number("assets:bank") is None


@pytest.mark.parametrize("page", ["/books", "/books/journal", "/books/export", "/books/accounts/assets:bank"])
def test_the_books_do_not_exist_for_others(
    booked: None, theo: User, nora: User, stranger: User, as_person: AsPerson, page: str
) -> None:
    assert [as_person(person).get(page).status_code for person in (theo, nora, stranger)] == [404] * 3
