"""The books of random shops in every format: others accept them, add up the same, and no name breaks a line."""

import csv
import io
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.core.beancount import beancount_account, beancount_lines
from rounds.core.bookkeeping import books_of
from rounds.core.books import HOURS, Chart, Entry, Posting, balances
from rounds.core.chart import ACCOUNTS, account_of, folded
from rounds.core.journal import render_journal
from rounds.core.money import Refused
from rounds.core.quickbooks import NAME_LENGTH, iif_lines, money_by_account
from rounds.core.rehearsing import perform
from rounds.core.sheets import posting_rows, xero_rows
from rounds.core.stories import read_story
from tests.ledger.judges import (
    as_beancount,
    as_printed,
    printed_by_beancount,
    printed_by_hledger,
    printed_by_ledger,
)
from tests.scenarios.stories import stories

SHOPS = int(os.environ.get("ROUNDS_RANDOM_SHOPS", "20"))
NAMES = [
    'Quote "Q" & Sons',
    "Tab\tand\nnewline",
    "semi; colon: | pipe",
    "=1+1",
    "Zoë\u202e 東京 😀",
    "\\back",
    "*) (x",
    "",
]
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=60))
shops = st.lists(st.tuples(names, stories()), min_size=1, max_size=3)


def _books_of_shop(told: list[tuple[str, dict[str, Any]]]) -> list[Entry]:
    """What every client's story comes to in one shop's books."""
    booked: list[Entry] = []
    for number, (who, one) in enumerate(told, start=1):
        try:
            story = read_story(one)
            made = books_of(perform(story), Chart(str(number)), story.through)
        except Refused:
            continue
        booked += [Entry(f"{number}:{e.key}", e.on, e.what, e.postings, str(number), who) for e in made]
    return sorted(booked, key=lambda entry: entry.on)


def _beancount(booked: list[Entry]) -> str:
    accounts = {posting.account for entry in booked for posting in entry.postings}
    commodities = sorted({posting.commodity for entry in booked for posting in entry.postings})
    begins = booked[0].on if booked else date(2005, 1, 1)
    return "".join(f"{line}\n" for line in beancount_lines(booked, accounts, commodities, begins))


