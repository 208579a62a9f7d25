"""Interest on late invoices: what was open on which days goes in, whole cents and the days they are for come out.

Simple interest, day by day, on what is open at the end of a day; never on interest, on what is asked for a retainer, or
on days of a pause. What an invoice owes in all is summed exactly and rounded once; a charge is what that is now less
what was charged before, so that a payment found to be earlier, or a credit note, gives back to the cent.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from rounds.core.account import Charge, Closing, Key, Kind
from rounds.core.days import add_months, days_in_month, first_of_month
from rounds.core.money import round_half_away, show_amount
from rounds.core.taxing import Tax, tax_of
from rounds.core.terms import Lateness, Terms

DAY = timedelta(days=1)
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Late:
    """An invoice as interest sees it, in cents.

    `base` can bear interest: its total less interest, what is asked for the retainer, and what credit notes took back,
    as if that had never been owed. `cleared` was paid or written off from a day on. On the days from and before those
    of `quiet` reminders were paused (None: they still are), and before `since` or from `until` on it bears none.
    """

    key: Key
    due: date
    base: int
    cleared: tuple[tuple[date, int], ...] = ()
    quiet: tuple[tuple[date, date | None], ...] = ()
    since: date = date.min
    until: date | None = None

    def open_on(self, day: date) -> int:
        """What bears interest on a day: what is paid pays for everything else before it pays interest."""
        return max(0, self.base - sum(amount for since, amount in self.cleared if since <= day))

    def is_quiet(self, day: date) -> bool:
        """Does it bear no interest on a day, whatever is open?"""
        if day < self.since or (self.until is not None and day >= self.until):
            return True
        return any(first <= day and (end is None or day < end) for first, end in self.quiet)


@dataclass(frozen=True, slots=True)
class Charged:
    """Interest that was charged for days of an invoice, or given back for them, in cents."""

    first: date
    last: date
    amount: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row on which the same was open at the same rate."""

    first: date
    last: date
    open: int
    lateness: Lateness

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def exact(self) -> Fraction:
        """The interest of these days in cents, not rounded."""
        days = days_in_month(self.first) if self.lateness.is_monthly else DAYS_A_YEAR
        return self.open * self.lateness.rate * Fraction(self.days, days)

    def told(self) -> str:
        """How it comes about, for a person."""
        days = "1 day" if self.days == 1 else f"{self.days} days"
        return f"{show_amount(self.open)} open for {days} from {self.first} at {self.lateness.in_words()}"


@dataclass(frozen=True, slots=True)
class Interest:
    """What an invoice is charged for days of it, or given back for them, and how it comes about."""

    invoice: Key
    first: date
    last: date
    amount: int
    trace: tuple[str, ...]

    def charge(self, on: date) -> Charge:
        """The line of the next invoice."""
        key = f"interest:{self.invoice}:{self.first}"
        return Charge(Kind.INTEREST, self.amount, key, on, trace=self.trace)


def spans(terms: Terms, late: Late, through: date) -> list[Span]:
    """The days through a day for which an invoice bears interest, in order; by month where the rate is a month's."""
    found = []
    edges = [*_edges(terms, late, through), through + DAY]
    for first, end in pairwise(edges):
        lateness = lateness_on(terms, first)
        is_bearing = lateness is not None and first > late.due + timedelta(days=lateness.grace_days)
        if lateness is not None and is_bearing and not late.is_quiet(first) and (is_open := late.open_on(first)):
            found.append(Span(first, end - DAY, is_open, lateness))
    return found


def lateness_on(terms: Terms, day: date) -> Lateness | None:
    """What a client is charged for being late on a day; None: nothing, or his agreement waives it."""
    agreement = terms.agreement_on(day)
    return None if agreement is not None and agreement.waives_interest else terms.shop_on(day).lateness


def accrued(found: Iterable[Span]) -> int:
    """The interest of spans in cents, rounded once."""
    return round_half_away(sum((span.exact for span in found), Fraction(0)))


