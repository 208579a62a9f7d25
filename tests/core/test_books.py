"""The books: entries that balance, what they add up to, how old receivables are, what third parties say to them."""

import csv
import io
import subprocess
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from rounds.core import buying, entries, giving_back, opening, settling
from rounds.core.account import Closing, Kind, Line, Outcome
from rounds.core.bookkeeping import books_of
from rounds.core.books import Chart, Entry, Posting, Unbalanced, ageing, balance, balances, make_entry, move
from rounds.core.crediting import Creditable, whole_of
from rounds.core.journal import render_journal
from rounds.core.rating import rate_work
from rounds.core.rehearsing import perform
from rounds.core.settling import Debts, Receivable
from rounds.core.stories import read_story
from rounds.core.taxing import Tax, TaxRow
from rounds.core.terms import Monitoring
from tests.core.accounts import HOUR, account, agreement, day, work

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))
CHART = Chart("elm")
ON = date(2005, 4, 5)


def story_books() -> list[Entry]:
    booked = []
    for number, path in enumerate(SCENARIOS):
        story = read_story(tomllib.loads(path.read_text(), parse_float=Decimal))
        booked += books_of(perform(story), Chart(f"client-{number}"), story.through)
    return booked


def test_an_entry_that_does_not_balance_in_every_commodity_cannot_be_made() -> None:
    with pytest.raises(Unbalanced, match="off by 1 USD"):
        Entry("1", ON, "odd", (Posting("a", 5, "USD"), Posting("b", -4, "USD")))
    with pytest.raises(Unbalanced, match="off by"):
        Entry("1", ON, "hours for money", (Posting("a", 100, "USD"), Posting("b", -100, "SEC")))
    with pytest.raises(Unbalanced, match="no postings"):
        Entry("1", ON, "nothing", ())


def test_postings_to_one_account_are_put_together_and_nothing_is_no_entry() -> None:
    twice = [*move(5, debit="a", credit="b", commodity="USD"), *move(7, debit="a", credit="b", commodity="USD")]

    entry = make_entry("1", ON, "twice", twice)

    assert entry is not None
    assert entry.postings == (Posting("a", 12, "USD"), Posting("b", -12, "USD"))
    assert make_entry("1", ON, "nothing", move(0, debit="a", credit="b", commodity="USD")) is None


def test_balances_hold_through_a_day_and_add_up_below_an_account() -> None:
    booked = [
        Entry("1", day("2005-04-01"), "one", tuple(move(5, debit="a:x", credit="b", commodity="USD"))),
        Entry("2", day("2005-04-02"), "two", tuple(move(7, debit="a:y", credit="b", commodity="USD"))),
    ]

    assert balances(booked, day("2005-04-01")) == {("a:x", "USD"): 5, ("b", "USD"): -5}
    assert balance(balances(booked), "a", "USD") == 12
    assert balance(balances(booked), "a", "SEC") == 0


def test_a_block_is_a_liability_in_money_and_a_holding_in_hours_and_the_last_draw_leaves_nothing() -> None:
    one = account(agreement("block", hourly_rate=3_333))
    outcomes = [buying.buy(one, "b1", ON, 7)]
    one = one.after(outcomes[0])
    for _ in range(28):
        outcomes.append(rate_work(one, work(minutes=15)))
        one = one.after(outcomes[-1])

    booked = [entries.entry_of_outcome(CHART, o, key=str(n), on=ON, what="x") for n, o in enumerate(outcomes)]
    totals = balances(entry for entry in booked if entry)

    assert one.block_seconds == 0
    assert totals == {
        ("assets:receivable:elm", "USD"): 23_331,
        ("income:hours", "USD"): -23_331,
        ("hours:issued:elm", "SEC"): -7 * HOUR,
        ("hours:used:elm", "SEC"): 7 * HOUR,
    }


def test_labour_earns_when_it_is_rated_and_waits_as_unbilled_until_it_is_invoiced() -> None:
    one = account()
    rated = rate_work(one, work())
    closed = opening.close(one.after(rated), day("2005-05-01"))

    first = entries.entry_of_outcome(CHART, rated, key="1", on=ON, what="work")
    second = entries.entry_of_outcome(CHART, closed, key="2", on=day("2005-05-01"), what="invoice")

    assert first is not None
    assert second is not None
    assert first.postings == (Posting("assets:unbilled:elm", 10_000, "USD"), Posting("income:labour", -10_000, "USD"))
    assert second.postings == (
        Posting("assets:unbilled:elm", -10_000, "USD"),
        Posting("assets:receivable:elm", 10_000, "USD"),
    )


