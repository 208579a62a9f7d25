"""Learns what is usual in each hour of the week: means of past hours in; the range to be expected in an hour out.

Nothing is set per machine. Hours are alike that have the same weekday and hour, or an hour beside it, within eight
weeks; of a machine that is known for less than three weeks, those of working days or of weekends. Usual is the median
of such hours, give or take a multiple of their spread (the median distance from the median), and what else was seen in
them, with half the width of everything that was seen beyond it: a restless figure needs more than a calm one. Never
usual is what lies well outside of all that was seen at any hour. What was unusual becomes part of what was seen, for
the same time of day on the next days, too: a new level, or a new job in the night, is told once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from rounds.core.money import Refused

MEMORY = timedelta(weeks=8)
FEWEST_WEEKS = 3  # of the same hour of the week, before that is known
FEWEST_DAYS = 5  # of the same kind, before an hour of working days or of weekends is known
THE_SAME_DAY = timedelta(hours=12)  # of these hours none makes the next one usual
LATE_DAYS = 3  # as far back as from a Monday to the Friday before
RESTLESS = 0.5  # of the width of all that was seen, beyond what was seen in such hours
CALM_HOURS = 6  # without anything unusual, until it is over
FEWEST_HOURS = 48  # of any kind, before anything is known
AS_DEVIATION = 1.4826  # a median distance as a standard deviation, if figures are spread normally
BEYOND_SEEN = 0.25  # of the half width: what was seen is usual, and a little more
HOURS_OF_WEEK, HOURS_OF_DAY = 168, 24
SATURDAY = 5
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
WORKING_DAYS, WEEKENDS, ANY_DAY = "working days", "weekends", "any day"


type Mean = tuple[datetime, float]  # when its hour began, as the clock showed it


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure whose hours are judged: its name in words, how it is written, and by how much it may always differ.

    `least` is in the figure's own unit, `part` of its median: that a processor is at 3 % and not at 1 % tells nothing.
    """

    label: str
    unit: str
    least: float
    part: float = 0.0
    divisor: float = 1.0  # from the unit of samples to the unit that is written
    top: float | None = None

    def write(self, value: float) -> str:
        """A figure without its unit, as it is read."""
        shown = value / self.divisor
        return f"{shown:.0f}" if shown >= 10 or shown < 0.05 else f"{shown:.1f}"


def _traffic(label: str) -> Figure:
    return Figure(label, "MB/s", least=2e6, part=0.25, divisor=1e6)


