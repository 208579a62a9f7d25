"""Says whether a mail has not come by its hour: what is expected and when mails came go in; what is missing comes out.

An expectation names weekdays or a day of the month, an hour of the shop's clock, and how long before that hour a mail
counts for it. A mail that comes late ends what was missing, and does not count for the next day.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median

from rounds.core.days import last_of_month
from rounds.core.money import Refused

DAY = timedelta(days=1)
EVERY_DAY, WORKDAYS = "MTWTFSS", "MTWTF--"
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FARTHEST = 62  # days back in which a due day is looked for
FEWEST = 8  # mails, before one can say when they come
ROUND_TO, MARGIN = 30, 45  # minutes: a learned hour is so much after the latest usual one


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """When a mail is to come: on weekdays ("MTWTF--") or a day of the month (31: its last), by a minute of the day."""

    weekdays: str = EVERY_DAY
    month_day: int = 0  # 0: by weekdays
    by_minute: int = 7 * 60
    hours_before: int = 14
    grace_minutes: int = 30

    def __post_init__(self) -> None:
        if len(self.weekdays) != 7 or (not self.month_day and not self.weekdays.strip("-")):
            raise Refused("say on which days the mail is to come")
        if not 0 <= self.month_day <= 31 or not 0 <= self.by_minute < 24 * 60:
            raise Refused("say by which hour of which day the mail is to come")
        if not 1 <= self.hours_before <= 24 * 31 or not 0 <= self.grace_minutes <= 24 * 60:
            raise Refused("a mail counts from 1 hour to 31 days before its hour, with at most a day of grace")

    def __str__(self) -> str:
        if self.month_day:
            days = "on the last day of each month" if self.month_day == 31 else f"on day {self.month_day} of each month"
        else:
            names = (name for name, letter in zip(NAMES, self.weekdays, strict=True) if letter != "-")
            days = {EVERY_DAY: "every day", WORKDAYS: "Mon to Fri"}.get(self.weekdays) or ", ".join(names)
        return f"{days} by {self.by_minute // 60:02d}:{self.by_minute % 60:02d}"

    def is_on(self, day: date) -> bool:
        """Is a mail to come on this day?"""
        if self.month_day:
            return day.day == min(self.month_day, last_of_month(day).day)
        return self.weekdays[day.weekday()] != "-"


@dataclass(frozen=True, slots=True)
class Missing:
    """The day's mail was to come by `due_at` and has not; one counted from `from_at` on."""

    day: date
    from_at: datetime
    due_at: datetime


def missing(
    expected: Expected, came: Sequence[datetime], *, since: datetime, now: datetime, zone: tzinfo
) -> Missing | None:
    """The mail that is missing now; None: the last one due has come, or none has been due since it is expected."""
    due = last_due(expected, since=since, now=now, zone=zone)
    if due is None or any(due.from_at < moment <= now for moment in came):
        return None
    return due


def last_due(expected: Expected, *, since: datetime, now: datetime, zone: tzinfo) -> Missing | None:
    """The last day whose hour and grace have passed, if its hour was after the expectation began."""
    for day in _days_back(now.astimezone(zone).date()):
        if not expected.is_on(day):
            continue
        due_at = moment(day, expected.by_minute, zone)
        if due_at + timedelta(minutes=expected.grace_minutes) >= now:
            continue
        if due_at <= since:
            return None
        return Missing(day, due_at - timedelta(hours=expected.hours_before), due_at)
    return None


def next_due(expected: Expected, *, now: datetime, zone: tzinfo) -> datetime | None:
    """The next hour by which a mail is to come."""
    today = now.astimezone(zone).date()
    hours = (
        moment(today + n * DAY, expected.by_minute, zone) for n in range(FARTHEST) if expected.is_on(today + n * DAY)
    )
    return next((hour for hour in hours if hour > now), None)


def _days_back(day: date) -> Iterator[date]:
    return (day - n * DAY for n in range(FARTHEST))


def moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """The moment at which the clock of a zone shows a minute of a day; one that the clock skips is an hour later."""
    shown = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    return shown.astimezone(UTC)


def learn(came: Sequence[datetime], *, zone: tzinfo) -> Expected | None:
    """Propose when mails are to come from when they came: days and hour; None: too few, or without a habit.

    The hour is half an hour or more after the latest that is usual (nine of ten came before it).
    """
    times = sorted(moment.astimezone(zone) for moment in came)
    if len(times) < FEWEST:
        return None
    hours = _minutes(times)
    if hours is None:
        return None
    days = {one.date() for one in times}
    first, last = min(days), max(days)
    span = [first + n * DAY for n in range((last - first).days + 1)]
    month_day = _month_day(days)
    if month_day:
        return Expected(month_day=month_day, by_minute=hours, grace_minutes=60)
    per_weekday = Counter(day.weekday() for day in span)
    seen = Counter(day.weekday() for day in days)
    weekdays = "".join(
        letter if per_weekday[n] and seen[n] >= 0.75 * per_weekday[n] else "-" for n, letter in enumerate(EVERY_DAY)
    )
    return Expected(weekdays=weekdays, by_minute=hours) if weekdays.strip("-") else None


def _minutes(times: Sequence[datetime]) -> int | None:
    """By which minute of the day nine of ten mails have come, and a margin; None: they come at any time of the day."""
    minutes = sorted(one.hour * 60 + one.minute for one in times)
    middle = median(minutes)
    usual = [one for one in minutes if abs(one - middle) <= 4 * 60]
    if len(usual) < 0.8 * len(minutes):
        return None
    late = usual[min(len(usual) - 1, int(0.9 * len(usual)))]
    return min(24 * 60 - 1, -(-(late + MARGIN) // ROUND_TO) * ROUND_TO)


def _month_day(days: set[date]) -> int:
    """The day of the month on which all of some days are, one at most a month; 0: there is none."""
    months = Counter((day.year, day.month) for day in days)
    numbers = {31 if day == last_of_month(day) else day.day for day in days}
    return numbers.pop() if len(numbers) == 1 and max(months.values()) == 1 else 0
