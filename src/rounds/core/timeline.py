"""The order in which things count: a client's terms and events go in, the steps of the shop's clock come out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from rounds.core.account import Work
from rounds.core.bringing import Brought
from rounds.core.days import add_days, add_months, first_of_month
from rounds.core.happenings import Approval, Deposit, Event, Purchase
from rounds.core.opening import DAYS_OF_WARNING
from rounds.core.terms import Terms


class Opening(Enum):
    """What a day may begin with, apart from what was recorded on it."""

    LAPSE = "hours lapse"
    CLOSE = "the invoice is made"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the shop's clock: an opening of the day, or an event that was recorded on it."""

    on: date
    what: Opening | Event


def timeline(terms: Terms, events: tuple[Event, ...], through: date, opening: Brought | None = None) -> Iterator[Step]:
    """Put the steps of a client's time in the one order in which they count, through a day, included.

    billing-rules.md, "The first of the month": on every day hours lapse first, then hours bought and deposits count,
    then the invoice is made, then everything else happens in the order recorded. Days on which nothing can happen are
    left out, and those before the opening day, which the old books have.
    """
    begins = opening.on if opening else date.min
    by_day: dict[date, list[Event]] = {}
    for event in events:
        by_day.setdefault(event.recorded.date(), []).append(event)
    closing = _closing_days(terms, events, through, opening)
    lapsing = _lapse_days(terms, events, closing) | _lapse_days_of_old(opening)
    for day in sorted({*by_day, *lapsing, *closing}):
        if day > through:
            return
        if day < begins:
            continue
        if day in lapsing:
            yield Step(day, Opening.LAPSE)
        events_of_day = by_day.get(day, [])
        yield from (Step(day, event) for event in events_of_day if isinstance(event.what, Purchase | Deposit))
        if day in closing:
            yield Step(day, Opening.CLOSE)
        yield from (Step(day, event) for event in events_of_day if not isinstance(event.what, Purchase | Deposit))


def _lapse_days(terms: Terms, events: tuple[Event, ...], closing: set[date]) -> set[date]:
    """Days on which bought hours lapse, or are about to: those bought, and those that may be bought by themselves."""
    days = set()
    bought = {event.recorded.date() for event in events if isinstance(event.what, Purchase)}
    by_itself = {*(event.recorded.date() for event in events if isinstance(event.what, Work | Approval)), *closing}
    for day in bought | by_itself:
        agreement = terms.agreement_on(day)
        if agreement is None or not agreement.hours_lapse_months:
            continue
        if day in bought or agreement.next_block is not None:
            lapses_on = add_months(day, agreement.hours_lapse_months)
            days |= {lapses_on, add_days(lapses_on, -DAYS_OF_WARNING)}
    return days


def _lapse_days_of_old(opening: Brought | None) -> set[date]:
    """Days on which hours that were brought over lapse, or are about to."""
    days = [block.lapses_on for block in opening.blocks if block.lapses_on] if opening else []
    return {*days, *(add_days(day, -DAYS_OF_WARNING) for day in days)}


def _closing_days(terms: Terms, events: tuple[Event, ...], through: date, opening: Brought | None) -> set[date]:
    """Firsts of months from when there is something to bill, and the days on which agreements start."""
    days = {agreement.starts for agreement in terms.agreements}
    opened = [opening.on] if opening else []
    begun = min([*days, *opened, *(event.recorded.date() for event in events)], default=None)
    if begun is None:
        return days
    first = begun if begun.day == 1 else add_months(first_of_month(begun), 1)
    while first <= through:
        days.add(first)
        first = add_months(first, 1)
    return days
