"""Charts as SVG: values in, text out; the same picture stands in a page, a document and a mail.

Colours are presentation attributes, which every stylesheet outweighs: in a page the classes follow light and dark, in a
mail the attributes stay. No style, no script, no legend: the title states the finding, a line is named where it ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 340.0, 150.0  # as wide as a phone: there the letters are as large as they say
LEFT, TOP, BOTTOM = 36.0, 26.0, 20.0
INK, SOFT, GRID, LINE, AREA = "#1b2026", "#59636e", "#e3e6e9", "#1f5fa8", "#9db9d8"
APART = 12.0  # least distance of the words at two lines' ends
LETTER = 6.2  # about the width of a letter


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at `x`: the value, and between which it moved if it stands for several."""

    x: float
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the words at its end, and its points in order. `None` is a gap: nothing was measured."""

    words: str
    points: Sequence[Point | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: the title states the finding; `ticks` are places on the x axis with their words."""

    title: str
    lines: Sequence[Line]
    since: float
    until: float
    ticks: Sequence[tuple[float, str]] = field(default_factory=tuple)
    unit: str = ""
    top: float | None = None  # of the y axis; None: what the values need
    band: Sequence[Sequence[Point]] = ()  # what is usual: stretches of points, each between its low and its high


def nice_top(highest: float) -> float:
    """The least of 1, 2, 2.5, 5 or 10 times a power of ten that is not below the highest value."""
    power = 1.0
    while power < highest:
        power *= 10
    while power / 10 >= highest > 0:
        power /= 10
    return next(power * part for part in (0.1, 0.2, 0.25, 0.5, 1.0) if power * part >= highest or part == 1.0)


def write_figure(value: float) -> str:
    """A figure on an axis: as many decimals as it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


class _Plane:
    """Where things lie in the picture."""

    def __init__(self, chart: Chart) -> None:
        points = [
            *(one for line in chart.lines for one in line.points if one),
            *(one for run in chart.band for one in run),
        ]
        values = [value for one in points for value in (one.value, one.high or 0)]
        self.top = chart.top or nice_top(max([*values, 0.0]) or 1.0)
        self.since, self.span = chart.since, max(chart.until - chart.since, 1e-9)
        longest = max((len(line.words) for line in chart.lines), default=0)
        self.right = WIDTH - min(140.0, 10 + LETTER * max(longest, 2))

    def x(self, x: float) -> float:
        return LEFT + (self.right - LEFT) * min(1.0, max(0.0, (x - self.since) / self.span))

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, max(0.0, value / self.top))


def draw(chart: Chart) -> str:
    """Draw a chart."""
    plane = _Plane(chart)
    parts = [
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" '
        f'font-family="sans-serif" font-size="11"><title>{escape(chart.title)}</title>',
        f'<text class="title" x="0" y="13" font-size="13" font-weight="600" fill="{INK}">{escape(chart.title)}</text>',
        *_grid(chart, plane),
    ]
    if any(one for line in chart.lines for one in line.points):
        for run in chart.band:
            parts += _between(run, plane, f'class="usual" fill="{GRID}"')
        for line in chart.lines:
            parts += _area(line, plane)
        for line in chart.lines:
            parts += _line(line, plane)
        parts += _names(chart, plane)
    else:
        parts.append(_text((LEFT + plane.right) / 2, (TOP + HEIGHT) / 2, "nothing was measured", anchor="middle"))
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{SOFT}">{escape(words)}</text>'


def _grid(chart: Chart, plane: _Plane) -> Iterator[str]:
    bottom = HEIGHT - BOTTOM
    for part in (0.0, 0.5, 1.0):
        y = plane.y(plane.top * part)
        yield f'<path class="grid" d="M{LEFT:.1f} {y:.1f}H{plane.right:.1f}" stroke="{GRID}" fill="none"/>'
        unit = chart.unit if part == 1.0 else ""
        yield _text(LEFT - 4, y + 4, f"{write_figure(plane.top * part)}{unit}", anchor="end")
    free_from = 0.0
    for x, words in chart.ticks:
        at, half = plane.x(x), LETTER * len(words) / 2
        if chart.since <= x <= chart.until:
            yield f'<path class="grid" d="M{at:.1f} {bottom:.1f}v4" stroke="{GRID}" fill="none"/>'
            if at - half >= free_from:
                yield _text(at, HEIGHT - 5, words, anchor="middle")
                free_from = at + half


def _runs(points: Iterable[Point | None]) -> Iterator[list[Point]]:
    """The points between gaps."""
    run: list[Point] = []
    for point in points:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(line: Line, plane: _Plane) -> Iterator[str]:
    steps = []
    for run in _runs(line.points):
        places = " ".join(f"{plane.x(one.x):.1f} {plane.y(one.value):.1f}" for one in run)
        steps.append(f"M{places}" if len(run) > 1 else f"M{places}h1")  # a lone point is still seen
    if steps:
        yield (
            f'<path class="line" d="{"".join(steps)}" stroke="{LINE}" fill="none" stroke-width="1.5" '
            'stroke-linejoin="round"/>'
        )


def _area(line: Line, plane: _Plane) -> Iterator[str]:
    for run in _runs(line.points):
        if len(run) < 2 or any(one.low is None or one.high is None for one in run):
            continue
        yield from _between(run, plane, f'class="area" fill="{AREA}" fill-opacity="0.4"')


def _between(run: Sequence[Point], plane: _Plane, looks: str) -> Iterator[str]:
    """The area between the lows and the highs of points."""
    there = [f"{plane.x(one.x):.1f} {plane.y(one.high or 0):.1f}" for one in run]
    back = [f"{plane.x(one.x):.1f} {plane.y(one.low or 0):.1f}" for one in reversed(run)]
    yield f'<path {looks} d="M{" ".join([*there, *back])}Z" stroke="none"/>'


def _names(chart: Chart, plane: _Plane) -> Iterator[str]:
    """The words at each line's end, moved apart where they would overlap."""
    ends = []
    for line in chart.lines:
        last = next((one for one in reversed(line.points) if one is not None), None)
        if last is not None:
            ends.append((plane.y(last.value) + 4, line.words))
    floor = TOP - APART
    for place, words in sorted(ends):
        y = max(place, floor + APART)
        floor = y
        yield _text(plane.right + 4, y, words)
