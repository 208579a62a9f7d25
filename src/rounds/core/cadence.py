"""What is due when: a routine's cadence and start, the last duty, the day in; the duty that falls due, or none, out.

Two ways to count. Fixed, for promises by the calendar (logs daily, updates monthly): every so many days or months from
the routine's start, whatever became of the duty before. Floating, for wear (cleaning): so long after it was last done.

Nothing stacks. While a duty of a routine is open for a client or a machine, no other is made: it becomes late, and what
fell due meanwhile is counted on the next one as missed. After a pause (the shop's server was off for three weeks) there
is one duty, the latest, not three weeks of them. What fell due before a client or a machine came does not concern him.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rounds.core.days import add_days, add_months
from rounds.core.money import Refused

BY_ENVIRONMENT = "by environment"
# Cleaning of hardware: six months in an office (the trade's figure), sooner where there is more dust.
MONTHS_BY_ENVIRONMENT: Mapping[str, int] = {"office": 6, "shared": 4, "dusty": 3, "server-room": 6}

_NAMED = {"daily": (1, 0), "weekly": (7, 0), "monthly": (0, 1), "yearly": (0, 12)}
_COUNTED = re.compile(r"([1-9][0-9]{0,2}) (day|week|month|year)s?")
_UNITS = {"day": (1, 0), "week": (7, 0), "month": (0, 1), "year": (0, 12)}


@dataclass(frozen=True, slots=True)
class Cadence:
    """Every so many days, or every so many months."""

    days: int = 0
    months: int = 0

    def __post_init__(self) -> None:
        if (self.days > 0) == (self.months > 0) or min(self.days, self.months) < 0:
            raise Refused("a cadence is a number of days or of months")

    def step(self, start: date, times: int) -> date:
        """The day so many times the cadence after a start: from the 31st, monthly is each month's last day."""
        return add_months(start, self.months * times) if self.months else add_days(start, self.days * times)

    def count_until(self, start: date, day: date) -> int:
        """How many times the cadence fits between the start and a day, both included: -1 if the day is before."""
        if day < start:
            return -1
        if self.days:
            return (day - start).days // self.days
        count = ((day.year - start.year) * 12 + day.month - start.month) // self.months
        return count if self.step(start, count) <= day else count - 1


@dataclass(frozen=True, slots=True)
class Due:
    """A duty falls due on a day; so many due days before it passed without one."""

    on: date
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of a routine for a client or machine: since when he is there, his last duty, when it was closed."""

    since: date
    last_due: date | None = None
    last_closed: date | None = None

    @property
    def is_open(self) -> bool:
        """Is there a duty that nobody has done yet?"""
        return self.last_due is not None and self.last_closed is None


def parse(text: str, environment: str = "office") -> Cadence:
    """Read "daily", "weekly", "monthly", "yearly", "2 weeks", "6 months" or "by environment".

    Refused: anything else, with what would be right.
    """
    words = " ".join(text.lower().split())
    if words == BY_ENVIRONMENT:
        return Cadence(months=MONTHS_BY_ENVIRONMENT.get(environment, 6))
    if words in _NAMED:
        return Cadence(*_NAMED[words])
    match = _COUNTED.fullmatch(words)
    if match is None:
        raise Refused(f"“{text}” is not a cadence; write it like daily, weekly, monthly, 6 months or by environment")
    days, months = _UNITS[match[2]]
    return Cadence(days * int(match[1]), months * int(match[1]))


def falls_due(cadence: Cadence, starts: date, past: Past, today: date, *, is_floating: bool = False) -> Due | None:
    """The duty to be made today, if one is: never a second beside an open one, never the same day twice."""
    if past.is_open:
        return None
    if is_floating and past.last_due is not None and past.last_closed is not None:
        return _floating(cadence, past.last_due, past.last_closed, today)
    count = cadence.count_until(starts, today)
    if count < 0:
        return None
    on = cadence.step(starts, count)
    if on < past.since if past.last_due is None else on <= past.last_due:
        return None
    missed = 0 if past.last_due is None else count - cadence.count_until(starts, past.last_due) - 1
    return Due(on, missed=max(0, missed))


def _floating(cadence: Cadence, last_due: date, last_closed: date, today: date) -> Due | None:
    on = cadence.step(last_closed, 1)
    return Due(on) if last_due < on <= today else None


def next_due(cadence: Cadence, starts: date, today: date) -> date:
    """The next day by the calendar on which the routine falls due, today included."""
    count = cadence.count_until(starts, today)
    on = cadence.step(starts, max(0, count))
    return on if on >= today else cadence.step(starts, count + 1)