@settings(
    max_examples=SHOPS, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(told=shops)
def test_three_programs_accept_the_books_of_random_shops_and_print_our_balances(
    told: list[tuple[str, dict[str, Any]]], tmp_path: Path
) -> None:
    booked = _books_of_shop(told)
    journal, beancount = tmp_path / "books.journal", tmp_path / "books.beancount"
    journal.write_text(render_journal(booked))
    beancount.write_text(_beancount(booked))

    ours = balances(booked)

    assert printed_by_hledger(journal) == as_printed(ours)
    assert printed_by_ledger(journal) == as_printed(ours)
    assert printed_by_beancount(beancount) == as_beancount(ours)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(told=shops)
def test_the_sheets_and_the_iif_of_random_shops_add_up_to_our_balances(told: list[tuple[str, dict[str, Any]]]) -> None:
    booked = _books_of_shop(told)
    ours = as_printed(balances(booked))

    assert _sum(((row[5], row[7]), row[6]) for row in list(posting_rows(booked))[1:]) == ours

    money: dict[str, Decimal] = {}
    for (account, unit), amount in ours.items():
        if unit != HOURS:
            money[folded(account)] = money.get(folded(account), Decimal(0)) + amount
    codes = _sum((account_of(name).code, amount) for name, amount in money.items())
    titles = _sum((account_of(name).title, amount) for name, amount in money.items())
    assert _sum((row[3], row[5]) for row in list(xero_rows(booked))[1:]) == codes
    clients = [(str(number), who) for number, (who, _) in enumerate(told, start=1)]
    lines = [line.split("\t") for line in iif_lines(booked, {name for name, _ in ours}, clients)]
    assert _sum((line[3], Decimal(line[5])) for line in lines if line[0] in {"TRNS", "SPL"}) == titles


def _sum(rows: Any) -> dict[Any, Decimal]:
    found: dict[Any, Decimal] = {}
    for place, amount in rows:
        found[place] = found.get(place, Decimal(0)) + amount
    return {place: sum_ for place, sum_ in found.items() if sum_}


def _entry(who: str, *postings: Posting) -> Entry:
    moved = postings or (Posting("assets:receivable:1", 1_00, "USD"), Posting("income:labour", -1_00, "USD"))
    return Entry("rated:1", date(2005, 4, 5), f"Work for {who}", moved, "1", who)


@pytest.mark.parametrize("who", NAMES)
def test_an_odd_name_stays_on_its_line_in_every_format(who: str, tmp_path: Path) -> None:
    booked = [_entry(who)]
    journal, beancount = tmp_path / "books.journal", tmp_path / "books.beancount"
    journal.write_text(render_journal(booked))
    beancount.write_text(_beancount(booked))
    ours = balances(booked)

    assert printed_by_hledger(journal) == printed_by_ledger(journal) == as_printed(ours)
    assert printed_by_beancount(beancount) == as_beancount(ours)
    iif = list(iif_lines(booked, {"assets:receivable:1", "income:labour"}, [("1", who)]))
    assert [line.split("\t")[0] for line in iif[-3:]] == ["TRNS", "SPL", "ENDTRNS"]
    assert not any('"' in line or "\n" in line for line in iif)
    assert len(iif[-3].split("\t")) == 7


def test_an_iif_file_is_as_intuit_describes_it() -> None:
    lines = list(iif_lines([_entry("Elm St Law")], ["assets:receivable:1", "income:labour"], [("1", "Elm St Law")]))

    assert lines == [
        "!ACCNT\tNAME\tACCNTTYPE\tDESC",
        "ACCNT\tReceivables\tAR\twhat clients owe on invoices",
        "ACCNT\tLabour\tINC\twork by the hour",
        "!CUST\tNAME",
        "CUST\tElm St Law",
        "!TRNS\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\tMEMO",
        "!SPL\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\tMEMO",
        "!ENDTRNS",
        "TRNS\tGENERAL JOURNAL\t04/05/05\tReceivables\tElm St Law\t1.00\tWork for Elm St Law (rated:1)",
        "SPL\tGENERAL JOURNAL\t04/05/05\tLabour\tElm St Law\t-1.00\tWork for Elm St Law (rated:1)",
        "ENDTRNS",
    ]


def test_two_clients_whose_names_quickbooks_would_cut_to_the_same_stay_two() -> None:
    lines = list(iif_lines([], [], [("1", "A" * 60 + "1"), ("2", "A" * 60 + "2"), ("3", "a:b"), ("4", "A-B")]))
    customers = [line.split("\t")[1] for line in lines if line.startswith("CUST\t")]

    assert len({name.lower() for name in customers}) == 4
    assert all(len(name) <= NAME_LENGTH and ":" not in name for name in customers)


def test_an_entry_that_moves_hours_alone_is_no_transaction_of_money() -> None:
    hours = _entry("Elm", Posting("holdings:hours:1:1", 60, HOURS), Posting("hours:issued:1", -60, HOURS))

    assert money_by_account(hours) == {}
    assert len(list(xero_rows([hours]))) == 1
    assert not any(line.startswith("TRNS") for line in iif_lines([hours], [], []))


def test_a_xero_row_names_the_account_by_its_code_and_the_day_as_xero_reads_it() -> None:
    _, first, second = xero_rows([_entry("Elm")])

    assert first == ("Work for Elm (rated:1)", "05/04/2005", "Receivables, Elm", "611", "Tax Exempt", Decimal("1.00"))
    assert second[3:] == ("204", "Tax Exempt", Decimal("-1.00"))


def test_the_chart_has_a_code_and_a_title_of_its_own_for_every_account_in_money() -> None:
    codes = [account.code for account in ACCOUNTS.values() if account.code]

    assert len(codes) == len(set(codes))
    assert len({account.title for account in ACCOUNTS.values()}) == len(ACCOUNTS)
    assert account_of("expenses:bad debt").iif == "EXP"
    assert folded("liabilities:deferred:hours:12:3") == "liabilities:deferred:hours"
    assert folded("income:interest") == "income:interest"


def test_beancounts_names_of_accounts_do_not_run_together() -> None:
    names = ["assets:bank", "holdings:hours:1:2", "hours:issued:1", "odd:elm st", "odd:elm-st", "assets"]

    found = [beancount_account(name) for name in names]

    assert len(set(found)) == len(names)
    assert found[:3] == ["Assets:Bank", "Assets:Holdings:Hours:1:2", "Equity:Hours:Issued:1"]


def test_csv_rows_keep_numbers_as_numbers() -> None:
    sheet = io.StringIO()
    csv.writer(sheet).writerows(posting_rows([_entry("Elm")]))

    assert "2005-04-05,rated:1,Work for Elm,1,Elm,income:labour,-1.00,USD" in sheet.getvalue()