def interest_on(
    terms: Terms, late: Late, charged: Sequence[Charged], day: date, *, forgiven: int = 0
) -> tuple[Interest, ...]:
    """Find what the first of a month charges for an invoice through the day before, and what it gives back.

    `forgiven` cents of what was charged have been credited on the invoice that charged them: they are not given back a
    second time. New interest below the shop's minimum waits for the next first.
    """
    through = day - DAY
    before = max((one.last for one in charged), default=None)
    held = sum(one.amount for one in charged)
    found = spans(terms, late, through)
    made: list[Interest] = []
    if before is not None:
        old = [span for span in found if span.first <= before]
        back = max(accrued(_cut(old, before)), forgiven) - held
        if back < 0:
            first = min(one.first for one in charged)
            told = (f"owed for these days: {show_amount(held + back)}", f"charged before: {show_amount(held)}")
            made.append(Interest(late.key, first, before, back, told))
            held += back
    new = accrued(found) - held
    shown = [span for span in found if before is None or span.last > before]
    if shown and new > 0 and new >= _minimum(terms, day):
        first = shown[0].first if before is None else max(shown[0].first, before + DAY)
        trace = tuple(span.told() for span in _from(shown, first))
        made.append(Interest(late.key, first, shown[-1].last, new, trace))
    return tuple(made)


def own_of(lines: Sequence[tuple[Tax | None, int]], named: int) -> int:
    """What an invoice's own lines of interest come to with their tax, less what was credited of them by their line.

    `lines` are cents before tax, each with its tax; `named` the cents before tax credited of them.
    """
    net = sum(amount for _, amount in lines)
    gross = net + tax_of(lines)
    return gross - round_half_away(Fraction(gross * named, net)) if named and net else gross


def forgiven(rest: int, lines: Sequence[tuple[Key, int, Tax | None]]) -> dict[Key, int]:
    """What credit notes of an amount took back of an invoice's lines of interest, by the late invoice that each is for.

    `rest` is what they left of everything else on it, however that is paid, but for what a retainer is asked for;
    `lines` are those of interest with what is left of them, in cents before tax. An amount takes back everything else
    first; below nothing, the rest is what it took back of interest and its tax.
    """
    net = sum(amount for _, amount, _ in lines)
    gross = net + tax_of((tax, amount) for _, amount, tax in lines)
    beyond = min(-rest, gross)
    if beyond <= 0 or net <= 0:
        return {}
    found: dict[Key, int] = {}
    so_far = told = 0
    for key, amount, _ in lines:
        so_far += amount
        share = round_half_away(Fraction(so_far * beyond, gross)) - told
        found[key], told = found.get(key, 0) + share, told + share
    return found


def _minimum(terms: Terms, day: date) -> int:
    lateness = terms.shop_on(day).lateness
    return lateness.minimum if lateness is not None else 0


def _cut(found: Sequence[Span], last: date) -> Iterator[Span]:
    """The spans as far as a day."""
    return (Span(one.first, min(one.last, last), one.open, one.lateness) for one in found if one.first <= last)


def _from(found: Sequence[Span], first: date) -> Iterator[Span]:
    """The spans from a day on."""
    return (Span(max(one.first, first), one.last, one.open, one.lateness) for one in found if one.last >= first)


def _edges(terms: Terms, late: Late, through: date) -> list[date]:
    """The days on which anything that interest depends on may change, from the day after the due day on."""
    begins = late.due + DAY
    told = [shop.lateness for _, shop in terms.shops if shop.lateness is not None]
    days = {begins, late.since}
    days |= {late.due + timedelta(days=one.grace_days + 1) for one in told}
    days |= {since for since, _ in terms.shops}
    days |= {one.starts for one in terms.agreements} | {one.ends + DAY for one in terms.agreements if one.ends}
    days |= {since for since, _ in late.cleared}
    days |= {day for pause in late.quiet for day in pause if day is not None}
    days |= {late.until} if late.until else set()
    if any(one.is_monthly for one in told):
        days |= set(_firsts(begins, through))
    return sorted(day for day in days if begins <= day <= through)


def _firsts(begins: date, through: date) -> Iterator[date]:
    first = add_months(first_of_month(begins), 1)
    while first <= through:
        yield first
        first = add_months(first, 1)


def base_of(closing: Closing) -> int:
    """What of an invoice can bear interest: not interest and its tax, and not what a retainer is asked for or paid."""
    if closing.is_paid_at_once:
        return 0
    own = [(line.tax, line.amount) for line in closing.lines if line.kind is Kind.INTEREST]
    return closing.total - closing.asked - closing.from_retainer - sum(amount for _, amount in own) - tax_of(own)
