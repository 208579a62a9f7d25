"""A machine's figures from an hour to a year: as series, as charts, as a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from rounds.agents import history
from rounds.agents.figures import Names, of_disk
from rounds.agents.reading import milliseconds
from rounds.agents.storage import DAY, HOUR, MINUTE, Asked
from rounds.core.columns import Column
from rounds.core.packing import Table
from rounds.core.rolling import column_of
from rounds.core.thinning import Stretch, thin, with_gaps
from rounds.pages.charts import Chart, Line, Point, draw

MOST_DISKS = 4  # in one chart; the fullest ones
OF_PARTS = {"Disks", "Supplies", "Volumes", "Temperature"}  # charts whose title says of which part it tells


@dataclass(frozen=True, slots=True)
class Span:
    """How far back a chart looks, what it reads, how that is thinned, and where its axis has words.

    `read` is the length of rolled-up stretches in milliseconds (0: every sample), `step` that of drawn ones in seconds
    (0: as read). Without a `tick` the words stand at the beginnings of months.
    """

    name: str
    words: str
    length: timedelta
    read: int
    step: float
    tick: timedelta | None
    tick_form: str


SPANS = {
    span.name: span
    for span in (
        Span("hour", "1 h", timedelta(hours=1), 0, 0, timedelta(minutes=15), "%H:%M"),
        Span("day", "Day", timedelta(days=1), 0, 300, timedelta(hours=6), "%H:%M"),
        Span("week", "Week", timedelta(days=7), 5 * MINUTE, 1800, timedelta(days=1), "%a"),
        Span("month", "Month", timedelta(days=31), HOUR, 7200, timedelta(days=7), "%-d %b"),
        Span("year", "Year", timedelta(days=366), DAY, 86400, None, "%b"),
    )
}
GAP_SECONDS = 150.0  # two check-ins further apart than this have one missing between them


DISKS = of_disk("used_percent", "")
DRAWN = Names(
    exact=("processor.percent", "memory.used_percent", "swap.used_percent", "load.1", "load.15"), beginnings=(DISKS,)
)

type Series = Mapping[str, Sequence[Stretch]]


def series(machine_id: int, span: Span, until: datetime) -> Series:
    """What is drawn of a machine, by name; `disk:/srv` is the share used of a disk. In the order of time."""
    since, end = milliseconds(until - span.length), milliseconds(until)
    kinds = ("avg", "min", "max", "last")
    table = history.read(machine_id, Asked(since, end, span.read, DRAWN, kinds))
    names = dict.fromkeys(name.partition("|")[0] if span.read else name for name in table.columns)
    told = {name: list(stretches(table, name, span.read)) for name in names}
    return {f"disk:{name.removeprefix(DISKS)}" if name.startswith(DISKS) else name: one for name, one in told.items()}


def stretches(table: Table, name: str, step: int) -> Iterator[Stretch]:
    """A series; of the last of rolled-up stretches, the last figure stands for all: it is how things are now."""
    if not step:
        for at, figure in table.series(name):
            yield Stretch(at, figure, figure, figure)
        return
    columns: list[Column] = [table.columns[column_of(name, kind)] for kind in ("avg", "min", "max", "last")]
    last = max((place for place, mean in enumerate(columns[0]) if mean is not None), default=-1)
    for place, (at, mean, low, high, end) in enumerate(zip(table.times, *columns, strict=True)):
        if mean is not None and low is not None and high is not None:
            middle = (at + step / 2) / 1000
            yield Stretch(middle, end if place == last and end is not None else mean, low, high)


def points(
    figures: Sequence[Stretch], span: Span, within: tuple[float, float], gap: float = GAP_SECONDS
) -> list[Point | None]:
    """A series as a chart wants it: thinned for the long spans, with gaps where nothing was measured."""
    if span.step:
        thinned = thin(figures, since=within[0], until=within[1], step=span.step)
        return [Point(one.at, one.mean, one.low, one.high) if one else None for one in thinned]
    return [Point(one.at, one.mean) if one else None for one in with_gaps(figures, longest=gap)]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of the machine's page: drawn, and the lines it was drawn from with their names."""

    name: str
    svg: str
    unit: str
    lines: Sequence[tuple[str, Line]]