def test_a_fee_is_deferred_and_earned_by_days_over_its_month_to_the_last_cent() -> None:
    line = Line(Kind.FEE, 1_000, period=(day("2005-04-01"), day("2005-04-30")))

    earned = [entries.earned_fee(line, day(f"2005-04-{number:02}")) for number in range(1, 31)]

    assert earned[0] == 33
    assert earned[-1] == 1_000
    assert sorted(earned) == earned
    assert entries.earned_fee(line, day("2005-03-31")) == 0
    assert entries.earned_fee(line, day("2005-12-31")) == 1_000
    assert entries.refundable_fee(line, day("2005-04-10")) == 667
    assert entries.earned_fee(Line(Kind.PART, 500), ON) == entries.refundable_fee(Line(Kind.PART, 500), ON) == 0
    entry = entries.entry_of_fee(CHART, line, 333, key="1", on=day("2005-04-20"))
    assert entry is not None
    assert entry.postings == (Posting("liabilities:deferred:fee:elm", 334, "USD"), Posting("income:fee", -334, "USD"))


def test_nothing_of_a_refund_is_income() -> None:
    one = account(agreement("block", low_at_seconds=0), retainer=700)
    bought = buying.buy(one, "b1", ON, 2)
    assert bought.closing is not None
    one = one.after(bought)
    used = rate_work(one, work(minutes=30))
    one = one.after(used)
    debts = Debts((settling.issue(Debts(), "b1", bought.closing)[0],))
    hours = giving_back.refund_hours(one.blocks[0], None, ON)
    crediting = settling.credit(debts, "b1", hours.amount, retainer=700)
    taken = giving_back.credit(one, crediting, ON, key="r1", sold=giving_back.Sold("b1", hours.amount, hours))

    booked = [
        *(entries.entry_of_outcome(CHART, outcome, key="1", on=ON, what="x") for outcome in (bought, used, taken)),
        entries.entry_of_credit(
            CHART, crediting, entries.TakenBack((), taken.refunds), key="2", on=ON, what="hours given back"
        ),
    ]
    totals = balances(entry for entry in booked if entry)

    assert balance(totals, "income", "USD") == -5_000  # the half hour used, and nothing else
    assert balance(totals, "liabilities:deferred", "USD") == 0
    assert totals[CHART.receivable, "USD"] == 20_000 - 15_000
    assert totals["hours:refunded:elm", "SEC"] == 5_400
    assert balance(totals, "holdings", "SEC") == 0


def test_a_credit_note_takes_back_its_share_of_the_tax_and_in_all_not_a_cent_more_than_was_charged() -> None:
    row = TaxRow(Tax("tax", Fraction(825, 10_000)), 999, 82)
    closing = Closing(ON, ON, "month", (Line(Kind.LABOUR, 999, tax=row.tax),), (row,), from_retainer=0, asked=0)
    debts, left, tax = Debts((Receivable(1, 1, ON, 1_081),)), Creditable.of(whole_of(closing)), []

    for amount in (400, 400, 281, 50):
        crediting = settling.credit(debts, 1, amount, retainer=0)
        debts = debts.credited(crediting)
        taken = left.by_amount(entries.credited_revenue(crediting))
        tax.append(taken.tax)
        left = left.after(taken, is_by_lines=False)

    assert tax == [30, 31, 21, 0]
    assert sum(tax) == 82


