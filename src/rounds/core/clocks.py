"""A zone's clock: which of the times that it could show exist, which come twice, and how long it is between two.

Where the clock is put forward it skips times; where it is put back, some come twice, and `fold` says which is meant.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rounds.core import reading
from rounds.core.money import Refused


def read_zone(value: object, what: str) -> ZoneInfo:
    """Read the name of a time zone, like "America/Chicago"."""
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(f"{what}: “{value}” is no time zone; write it like America/Chicago") from None


def as_shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clock shows at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None)


def exists(shown: datetime) -> bool:
    """Does the clock ever show this time? `shown` has its zone."""
    return shown.astimezone(UTC).astimezone(shown.tzinfo).replace(tzinfo=None) == shown.replace(tzinfo=None)


def comes_twice(shown: datetime) -> bool:
    """Does the clock show this time twice that day? `shown` has its zone."""
    first, second = shown.replace(fold=0), shown.replace(fold=1)
    return first.utcoffset() != second.utcoffset() and exists(shown)


def between(started: datetime, ended: datetime) -> timedelta:
    """The real time between two times of a clock; where both have one zone, Python alone gives that of its hands."""
    if started.tzinfo is None or ended.tzinfo is None:
        return ended - started
    return ended.astimezone(UTC) - started.astimezone(UTC)


def in_order(moment: datetime) -> datetime:
    """What moments of one clock are put in order by: the real time, where the clock's zone is known."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Reads times that a file tells on the shop's clock; without a zone there are no nights on which it is changed."""

    zone: ZoneInfo | None = None

    def moment(self, value: object, what: str) -> datetime:
        """Read a moment; of two that the clock shows alike, the first. Refused: a time that the clock skips."""
        shown = reading.moment(value, what)
        if self.zone is None:
            return shown
        shown = shown.replace(tzinfo=self.zone)
        if not exists(shown):
            raise Refused(f"{what}: the clock is put forward over {shown:%H:%M} on {shown.date()}")
        return shown

    def second(self, shown: datetime, what: str) -> datetime:
        """The second of two moments that the clock shows alike. Refused: a time that comes once."""
        if shown.tzinfo is None or not comes_twice(shown):
            raise Refused(f"{what}: {shown:%H:%M} comes only once on {shown.date()}")
        return shown.replace(fold=1)

    def minutes_until(self, started: datetime, value: object, what: str) -> int:
        """Read when something ended that began at a moment: the whole minutes between, by the real time."""
        ended = self.moment(value, what)
        if between(started, ended) <= timedelta() and ended.tzinfo is not None and comes_twice(ended):
            ended = ended.replace(fold=1)
        minutes, rest = divmod(between(started, ended), timedelta(minutes=1))
        if minutes <= 0 or rest:
            raise Refused(f"{what}: it ends whole minutes after it began at {started:%H:%M}")
        return minutes
