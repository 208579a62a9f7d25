"""Turns what the rules say into entries of the books (billing-rules.md, "The books behind it").

Labour, overage and parts earn when they are rated; a block earns as it is drawn; a fee earns over its month; a retainer
and a client's credit are owed to him; tax is owed on. Each function gives one balanced entry, or None if nothing moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from rounds.core.account import Closing, Kind, Line, Outcome, Refund
from rounds.core.books import HOURS, Chart, Entry, Posting, make_entry, move
from rounds.core.money import round_half_away
from rounds.core.settling import Crediting, Receipt, Settlement

IN_ADVANCE = {Kind.FEE, Kind.MONITORING}


def entry_of_outcome(chart: Chart, outcome: Outcome, *, key: str, on: date, what: str) -> Entry | None:
    """Book what a rule found: charges and draws as they earn, hours issued, lapsed and given back, and the invoice.

    What an invoice asked for on a retainer is booked when it arrives, by `entry_of_receipt`.
    """
    postings = [
        *_charges(chart, outcome),
        *_hours(chart, outcome),
        *(_invoice(chart, outcome, outcome.closing) if outcome.closing else ()),
    ]
    return make_entry(key, on, what, postings)


def entry_of_settlement(
    chart: Chart, settlement: Settlement, source: str = "", *, key: str, on: date, what: str
) -> Entry | None:
    """Book a payment from a `source` (else the bank), one back to the client, or credit that pays for an invoice."""
    settled = sum(allocation.amount for allocation in settlement.allocations)
    postings = [
        Posting(source or chart.bank, settled + settlement.credit_change, chart.money),
        Posting(chart.receivable, -settled, chart.money),
        Posting(chart.credit, -settlement.credit_change, chart.money),
    ]
    return make_entry(key, on, what, postings)


def entry_of_receipt(chart: Chart, receipt: Receipt, *, key: str, on: date, what: str) -> Entry | None:
    """Book retainer money that arrived, because the invoice that asked for it is paid in full."""
    postings = move(receipt.amount, debit=chart.asked, credit=chart.retainer, commodity=chart.money)
    return make_entry(key, on, what, postings)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a credit note takes back: tax by code, and what was deferred and is no revenue.

    That is the price of `hours`, and of `fees` and monitoring (kind and cents) what is for days to come.
    """

    taxes: tuple[tuple[str, int], ...] = ()
    hours: tuple[Refund, ...] = ()
    fees: tuple[tuple[Kind, int], ...] = ()

    @property
    def tax(self) -> int:
        """All tax."""
        return sum(cents for _code, cents in self.taxes)


def entry_of_credit(
    chart: Chart, crediting: Crediting, taken: TakenBack, *, key: str, on: date, what: str
) -> Entry | None:
    """Book a credit note: what it takes back of the retainer, of tax, of hours sold and, the rest, of revenue.

    The hours themselves are booked by `entry_of_outcome`.
    """
    settled = crediting.lowered - crediting.recovered
    settled += sum(allocation.amount for allocation in crediting.beyond.allocations)
    deferred = sum(refund.amount for refund in taken.hours) + sum(cents for _kind, cents in taken.fees)
    postings = [
        Posting(chart.asked, crediting.asked, chart.money),
        Posting(chart.retainer, crediting.held - crediting.returned, chart.money),
        *(Posting(chart.tax(code), cents, chart.money) for code, cents in taken.taxes),
        *(Posting(chart.deferred_hours(refund.block), refund.amount, chart.money) for refund in taken.hours),
        *(Posting(chart.deferred(kind), cents, chart.money) for kind, cents in taken.fees),
        Posting(chart.income("credited"), credited_revenue(crediting) - taken.tax - deferred, chart.money),
        Posting(chart.bad_debt, -crediting.recovered, chart.money),
        Posting(chart.receivable, -settled, chart.money),
        Posting(chart.credit, -crediting.beyond.credit_change, chart.money),
    ]
    return make_entry(key, on, what, postings)


def entry_of_write_off(chart: Chart, amount: int, asked: int, *, key: str, on: date, what: str) -> Entry | None:
    """Book cents of an invoice as lost, its tax included; `asked` of them were asked for the retainer: no loss.

    A negative amount is expected to be paid after all.
    """
    postings = [
        Posting(chart.asked, asked, chart.money),
        Posting(chart.bad_debt, amount - asked, chart.money),
        Posting(chart.receivable, -amount, chart.money),
    ]
    return make_entry(key, on, what, postings)


