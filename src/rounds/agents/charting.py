"""A machine's figures over an hour, a day or a week: as series, as charts, as a table."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import msgspec

from rounds.agents.models import Agent, CheckIn
from rounds.core.thinning import thin, with_gaps
from rounds.pages.charts import Chart, Line, Point, draw

MOST_DISKS = 4  # in one chart; the fullest ones


@dataclass(frozen=True, slots=True)
class Span:
    """How far back a chart looks, how it is thinned (0: not at all), and where its axis has words."""

    name: str
    words: str
    length: timedelta
    step: float
    tick: timedelta
    tick_form: str


SPANS = {
    span.name: span
    for span in (
        Span("hour", "1 h", timedelta(hours=1), 0, timedelta(minutes=15), "%H:%M"),
        Span("day", "Day", timedelta(days=1), 300, timedelta(hours=6), "%H:%M"),
        Span("week", "Week", timedelta(days=7), 1800, timedelta(days=1), "%a"),
    )
}
GAP_SECONDS = 150.0  # two check-ins further apart than this have one missing between them


class _Figures(msgspec.Struct):
    """Of a check-in, only what is drawn."""

    samples: dict[str, float] = {}
    disks: dict[str, dict[str, float]] = {}


_decoder = msgspec.json.Decoder(_Figures)

type Series = dict[str, list[tuple[float, float]]]


def series(machine_id: int, since: datetime, until: datetime) -> Series:
    """All figures of a machine by name, each (seconds since 1970, value); `disk:/srv` is the share used of a disk."""
    agents = list(Agent.objects.filter(machine_id=machine_id).values_list("pk", flat=True))
    rows = CheckIn.objects.filter(agent_id__in=agents, taken_at__gte=since, taken_at__lt=until)
    told: Series = {}
    for taken_at, body in rows.order_by("taken_at").values_list("taken_at", "body").iterator(chunk_size=2000):
        at, said = taken_at.timestamp(), _decoder.decode(zlib.decompress(body))
        for name, figure in said.samples.items():
            told.setdefault(name, []).append((at, figure))
        for place, figures in said.disks.items():
            if "used_percent" in figures:
                told.setdefault(f"disk:{place}", []).append((at, figures["used_percent"]))
    return told


def points(figures: Sequence[tuple[float, float]], span: Span, since: float, until: float) -> list[Point | None]:
    """A series as a chart wants it: thinned for the long spans, with gaps where nothing was measured."""
    if span.step:
        stretches = thin(figures, since=since, until=until, step=span.step)
        return [Point(one.at, one.mean, one.low, one.high) if one else None for one in stretches]
    return [Point(*one) if one else None for one in with_gaps(figures, longest=GAP_SECONDS)]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of the machine's page: drawn, and the lines it was drawn from with their names."""

    name: str
    svg: str
    unit: str
    lines: Sequence[tuple[str, Line]]


def pictures(machine_id: int, span: Span, *, at: datetime, zone: tzinfo) -> list[Picture]:
    """The charts of a machine's page."""
    since = at - span.length
    told = series(machine_id, since, at)
    frame = _Frame(span, since, at, zone)
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


class _Frame:
    """The span of time that all charts of a page share."""

    def __init__(self, span: Span, since: datetime, until: datetime, zone: tzinfo) -> None:
        self.span, self.since, self.until = span, since.timestamp(), until.timestamp()
        self.ticks = tuple(_ticks(span, since, until, zone))

    def draw(
        self, name: str, figures: dict[str, list[tuple[float, float]]], *, unit: str = "", top: float | None = None
    ) -> Picture:
        """One chart; its title says how it is now and how high it was."""
        lines = [
            Line(_at_end(label, values, unit), points(values, self.span, self.since, self.until))
            for label, values in figures.items()
        ]
        chart = Chart(self._title(name, figures, unit), lines, self.since, self.until, self.ticks, unit, top)
        return Picture(name, draw(chart), unit, list(zip(figures, lines, strict=True)))

    def _title(self, name: str, figures: dict[str, list[tuple[float, float]]], unit: str) -> str:
        """The finding in words: of the first series (of disks: the fullest) the last value and the highest."""
        label, values = next(iter(figures.items()), ("", []))
        if not values:
            return f"{name}: not measured"
        (at, last), highest = values[-1], max(value for _, value in values)
        when = "now" if self.until - at <= GAP_SECONDS else "at last"
        of = f" {_short(label)}" if name == "Disks" else ""
        return f"{name}{of}: {_write(last)}{_spaced(unit)} {when}, {_write(highest)}{_spaced(unit)} at most"


def _at_end(label: str, values: list[tuple[float, float]], unit: str) -> str:
    """What stands at the end of a line: what it is of, and the last value."""
    return f"{_short(label)} {_write(values[-1][1])}{_spaced(unit)}".strip() if values else _short(label)


def _short(label: str) -> str:
    return label if len(label) <= 10 else f"…{label[-9:]}"


def _fullest_now(figures: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Sorts disks that are there before those that were, to the minute, and the fullest first."""
    at, share = figures[-1]
    return -(at // 60), -share


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""


def _write(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _ticks(span: Span, since: datetime, until: datetime, zone: tzinfo) -> list[tuple[float, str]]:
    """Whole quarters, sixths of a day or midnights of the shop's clock within the span."""
    local = since.astimezone(zone).replace(tzinfo=None)
    midnight = datetime.combine(local.date(), datetime.min.time())
    steps = int(span.length / span.tick) + int(timedelta(days=1) / span.tick) + 2
    moments = (midnight + number * span.tick for number in range(steps))
    shown = ((moment.replace(tzinfo=zone), moment) for moment in moments)
    return [(real.timestamp(), wall.strftime(span.tick_form)) for real, wall in shown if since <= real <= until]
