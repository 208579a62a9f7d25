"""The figures of a watch over time: as they were kept with the machines that looked, put together, drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from rounds.agents import charting, history
from rounds.agents.charting import Picture, Span
from rounds.agents.figures import Names, of_watch
from rounds.agents.reading import milliseconds
from rounds.agents.storage import Asked
from rounds.core.packing import merge
from rounds.core.thinning import Stretch
from rounds.watches.models import Turn, Watch

MOST_LINES, MOST_PORTS = 6, 12


@dataclass(frozen=True, slots=True)
class Shape:
    """A chart: what it is called, which figures it draws, in which unit, and how high its axis is at least."""

    name: str
    figure: str
    unit: str = ""
    top: float | None = None


SHAPES = (
    Shape("Answer", "milliseconds", "ms"),
    Shape("Supplies", "supply.percent", "%", 100),
    Shape("Volumes", "volume.used_percent", "%", 100),
    Shape("Battery", "battery.percent", "%", 100),
    Shape("Load", "load.percent", "%", 100),
    Shape("Load", "load"),
    Shape("Temperature", "temperature", "°C"),
    Shape("Certificate", "certificate.days", "days"),
)


def series(watch: Watch, span: Span, until: datetime) -> dict[str, list[Stretch]]:
    """Every figure of a watch, in the order of time, whichever machine looked."""
    since, end = milliseconds(until - span.length), milliseconds(until)
    begins = of_watch(watch.pk)
    asked = Asked(since, end, span.read, Names(beginnings=(begins,)), ("avg", "min", "max", "last"))
    machines = Turn.objects.filter(watch=watch).values_list("machine", flat=True).order_by("machine").distinct()
    table = merge([history.read(machine_id, asked) for machine_id in machines])
    names = dict.fromkeys(name.partition("|")[0] if span.read else name for name in table.columns)
    return {name.removeprefix(begins): list(charting.stretches(table, name, span.read)) for name in names}


def pictures(watch: Watch, span: Span, *, at: datetime, zone: tzinfo) -> list[Picture]:
    """The charts of a watch's page: of what it has."""
    told = series(watch, span, at)
    # What is looked at seldom is drawn in longer stretches, or there would be dots and no line.
    span = replace(span, step=max(span.step, 90.0 * watch.every_minutes)) if span.step else span
    frame = charting.Frame(span, at - span.length, at, zone, gap=max(150.0, 60.0 * watch.every_minutes * 2.5))
    return [*_shaped(told, frame), *_ports(told, frame)]


def _shaped(told: dict[str, list[Stretch]], frame: charting.Frame) -> Iterator[Picture]:
    for shape in SHAPES:
        lines = {
            _short(name.partition("@")[2]): one for name, one in told.items() if name.partition("@")[0] == shape.figure
        }
        if lines:
            shown = dict(sorted(lines.items(), key=_last_first)[:MOST_LINES])
            yield frame.draw(shape.name, shown, unit=shape.unit, top=shape.top)


def _short(part: str) -> str:
    """A part's name as it stands at the end of a line: its beginning tells parts apart."""
    return part if len(part) <= 10 else f"{part[:9].strip()}…"


def _last_first(line: tuple[str, Sequence[Stretch]]) -> tuple[float, str]:
    return (line[1][-1].mean if line[1] else 0.0, line[0])


def _ports(told: dict[str, list[Stretch]], frame: charting.Frame) -> Iterator[Picture]:
    """The busiest ports, in megabits a second."""
    ports = {name.partition("@")[2] for name in told if name.startswith("interface.in_bits@")}
    busiest = sorted(ports, key=lambda port: -_highest(told.get(f"interface.in_bits@{port}", ())))
    for port in busiest[:MOST_PORTS]:
        ways = {way: told.get(f"interface.{way}_bits@{port}", []) for way in ("in", "out")}
        lines = {way: [_mega(one) for one in values] for way, values in ways.items()}
        yield frame.draw(port, lines, unit="Mbit/s")


def _highest(values: Sequence[Stretch]) -> float:
    return max((one.high for one in values), default=0.0)


def _mega(one: Stretch) -> Stretch:
    return Stretch(one.at, one.mean / 1e6, one.low / 1e6, one.high / 1e6)
