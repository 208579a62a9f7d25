"""Maintenance windows: when they repeat, a moment and the shop's zone in; the one that holds then, or none, out.

A window begins by the clock on the wall and lasts so many real minutes, so that one over the night in which the clock
is put back is no hour longer. What holds in it is still found; it is only told later (`quiet`).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from rounds.core.days import add_days
from rounds.core.money import Refused

LONGEST = timedelta(days=31)


class Repeats(StrEnum):
    """How often a window comes; monthly is the same weekday of the same week: the second Tuesday."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Window:
    """From `starts` on the wall's clock on `first_on` for some minutes, repeated until `last_on`, if there is one."""

    first_on: date
    starts: time
    minutes: int
    repeats: Repeats = Repeats.ONCE
    last_on: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.minutes <= LONGEST / timedelta(minutes=1):
            raise Refused("a window lasts from a minute to 31 days")
        if self.last_on is not None and self.last_on < self.first_on:
            raise Refused("a window does not end before it begins")
        between = {Repeats.DAILY: 1, Repeats.WEEKLY: 7, Repeats.MONTHLY: 28}.get(self.repeats)
        if between is not None and self.minutes >= between * 24 * 60:
            raise Refused(f"a window that comes {self.repeats} and lasts as long would never end")

    def begins_on(self, day: date) -> bool:
        """Does one begin on a day?"""
        if day < self.first_on or (self.last_on is not None and day > self.last_on):
            return False
        match self.repeats:
            case Repeats.ONCE:
                return day == self.first_on
            case Repeats.DAILY:
                return True
            case Repeats.WEEKLY:
                return day.weekday() == self.first_on.weekday()
            case Repeats.MONTHLY:
                same_week = (day.day - 1) // 7 == (self.first_on.day - 1) // 7
                return same_week and day.weekday() == self.first_on.weekday()


type Span = tuple[datetime, datetime]


def span_at(window: Window, at: datetime, zone: tzinfo) -> Span | None:
    """The beginning and end of the window that holds a moment: its first minute does, its end does not."""
    today = at.astimezone(zone).date()
    for back in range(window.minutes // (24 * 60) + 2):
        if add_days(today, -back) < window.first_on:
            break
        span = _span(window, add_days(today, -back), zone)
        if span is not None and span[0] <= at < span[1]:
            return span
    return None


def next_span(window: Window, at: datetime, zone: tzinfo) -> Span | None:
    """The window that holds a moment or comes next, within a year."""
    if (span := span_at(window, at, zone)) is not None:
        return span
    today = max(at.astimezone(zone).date(), window.first_on)
    for ahead in range(367):
        span = _span(window, add_days(today, ahead), zone)
        if span is not None and span[0] > at:
            return span
    return None


def _span(window: Window, day: date, zone: tzinfo) -> Span | None:
    if not window.begins_on(day):
        return None
    begins = datetime.combine(day, window.starts, zone).astimezone(UTC)
    return begins, begins + timedelta(minutes=window.minutes)