def pictures(machine_id: int, span: Span, *, at: datetime, zone: tzinfo) -> list[Picture]:
    """The charts of a machine's page."""
    told = series(machine_id, span, at)
    frame = Frame(span, at - span.length, at, zone)
    disks = sorted((name for name in told if name.startswith("disk:")), key=lambda name: _fullest_now(told[name]))
    drawn = [
        frame.draw("Processor", {"": told.get("processor.percent", [])}, unit="%", top=100),
        frame.draw("Memory", {"": told.get("memory.used_percent", [])}, unit="%", top=100),
        frame.draw("Disks", {name.removeprefix("disk:"): told[name] for name in disks[:MOST_DISKS]}, unit="%", top=100),
        frame.draw("Load", {"1 min": told.get("load.1", []), "15 min": told.get("load.15", [])}),
    ]
    if told.get("swap.used_percent"):
        drawn.append(frame.draw("Swap", {"": told["swap.used_percent"]}, unit="%", top=100))
    return drawn


class Frame:
    """The span of time that all charts of a page share."""

    def __init__(self, span: Span, since: datetime, until: datetime, zone: tzinfo, gap: float = GAP_SECONDS) -> None:
        self.gap = gap
        self.band: Sequence[Sequence[Point]] = ()  # what is usual, drawn behind the lines
        self.span, self.since, self.until = span, since.timestamp(), until.timestamp()
        self.ticks = tuple(_ticks(span, since, until, zone))

    def draw(
        self, name: str, figures: Mapping[str, Sequence[Stretch]], *, unit: str = "", top: float | None = None
    ) -> Picture:
        """One chart; its title says how it is now and how high it was."""
        lines = [
            Line(_at_end(label, values, unit), points(values, self.span, (self.since, self.until), self.gap))
            for label, values in figures.items()
        ]
        title = self._title(name, figures, unit)
        chart = Chart(title, lines, self.since, self.until, self.ticks, unit, top, self.band)
        return Picture(name, draw(chart), unit, list(zip(figures, lines, strict=True)))

    def _title(self, name: str, figures: Mapping[str, Sequence[Stretch]], unit: str) -> str:
        """The finding in words: of the first series (of disks: the fullest) the last value and the highest."""
        label, values = next(iter(figures.items()), ("", []))
        if not values:
            return f"{name}: not measured"
        last, highest = values[-1], max(value.high for value in values)
        is_now = self.until - last.at <= max(self.gap, self.span.read / 1000)
        when = "now" if is_now else "at last"
        of = f" {_short(label)}" if label and name in OF_PARTS else ""
        return f"{name}{of}: {_write(last.mean)}{_spaced(unit)} {when}, {_write(highest)}{_spaced(unit)} at most"


def _at_end(label: str, values: Sequence[Stretch], unit: str) -> str:
    """What stands at the end of a line: what it is of, and the last value."""
    return f"{_short(label)} {_write(values[-1].mean)}{_spaced(unit)}".strip() if values else _short(label)


def _short(label: str) -> str:
    return label if len(label) <= 10 else f"…{label[-9:]}"


def _fullest_now(figures: Sequence[Stretch]) -> tuple[float, float]:
    """Sorts disks that are there before those that were, to the minute, and the fullest first."""
    return -(figures[-1].at // 60), -figures[-1].mean


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""


def _write(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _ticks(span: Span, since: datetime, until: datetime, zone: tzinfo) -> list[tuple[float, str]]:
    """Whole quarters, sixths of a day, midnights or beginnings of months of the shop's clock within the span."""
    local = since.astimezone(zone).replace(tzinfo=None)
    midnight = datetime.combine(local.date(), datetime.min.time())
    if span.tick is None:
        moments = [midnight.replace(year=midnight.year + month // 12, month=month % 12 + 1, day=1)
                   for month in range(midnight.month - 1, midnight.month + 13)]  # fmt: skip
    else:
        steps = int(span.length / span.tick) + int(timedelta(days=1) / span.tick) + 2
        moments = [midnight + number * span.tick for number in range(steps)]
    shown = ((moment.replace(tzinfo=zone), moment) for moment in moments)
    return [(real.timestamp(), wall.strftime(span.tick_form)) for real, wall in shown if since <= real <= until]
