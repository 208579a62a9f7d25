"""What a client had when the shop began with these books: hours, money and open invoices, brought over as of a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from rounds.core.account import Account, Block, Closing, Grant, Kind, Line, Outcome
from rounds.core.books import HOURS, Chart, Entry, Posting, make_entry, move
from rounds.core.days import add_months, first_of_month, months_in_force
from rounds.core.money import Refused, round_half_away
from rounds.core.taxing import Tax, TaxRow
from rounds.core.terms import Agreement, Plan

OLD = "old-books"  # the code of the tax in an invoice that is brought over


@dataclass(frozen=True, slots=True)
class OldInvoice:
    """An invoice of the old books with something open: cents still to pay, and the tax that is in them."""

    number: str
    on: date
    due: date
    open: int
    tax: int = 0

    def __post_init__(self) -> None:
        if self.open < 1:
            raise Refused("an invoice that is brought over has something open")
        if not 0 <= self.tax < self.open:
            raise Refused("the tax in it is less than what is open")
        if self.due < self.on:
            raise Refused("it is due before its date")

    def closing(self) -> Closing:
        """What it shows here: one line, and its tax, so that a credit note takes its share of it back."""
        base = self.open - self.tax
        tax = Tax(OLD, self._rate()) if self.tax else None
        rows = (TaxRow(tax, base, self.tax),) if tax else ()
        return Closing(self.on, self.due, "opening", (Line(Kind.BROUGHT, base, tax=tax),), rows, 0, 0)

    def _rate(self) -> Fraction:
        """The rate that the tax in it comes from, to a hundredth of a per cent."""
        hundredths = round_half_away(Fraction(self.tax * 10_000, self.open - self.tax))
        return min(Fraction(hundredths, 10_000), Fraction(1))


@dataclass(frozen=True, slots=True)
class Brought:
    """Everything that one client brings over as of the start of a day.

    A block is known whole: all its seconds and its price, and what is `left`; so it earns on as if it had been here all
    along. `rolled` are seconds of included hours by the last month (its first day) in which they can be used.
    """

    on: date
    blocks: tuple[Block, ...] = ()
    rolled: tuple[tuple[date, int], ...] = ()
    retainer: int = 0
    credit: int = 0
    invoices: tuple[OldInvoice, ...] = ()

    def __post_init__(self) -> None:
        if self.retainer < 0 or self.credit < 0:
            raise Refused("what is brought over is negative")
        for block in self.blocks:
            if not 0 < block.left <= block.seconds:
                raise Refused("a block that is brought over has hours left, and not more than were bought")
            if block.bought_on > self.on:
                raise Refused(f"the block was bought after the opening day, {self.on}")
            if block.lapses_on is not None and block.lapses_on <= self.on:
                raise Refused(f"the block has lapsed by the opening day, {self.on}")
        if any(invoice.on > self.on for invoice in self.invoices):
            raise Refused(f"an invoice is dated after the opening day, {self.on}")


def deferred(block: Block) -> int:
    """Cents of a block's price that are not earned yet (billing-rules.md, "The books": cumulative, rounded once)."""
    return block.price - block.earned_at(block.left)


def bring_over(account: Account, brought: Brought) -> Outcome:
    """Find what an account holds beside what it has, and what it owes no fee for, as the old books charged it.

    Periods that began before the opening day were charged in the old books, and their included hours are those that
    are brought over, or none; a grant of nothing that the account has already may be filled.
    """
    before = brought.on - timedelta(days=1)
    old = [one for one in account.terms.agreements if one.starts < brought.on]
    charged = {(one.key, first) for one in old for first, _ in months_in_force(one.starts, one.ends, before)}
    return Outcome(
        blocks=brought.blocks,
        grants=tuple(_grants(account, brought, old)),
        retainer_change=brought.retainer,
        charged=tuple(sorted(charged - account.charged_in_advance)),
    )


def _grants(account: Account, brought: Brought, old: list[Agreement]) -> Iterator[Grant]:
    """Give the grants of what was rolled in, and of nothing for the months that the old books granted."""
    held = {(grant.agreement, grant.month): grant.seconds for grant in account.grants}
    rolled = dict(_rolled(account, brought))
    if len(rolled) < len(brought.rolled):
        raise Refused("included hours of one month are brought over twice")
    for key in sorted(rolled):
        if held.get(key):
            raise Refused(f"the included hours of {key[1]:%B %Y} have been granted here already")
    before = brought.on - timedelta(days=1)
    for agreement in old:
        if agreement.plan is Plan.SERVICE_AGREEMENT:
            for first, _ in months_in_force(agreement.starts, agreement.ends, before):
                key = (agreement.key, first_of_month(first))
                if key not in held:
                    rolled.setdefault(key, 0)
    months = {one.key: one.roll_months for one in account.terms.agreements}
    for (agreement_key, month), seconds in sorted(rolled.items()):
        last = add_months(month, months[agreement_key])
        yield Grant(agreement_key, month, last, seconds, seconds)


def _rolled(account: Account, brought: Brought) -> Iterator[tuple[tuple[int, date], int]]:
    """Give the month in which rolled hours were granted: so long before the last in which they can be used."""
    agreement = account.terms.agreement_on(brought.on)
    this = first_of_month(brought.on)
    for last, seconds in brought.rolled:
        if agreement is None or agreement.plan is not Plan.SERVICE_AGREEMENT:
            raise Refused(f"included hours belong to a service agreement, and none is in force on {brought.on}")
        month = add_months(first_of_month(last), -agreement.roll_months)
        if first_of_month(last) < this:
            raise Refused(f"the included hours have lapsed by the opening day, {brought.on}")
        if month > this or (month == this and brought.on.day == 1):
            raise Refused(f"hours roll for {agreement.roll_months} months: those of {month:%B %Y} are granted here")
        yield (agreement.key, month), seconds


def entry_of_opening(chart: Chart, brought: Brought, *, key: str, what: str) -> Entry | None:
    """Book what is brought over against the opening account: tax in old invoices was told of in the old books."""
    return make_entry(key, brought.on, what, _postings(chart, brought))


def entry_of_undoing(chart: Chart, brought: Brought, *, key: str, what: str) -> Entry | None:
    """Take it all off again, on the same day, so that no day shows it."""
    back = [Posting(one.account, -one.amount, one.commodity) for one in _postings(chart, brought)]
    return make_entry(key, brought.on, what, back)


def _postings(chart: Chart, brought: Brought) -> Iterator[Posting]:
    opening, money = chart.opening, chart.money
    for block in brought.blocks:
        yield from move(block.left, debit=chart.holding(block.key), credit=chart.hours("opening"), commodity=HOURS)
        yield from move(deferred(block), debit=opening, credit=chart.deferred_hours(block.key), commodity=money)
    yield from move(brought.retainer, debit=opening, credit=chart.retainer, commodity=money)
    yield from move(brought.credit, debit=opening, credit=chart.credit, commodity=money)
    owed = sum(invoice.open for invoice in brought.invoices)
    yield from move(owed, debit=chart.receivable, credit=opening, commodity=money)