FIGURES: Mapping[str, Figure] = {
    "processor.percent": Figure("Processor", "%", least=8, top=100),
    "memory.used_percent": Figure("Memory", "%", least=8, top=100),
    "disk.read_bytes_per_second": _traffic("Reading from disks"),
    "disk.written_bytes_per_second": _traffic("Writing to disks"),
    "net.received_bytes_per_second": _traffic("Receiving"),
    "net.sent_bytes_per_second": _traffic("Sending"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """The one setting for all: how many times the usual spread is usual, and how many hours running are not."""

    width: float = 6
    hours: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 100:
            raise Refused("what is usual reaches 1 to 100 times the usual spread")
        if not 1 <= self.hours <= HOURS_OF_DAY:
            raise Refused("something is unusual for 1 to 24 hours before it is told")


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a figure: is it told as unusual, and for how many hours running it was so, or usual again."""

    is_open: bool = False
    strange: int = 0
    calm: int = 0

    def after(self, *, is_usual: bool, limit: Unusual) -> "Standing":
        """After one more hour. It is over when it was usual for six hours running."""
        strange, calm = (0, self.calm + 1) if is_usual else (self.strange + 1, 0)
        is_open = calm < CALM_HOURS if self.is_open else strange >= limit.hours
        return Standing(is_open, strange, calm)


@dataclass(frozen=True, slots=True)
class Range:
    """What is usual in an hour; `when` are the days it was learned from, and `days` how many of them."""

    low: float
    middle: float
    high: float
    when: str
    days: int

    def holds(self, mean: float) -> bool:
        """Is a mean usual?"""
        return self.low <= mean <= self.high

    def as_json(self) -> list[float | int | str]:
        """The range as JSON can hold it, with four figures each."""
        return [*(float(f"{one:.4g}") for one in (self.low, self.middle, self.high)), self.when, self.days]


class Past:
    """The means of a figure's hours of the last eight weeks: `start` of each as the clock showed it."""

    def __init__(self, figure: Figure, hours: Iterable[Mean]) -> None:
        self.figure, self.seen = figure, 0.0  # the width of all that was seen
        self.by_hour: dict[int, list[Mean]] = {}
        for start, mean in hours:
            self.by_hour.setdefault(_hour_of_week(start), []).append((start, mean))
        self.at_all = self._at_all([one for alike in self.by_hour.values() for one in alike])

    def usual(self, start: datetime, width: float) -> Range | None:
        """What is usual in the hour that the clock shows from `start` on; None: too little is known."""
        if self.at_all is None or (alike := self._alike(start)) is None:
            return self.at_all
        when, hours = alike
        usual = self._range(hours, self._of_late(start), width)
        low, high = max(usual.low, self.at_all.low), min(usual.high, self.at_all.high)
        return replace(usual, low=low, high=high, when=when)

    def _of_late(self, start: datetime) -> list[Mean]:
        """The same time of day on the last days: a new job is told on its first evening, not on each day of a week."""
        hours = _beside(_hour_of_week(start) - days * HOURS_OF_DAY for days in range(1, LATE_DAYS + 1))
        return [one for one in self._before(start, hours) if start - one[0] < timedelta(days=LATE_DAYS, hours=2)]

    def _alike(self, start: datetime) -> tuple[str, list[Mean]] | None:
        """The hours that are like one: of the same weekday, or else of the same kind of day."""
        same = self._before(start, _beside([_hour_of_week(start)]))
        if len({_week(at, start) for at, _ in same}) >= FEWEST_WEEKS:
            return DAYS[start.weekday()], same
        is_weekend = start.weekday() >= SATURDAY
        hours = [day * HOURS_OF_DAY + start.hour for day in range(7) if (day >= SATURDAY) == is_weekend]
        same = self._before(start, _beside(hours))
        is_known = len({at.date() for at, _ in same}) >= FEWEST_DAYS
        return (WEEKENDS if is_weekend else WORKING_DAYS, same) if is_known else None

    def _before(self, start: datetime, hours: Iterable[int]) -> list[Mean]:
        known = (one for hour in hours for one in self.by_hour.get(hour, ()))
        return [(at, mean) for at, mean in known if start - at > THE_SAME_DAY]

    def _at_all(self, known: Sequence[Mean]) -> Range | None:
        """What was seen at any hour, and a part of its width beyond."""
        if len(known) < FEWEST_HOURS:
            return None
        means = [mean for _, mean in known]
        low, high = min(means), max(means)
        self.seen = high - low
        margin = max(BEYOND_SEEN * self.seen, self.figure.least)
        return Range(low - margin, median(means), high + margin, ANY_DAY, _days(known))

    def _range(self, alike: Sequence[Mean], of_late: Sequence[Mean], width: float) -> Range:
        means = [mean for _, mean in alike]
        middle = median(means)
        spread = AS_DEVIATION * median([abs(mean - middle) for mean in means])
        half = max(width * spread, self.figure.least, self.figure.part * abs(middle))
        beyond = max(RESTLESS * self.seen, BEYOND_SEEN * half)
        seen = [mean for _, mean in (*alike, *of_late)]
        low, high = min(middle - half, min(seen) - beyond), max(middle + half, max(seen) + beyond)
        return Range(low, middle, high, "", _days(alike))


def _days(hours: Sequence[Mean]) -> int:
    return len({at.date() for at, _ in hours})


def _beside(hours: Iterable[int]) -> set[int]:
    """Hours of the week and those beside them."""
    return {(hour + aside) % HOURS_OF_WEEK for hour in hours for aside in (-1, 0, 1)}


def _hour_of_week(start: datetime) -> int:
    return start.weekday() * HOURS_OF_DAY + start.hour


def _week(at: datetime, start: datetime) -> int:
    """How many weeks before; an hour more or less is the same week."""
    return round((start - at) / timedelta(weeks=1))


def figure_and_unit(name: str, value: float) -> str:
    """A figure as one reads it: 83 %, 3.1 MB/s."""
    figure = FIGURES[name]
    return f"{figure.write(value)} {figure.unit}"


def range_in_words(name: str, low: float, high: float) -> str:
    """A range as one reads it, within what there can be: 5–20 %."""
    figure = FIGURES[name]
    bottom, top = max(low, 0.0), high if figure.top is None else min(high, figure.top)
    return f"{figure.write(bottom)}–{figure.write(top)} {figure.unit}"


def hour_in_words(when: str, hour: str) -> str:
    """Which hours are alike: "Tuesdays at 14:00"."""
    return when if when == ANY_DAY else f"{when} at {hour}"
