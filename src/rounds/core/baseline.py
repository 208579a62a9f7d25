"""Learns what is usual for a figure: hours of its past in; the range to be expected in an hour, and what strays, out.

Nothing is set per machine. What is usual is what was seen in the last four weeks: the lowest and the highest figure,
the lowest and the highest mean of an hour, and the same of this hour of the day (and the hours beside it), of working
days or of weekends once there are enough of them. A figure strays when it leaves such a range by a part of the range's
own width, so that a restless series needs more than a calm one. What has strayed becomes part of what was seen: a new
level that stays is reported once.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
MEMORY = timedelta(days=28)
FEWEST_HOURS = 48  # below this nothing is usual yet
MARGIN = 0.25  # of a range's width, beyond it
MARGIN_OF_DAYTIME = 0.5  # of the width of all hours' means, beyond the range of this hour of the day
FEWEST_ALIKE = 14  # hours alike, before an hour of the day is known
ENOUGH_OF_AN_HOUR = timedelta(minutes=45)  # of samples, before their mean is an hour's
CALM = timedelta(hours=6)  # without straying, until it is over
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hour:
    """What a figure was in one hour, which begins at `start` (local time: people keep the hours of the clock)."""

    start: datetime
    lowest: float
    mean: float
    highest: float


@dataclass(frozen=True, slots=True)
class Range:
    """From the lowest to the highest that is usual, and how far beyond that a figure strays."""

    lowest: float
    highest: float
    margin: float

    def holds(self, value: float) -> bool:
        """Tell whether a figure is still usual."""
        return self.lowest - self.margin <= value <= self.highest + self.margin


@dataclass(frozen=True, slots=True)
class Norm:
    """What is usual in one hour: for each figure, for the mean of an hour, and for that mean at this time of day."""

    figure: Range
    mean: Range
    daytime: Range | None

    def strays(self, value: float, mean: float | None) -> tuple[str, Range] | None:
        """Say in which view the latest figure, or the mean of the last hour (None: too little of it), is unusual."""
        if not self.figure.holds(value):
            return "figure", self.figure
        if mean is None:
            return None
        if not self.mean.holds(mean):
            return "mean", self.mean
        if self.daytime is not None and not self.daytime.holds(mean):
            return "daytime", self.daytime
        return None


def norm(hours: Sequence[Hour], start: datetime) -> Norm | None:
    """Give what is usual in the hour that begins at `start`, from the hours before it; None: too few are known."""
    known = [hour for hour in hours if start - MEMORY <= hour.start < start]
    if len(known) < FEWEST_HOURS:
        return None
    figure = _range(min(hour.lowest for hour in known), max(hour.highest for hour in known))
    mean = _range(min(hour.mean for hour in known), max(hour.mean for hour in known))
    alike = [hour.mean for hour in _alike(known, start)]
    daytime = None
    if len(alike) >= FEWEST_ALIKE:
        daytime = Range(min(alike), max(alike), MARGIN_OF_DAYTIME * (mean.highest - mean.lowest))
    return Norm(figure, mean, daytime)


def _range(lowest: float, highest: float) -> Range:
    return Range(lowest, highest, MARGIN * (highest - lowest))


def _alike(hours: Sequence[Hour], start: datetime) -> list[Hour]:
    """Hours of the same time of day, one more or less; of the same kind of day once there are enough of those."""
    near = [hour for hour in hours if (hour.start.hour - start.hour) % 24 in (0, 1, 23)]
    same_kind = [hour for hour in near if (hour.start.weekday() >= SATURDAY) == (start.weekday() >= SATURDAY)]
    return same_kind if len(same_kind) >= FEWEST_ALIKE else near


@dataclass(slots=True)
class Learning:
    """What has been seen of one series: its hours, the hour that runs, and the samples of the last sixty minutes."""

    hours: deque[Hour] = field(default_factory=deque)
    running: list[float] = field(default_factory=list)
    start: datetime | None = None
    recent: deque[tuple[datetime, float]] = field(default_factory=deque)
    usual: Norm | None = None

    def take(self, at: datetime, value: float) -> tuple[str, Range] | None:
        """Take the next sample in; say whether it strays from what was usual before it."""
        start = at.replace(minute=0, second=0, microsecond=0)
        if start != self.start:
            self._turn(start)
        self.running.append(value)
        self.recent.append((at, value))
        while self.recent[0][0] <= at - HOUR:
            self.recent.popleft()
        return self.usual.strays(value, self._mean(at)) if self.usual is not None else None

    def _turn(self, start: datetime) -> None:
        """Put the hour that ran to the others, and see what is usual in the next one."""
        if self.start is not None:
            seen = self.running
            self.hours.append(Hour(self.start, min(seen), sum(seen) / len(seen), max(seen)))
        while self.hours and self.hours[0].start < start - MEMORY:
            self.hours.popleft()
        self.start, self.running = start, []
        self.usual = norm(self.hours, start)

    def _mean(self, at: datetime) -> float | None:
        if at - self.recent[0][0] < ENOUGH_OF_AN_HOUR:
            return None
        return sum(value for _at, value in self.recent) / len(self.recent)


@dataclass(frozen=True, slots=True)
class Stray:
    """A time in which a figure was unusual, open while `closed` is None; `value` strayed from `expected`, in `view`."""

    opened: datetime
    closed: datetime | None
    view: str
    value: float
    expected: Range


def detect(series: Iterable[tuple[datetime, float]]) -> Iterator[Stray]:
    """Run over a series in order of time, each sample judged by those before it; one out of order is left out."""
    learning = Learning()
    stray: Stray | None = None
    latest: datetime | None = None
    calm_at: datetime | None = None  # when the stray is over, if nothing else strays
    for at, value in series:
        if latest is not None and at <= latest:
            continue
        latest = at
        if stray is not None and calm_at is not None and at > calm_at:
            yield replace(stray, closed=calm_at)
            stray = None
        seen = learning.take(at, value)
        if seen is None:
            continue
        calm_at = at + CALM
        if stray is None:
            view, expected = seen
            stray = Stray(at, None, view, value, expected)
    if stray is not None:
        yield stray