def credited_revenue(crediting: Crediting) -> int:
    """Find what a credit note credits of anything but retainer money, its tax included."""
    return crediting.amount - crediting.asked - crediting.held


def earned_fee(line: Line, through: date) -> int:
    """Find what of a fee or monitoring line has been earned by the end of a day: by days, cumulative, rounded once."""
    if line.period is None:
        return 0
    first, last = line.period
    days = (last - first).days + 1
    gone = min(max((through - first).days + 1, 0), days)
    return round_half_away(Fraction(line.amount * gone, days))


def refundable_fee(line: Line, ended_on: date) -> int:
    """Find what of a fee or monitoring line is given back when an agreement is over after a day: its unused days."""
    return line.amount - earned_fee(line, ended_on) if line.period else 0


def entry_of_fee(chart: Chart, line: Line, already: int, *, key: str, on: date, rest: int = 0) -> Entry | None:
    """Earn a fee or monitoring line through a day, `already` cents of which were earned before.

    `rest` cents of it were given back, as the agreement ended early: they are never earned.
    """
    postings = move(
        min(earned_fee(line, on), line.amount - rest) - already,
        debit=chart.deferred(line.kind),
        credit=chart.income(line.kind),
        commodity=chart.money,
    )
    return make_entry(key, on, f"{line.kind} earned", postings)


def _charges(chart: Chart, outcome: Outcome) -> Iterator[Posting]:
    for charge in outcome.charges:
        yield from move(charge.amount, debit=chart.unbilled, credit=chart.income(charge.kind), commodity=chart.money)


def _hours(chart: Chart, outcome: Outcome) -> Iterator[Posting]:
    """Post the hours of blocks that were issued, used, lapsed or given back, and what use and lapse earn."""
    for block in outcome.blocks:
        yield from _seconds(chart, "issued", block.key, -block.seconds)
    for draw in outcome.draws:
        if draw.source == "block":
            yield from _seconds(chart, "used", draw.block, draw.seconds)
            yield from _earned_hours(chart, "hours", draw.block, draw.earned)
    for lapse in outcome.lapses:
        yield from _seconds(chart, "lapsed", lapse.block, lapse.seconds)
        yield from _earned_hours(chart, "breakage", lapse.block, lapse.earned)
    for refund in outcome.refunds:
        yield from _seconds(chart, "refunded", refund.block, refund.seconds)
        yield from _earned_hours(chart, "hours", refund.block, refund.earned)
        if refund.was_credited:  # the credit note took it off what was earned, as the hours were used then
            yield from _earned_hours(chart, "credited", refund.block, refund.amount)


def _seconds(chart: Chart, fate: str, block: object, seconds: int) -> Iterator[Posting]:
    return move(seconds, debit=chart.hours(fate), credit=chart.holding(block), commodity=HOURS)


def _earned_hours(chart: Chart, kind: str, block: object, earned: int) -> Iterator[Posting]:
    return move(earned, debit=chart.deferred_hours(block), credit=chart.income(kind), commodity=chart.money)


def _invoice(chart: Chart, outcome: Outcome, closing: Closing) -> Iterator[Posting]:
    """Post an invoice: its lines off the accounts where they waited or onto those where they will earn, its tax."""
    for line in closing.lines:
        yield Posting(_account_of_line(chart, outcome, closing, line), -line.amount, chart.money)
    for row in closing.taxes:
        yield Posting(chart.tax(row.tax.code), -row.amount, chart.money)
    yield Posting(chart.retainer, closing.from_retainer, chart.money)
    due_from = chart.bank if closing.is_paid_at_once else chart.receivable
    yield Posting(due_from, closing.total - closing.from_retainer, chart.money)


def _account_of_line(chart: Chart, outcome: Outcome, closing: Closing, line: Line) -> str:
    if line.kind is Kind.HOURS:
        return chart.deferred_hours(outcome.blocks[0].key)
    if line.kind in IN_ADVANCE:
        return chart.deferred(line.kind)
    if line.kind is Kind.RETAINER:
        return chart.retainer if closing.is_paid_at_once else chart.asked
    return chart.unbilled
