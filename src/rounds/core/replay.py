"""Replays a client's year under other plans: work, parts and the plans' terms go in, what each would cost comes out.

The same engine rates every plan, so that an offer can be compared with what was really invoiced. What has to be assumed
about a client under another plan is stated with the result.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from rounds.core import buying, next_block, opening
from rounds.core.account import Account, Key, Kind, Outcome, Part, Work
from rounds.core.days import add_months, first_of_month
from rounds.core.money import Refused
from rounds.core.rating import does_block_pay, rate_part, rate_work
from rounds.core.terms import Agreement, Plan, Shop, Terms

MONTHS = 12

ASSUMED = (
    "The same work and parts in the same months, each entry recorded on the day it was done.",
    "Amounts are before tax and count in the month of the work, whenever they would have been invoiced.",
)
ASSUMED_OF_PLAN = {
    Plan.BLOCK: "A block is bought whenever the hours held do not cover the next work; hours left over are not a cost.",
    Plan.RETAINER: "Money on the retainer is the client's own: only what it pays for is a cost.",
    Plan.CALL_FIRST: "The client would have agreed to all of the work.",
}

ASSUMED_OF_NEXT_BLOCK = (
    "The next block is bought by itself as agreed, and every invoice is paid in time; hours left over are not a cost."
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan to be tried: its terms (from whatever day on), and how many hours the client would buy at a time."""

    agreement: Agreement
    block_hours: int = 10


@dataclass(frozen=True, slots=True)
class Month:
    """What one month would have cost, in cents by kind of line, and the seconds of work that would have counted."""

    first: date
    amounts: Mapping[Kind, int]
    billable_seconds: int

    @property
    def total(self) -> int:
        """The month's cost."""
        return sum(self.amounts.values())


@dataclass(frozen=True, slots=True)
class Replay:
    """A year under one plan. `unused` is the value of bought hours that are left; `total` does not count it."""

    months: tuple[Month, ...]
    unused: int
    assumed: tuple[str, ...]

    @property
    def total(self) -> int:
        """The year's cost."""
        return sum(month.total for month in self.months) - self.unused


def replay_year(
    works: Iterable[Work], parts: Iterable[Part], candidates: Mapping[str, Candidate], *, shop: Shop, first: date
) -> dict[str, Replay]:
    """Rate the twelve months from the first of a month on under each candidate; what is outside of them is left out."""
    first = first_of_month(first)
    until = add_months(first, MONTHS)
    entries: list[Work | Part] = [*works, *parts]
    done = sorted((one for one in entries if first <= one.on < until), key=lambda one: one.on)
    return {name: _replay(done, candidate, shop, first) for name, candidate in candidates.items()}


@dataclass(slots=True)
class _Year:
    """One plan's year as far as it has been rated."""

    account: Account
    candidate: Candidate
    amounts: dict[date, dict[Kind, int]] = field(default_factory=dict)
    seconds: dict[date, int] = field(default_factory=dict)

    def keep(self, outcome: Outcome, day: date) -> None:
        self.account = self.account.after(outcome)
        self.seconds[first_of_month(day)] = self.seconds.get(first_of_month(day), 0) + (outcome.billable_seconds or 0)
        for charge in outcome.charges:
            self._add(charge.kind, charge.amount, day)
        for line in outcome.closing.lines if outcome.closing else ():
            if line.kind in {Kind.FEE, Kind.MONITORING, Kind.HOURS}:
                self._add(line.kind, line.amount, day)

    def _add(self, kind: Kind, amount: int, day: date) -> None:
        month = self.amounts.setdefault(first_of_month(day), {})
        month[kind] = month.get(kind, 0) + amount

    def open_month(self, day: date) -> None:
        self.keep(opening.lapse(self.account, day), day)
        monitoring = self.candidate.agreement.monitoring
        due = monitoring.seconds or 0 if monitoring else 0
        if self.candidate.agreement.next_block is not None:
            self._buy_next(next_block.before_closing(self.account, _punctual(day)), day)
        else:
            self._make_enough(day, lambda: self.account.block_seconds >= due)
        self.keep(opening.close(self.account, day), day)

    def do(self, one: Work | Part) -> None:
        self.keep(opening.lapse(self.account, one.on), one.on)
        if isinstance(one, Part):
            self.keep(rate_part(self.account, replace(one, recorded_on=one.on)), one.on)
            return
        work = replace(one, recorded_on=one.on, is_approved=True)
        if self.candidate.agreement.next_block is not None:
            self._buy_next(next_block.before_work(self.account, work, _punctual(work.on)), work.on)
        elif does_block_pay(self.account.terms.agreement_on(work.on), work):
            self._make_enough(work.on, lambda: not self._is_time_charged(work))
        self.keep(rate_work(self.account, work), work.on)

    def _buy_next(self, found: next_block.Bought | Outcome | None, day: date) -> None:
        if isinstance(found, next_block.Bought):
            key = self._next_key()  # one a draw, so that keys of work that share a name do not name one block
            blocks = tuple(replace(block, key=key) for block in found.outcome.blocks)
            self.keep(replace(found.outcome, blocks=blocks), day)

    def _is_time_charged(self, work: Work) -> bool:
        """Does work cost money beside what a trip costs, which no hours pay for?"""
        return any(charge.seconds for charge in rate_work(self.account, work).charges)

    def _make_enough(self, day: date, is_enough: Callable[[], bool]) -> None:
        """Buy blocks until there are enough hours, if this client buys any."""
        while self.candidate.agreement.plan is Plan.BLOCK and not is_enough():
            self.keep(buying.buy(self.account, self._next_key(), day, self.candidate.block_hours), day)

    def _next_key(self) -> Key:
        return f"replayed block {len(self.account.blocks) + 1}"


def _punctual(day: date) -> next_block.When:
    """A day on which nothing is late."""
    return next_block.When(day, datetime.combine(day, time()), lambda: None)


def _replay(done: Sequence[Work | Part], candidate: Candidate, shop: Shop, first: date) -> Replay:
    """Rate one year under one plan, month by month."""
    if candidate.block_hours < 1:
        raise Refused("a block that is bought has at least one hour")
    agreement = replace(candidate.agreement, starts=first, ends=None)
    year = _Year(Account(Terms(((date.min, shop),), (agreement,))), candidate)
    for month in (add_months(first, number) for number in range(MONTHS)):
        year.open_month(month)
        for one in done:
            if first_of_month(one.on) == month:
                year.do(one)
    months = tuple(
        Month(month, year.amounts.get(month, {}), year.seconds.get(month, 0))
        for month in (add_months(first, number) for number in range(MONTHS))
    )
    unused = sum(block.earns(block.left) for block in year.account.blocks)
    assumed = ASSUMED_OF_NEXT_BLOCK if agreement.next_block else ASSUMED_OF_PLAN.get(agreement.plan)
    return Replay(months, unused, (*ASSUMED, *([assumed] if assumed else [])))