def test_a_deposit_goes_to_the_bank_and_what_is_asked_for_is_no_retainer_until_it_arrives() -> None:
    one = account(agreement("retainer", low_at_amount=100, top_up_to=500))
    asked = opening.close(one, day("2005-04-01"))
    one = one.after(asked)

    deposit = entries.entry_of_outcome(CHART, buying.deposit(one, "d", ON, 300), key="1", on=ON, what="deposit")
    invoice = entries.entry_of_outcome(CHART, asked, key="2", on=ON, what="invoice")
    receipt = entries.entry_of_receipt(CHART, settling.Receipt(1, 500), key="3", on=ON, what="received")

    assert deposit is not None
    assert balances([deposit]) == {("assets:bank", "USD"): 300, ("liabilities:retainer:elm", "USD"): -300}
    assert invoice is not None
    assert balances([invoice]) == {("assets:receivable:elm", "USD"): 500, ("liabilities:asked:elm", "USD"): -500}
    assert receipt is not None
    assert balances([receipt]) == {("liabilities:asked:elm", "USD"): 500, ("liabilities:retainer:elm", "USD"): -500}


def test_an_outcome_that_moves_nothing_is_no_entry() -> None:
    held = rate_work(account(agreement("call-first", monitoring=Monitoring(fee=100))), work())

    assert held.is_held
    assert entries.entry_of_outcome(CHART, held, key="1", on=ON, what="held") is None
    assert entries.entry_of_outcome(CHART, Outcome(), key="1", on=ON, what="nothing") is None


def test_receivables_age_by_days_past_the_due_day() -> None:
    dues = [
        "2005-04-05",
        "2005-04-04",
        "2005-03-06",
        "2005-03-05",
        "2005-02-04",
        "2005-02-03",
        "2005-01-05",
        "2005-01-04",
    ]
    invoices = [Receivable(n, n, day(due), 10**n) for n, due in enumerate(dues)]

    aged = ageing(invoices, ON)

    assert (aged.not_due, aged.to_30, aged.to_60, aged.to_90, aged.over_90) == (
        1,
        110,
        11_000,
        1_100_000,
        10_000_000,
    )
    assert aged.total == sum(invoice.open for invoice in invoices)


@pytest.mark.parametrize("name", ["", "a:b", "a  b", "a;b", "a\nb"])
def test_a_name_that_would_break_an_account_is_no_clients_key(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be part"):
        Chart(name)


def test_a_journal_keeps_odd_descriptions_on_their_line() -> None:
    postings = tuple(move(5, debit="assets:bank", credit="income:x", commodity="USD"))

    text = render_journal([Entry("a) b", ON, "one;\n    two | three", postings)])

    assert "2005-04-05 * (a/ b) one, two / three\n" in text
    assert text.count("\n2005") == 1


def test_hledger_accepts_the_journal_strictly_and_prints_the_same_balances(tmp_path: Path) -> None:
    booked = story_books()
    journal = tmp_path / "books.journal"
    journal.write_text(render_journal(booked))

    checked = subprocess.run(
        ["hledger", "-f", journal, "check", "--strict"], capture_output=True, text=True, check=False
    )
    report = subprocess.run(
        ["hledger", "-f", journal, "balance", "--flat", "--no-total", "-O", "csv"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stderr
    assert _read_balances(report.stdout) == {
        (account_name, commodity): (Decimal(total) / 100 if commodity == "USD" else Decimal(total))
        for (account_name, commodity), total in balances(booked).items()
    }


def test_ledger_accepts_the_journal_strictly_and_prints_the_same_balances(tmp_path: Path) -> None:
    booked = story_books()
    journal = tmp_path / "books.journal"
    journal.write_text(render_journal(booked))

    report = subprocess.run(
        ["ledger", "--strict", "--pedantic", "-f", journal, "balance", "--flat", "--no-total",
         "--format", "%(account)|%(quantity(scrub(amount)))|%(commodity(scrub(amount)))\n"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    printed = {}
    for line in report.stdout.splitlines():
        name, amount, commodity = line.split("|")
        if Decimal(amount):
            printed[name, commodity.strip('"')] = Decimal(amount)
    assert printed == {
        (account_name, commodity): (Decimal(total) / 100 if commodity == "USD" else Decimal(total))
        for (account_name, commodity), total in balances(booked).items()
    }


def _read_balances(text: str) -> dict[tuple[str, str], Decimal]:
    """Read hledger's report: one account a row, its amounts in one field, divided by commas."""
    found = {}
    for row in list(csv.reader(io.StringIO(text)))[1:]:
        for amount in row[1].split(", "):
            if amount != "0":
                number, commodity = amount.split(" ")
                found[row[0], commodity] = Decimal(number)
    return found
