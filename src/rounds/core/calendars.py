"""Business hours: when a stint was worked and when the shop is open go in, its minutes after hours come out.

Times are the shop's clock. A stint is a start and whole minutes of real time: where the clock is put forward or back
during it, it is looked at minute by minute, so that nobody is billed for an hour that did not exist.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from rounds.core.money import Refused

type Range = tuple[int, int]  # minutes after midnight at which the shop opens and closes
type Week = tuple[Range | None, ...]  # seven, Monday first; None: closed

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE = timedelta(minutes=1)
MINUTES_A_DAY = 24 * 60

_ITEM = re.compile(
    r"(?P<first>[a-z]{3})[a-z]*(?:\s*[-–]\s*(?P<last>[a-z]{3})[a-z]*)?"
    r"\s+(?P<from>\S+?)\s*[-–]\s*(?P<to>\S+)"
)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Calendar:
    """When work is within business hours: the hours of each weekday, but not on days off."""

    week: Week
    days_off: Container[date] = frozenset()

    def why_closed(self, clock: datetime) -> str:
        """Say why a minute that begins at a time of the shop's clock is after hours; nothing: it is not."""
        if clock.date() in self.days_off:
            return "a holiday"
        hours = self.week[clock.weekday()]
        if hours is None:
            return f"closed on {DAYS[clock.weekday()]}"
        if hours[0] <= clock.hour * 60 + clock.minute < hours[1]:
            return ""
        return f"open {show_time(hours[0])}–{show_time(hours[1])}"


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of a stint that are all within business hours, or (`why` says it) all after hours."""

    begins: datetime
    minutes: int
    why: str

    def __str__(self) -> str:
        ends = later(self.begins, self.minutes)
        return f"{self.begins:%H:%M}–{ends:%H:%M} is after hours ({self.why})"


def after_hours(calendar: Calendar, started: datetime, minutes: int) -> list[Span]:
    """List the spans of a stint that are after hours, in order; `started` is on the shop's clock, with its zone."""
    spans = []
    for why, group in groupby(_pieces(calendar, started, minutes), key=lambda piece: calendar.why_closed(piece[0])):
        pieces = list(group)
        if why:
            spans.append(Span(pieces[0][0], sum(length for _, length in pieces), why))
    return spans


def later(started: datetime, minutes: int) -> datetime:
    """Find the time of the shop's clock so many real minutes later."""
    if started.tzinfo is None:
        return started + minutes * MINUTE
    return (started.astimezone(UTC) + minutes * MINUTE).astimezone(started.tzinfo)


def _pieces(calendar: Calendar, started: datetime, minutes: int) -> Iterator[tuple[datetime, int]]:
    """Cut a stint into pieces, each wholly open or wholly closed: its time on the shop's clock and its minutes.

    Where the clock is put forward or back during it, every minute is a piece.
    """
    if started.utcoffset() != later(started, minutes).utcoffset():
        yield from ((later(started, number), 1) for number in range(minutes))
        return
    while minutes > 0:
        minute = started.hour * 60 + started.minute
        ends = min(end for end in (*(calendar.week[started.weekday()] or ()), MINUTES_A_DAY) if end > minute)
        length = min(ends - minute, minutes)
        yield started, length
        started, minutes = started + length * MINUTE, minutes - length


def read_week(text: str, what: str = "business hours") -> Week | None:
    """Read "Mon-Fri 08:00-18:00, Sat 09:00-12:00"; nothing written: no business hours, so None."""
    week: list[Range | None] = [None] * len(DAYS)
    for item in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        first, last, hours = _read_item(item, what)
        for day in range(first, last + 1):
            if week[day] is not None:
                raise Refused(f"{what}: {DAYS[day]} stands twice")
            week[day] = hours
    return tuple(week) if any(week) else None


def show_week(week: Week | None) -> str:
    """Write business hours so that `read_week` reads the same."""
    told, number = [], 0
    for hours, group in groupby(week or ()):
        first, number = number, number + len(list(group))
        days = DAYS[first] if number == first + 1 else f"{DAYS[first]}-{DAYS[number - 1]}"
        if hours is not None:
            told.append(f"{days} {show_time(hours[0])}-{show_time(hours[1])}")
    return ", ".join(told)


def show_time(minute: int) -> str:
    """Write a minute of the day as "08:00"; the end of the day is "24:00"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _read_item(item: str, what: str) -> tuple[int, int, Range]:
    found = _ITEM.fullmatch(item.lower())
    if found is None:
        raise Refused(f"{what}: “{item}” is not understood; write it like Mon-Fri 08:00-18:00")
    first = _weekday(found["first"], what)
    last = _weekday(found["last"], what) if found["last"] else first
    opens, closes = _minute(found["from"], what), _minute(found["to"], what)
    if last < first:
        raise Refused(f"{what}: “{item}” runs past Sunday; write the days from Monday on")
    if closes <= opens:
        raise Refused(f"{what}: “{item}” closes before it opens; hours past midnight belong to the next day")
    return first, last, (opens, closes)


def _weekday(name: str, what: str) -> int:
    if name.capitalize() not in DAYS:
        raise Refused(f"{what}: “{name}” is none of {', '.join(DAYS)}")
    return DAYS.index(name.capitalize())


def _minute(text: str, what: str) -> int:
    found = _CLOCK.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2]) if found else MINUTES_A_DAY + 1
    if minute > MINUTES_A_DAY:
        raise Refused(f"{what}: “{text}” is no time of day; write it like 08:00")
    return minute
