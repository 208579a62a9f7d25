"""Days and calendar months: the arithmetic that terms, lapses and prorating rest on (billing-rules.md, "Numbers")."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from rounds.core.money import Refused


def first_of_month(day: date) -> date:
    """Find the first day of the day's month."""
    return day.replace(day=1)


def days_in_month(day: date) -> int:
    """Count the days of the day's month."""
    return monthrange(day.year, day.month)[1]


def last_of_month(day: date) -> date:
    """Find the last day of the day's month."""
    return day.replace(day=days_in_month(day))


def add_months(day: date, months: int) -> date:
    """Find the same day of a later month, or that month's last day: 31 August and 6 months is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise Refused(f"{months} months from {day} is beyond the calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """Find the day so many days later."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise Refused(f"{days} days from {day} is beyond the calendar") from None


def share_of_month(first: date, last: date) -> Fraction:
    """Say which part of their month the days from first to last are, both included."""
    return Fraction((last - first).days + 1, days_in_month(first))


def months_in_force(starts: date, ends: date | None, until: date) -> Iterator[tuple[date, date]]:
    """List, for each month that begins by `until`, the first and last day on which starts..ends is in force in it."""
    first = starts
    while first <= until and (ends is None or first <= ends):
        last = last_of_month(first)
        yield first, last if ends is None else min(last, ends)
        if last == date.max:
            return
        first = last + timedelta(days=1)
