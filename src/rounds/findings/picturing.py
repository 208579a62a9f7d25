"""Charts for a finding's page: the day of what was measured, and what was usual in its hours."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from django.utils import timezone

from rounds.agents import charting, history
from rounds.agents.charting import SPANS, Frame, Picture, stretches
from rounds.agents.figures import Names
from rounds.agents.reading import milliseconds
from rounds.agents.storage import Asked
from rounds.core.thinning import Stretch
from rounds.core.usual import FIGURES, Range, Unusual
from rounds.findings.limits import InForce
from rounds.findings.models import Finding
from rounds.findings.unusual import RULE, usual_in
from rounds.pages.charts import Point

CHARTS = {"disk-full": "Disks", "disk-filling": "Disks", "memory-short": "Memory", "load-high": "Load"}
AFTER = timedelta(hours=2)  # that a chart goes on when the finding has closed
HOUR_SECONDS = 3600.0


def pictures(shown: Finding, in_force: InForce | None) -> list[Picture]:
    """The day's chart of what was measured: up to now, or to shortly after it closed."""
    if shown.machine_id is None or shown.rule not in {*CHARTS, RULE}:
        return []
    until = min(timezone.now(), shown.closed_at + AFTER) if shown.closed_at else timezone.now()
    if shown.rule == RULE:
        limit = in_force.limit if in_force else None
        width = limit.width if isinstance(limit, Unusual) else Unusual().width
        return [_with_usual(shown.machine_id, shown.subject, until, width)] if shown.subject in FIGURES else []
    drawn = charting.pictures(shown.machine_id, SPANS["day"], at=until, zone=timezone.get_current_timezone())
    return [picture for picture in drawn if picture.name == CHARTS[shown.rule]]


def _with_usual(machine_id: int, name: str, until: datetime, width: float) -> Picture:
    """A figure's day, before what is usual in its hours."""
    figure, span = FIGURES[name], SPANS["day"]
    since = until - span.length
    table = history.read(machine_id, Asked(milliseconds(since), milliseconds(until), 0, Names(exact=(name,))))
    taken = [
        Stretch(one.at, *(value / figure.divisor for value in (one.mean, one.low, one.high)))
        for one in stretches(table, name, 0)
    ]
    frame = Frame(span, since, until, timezone.get_current_timezone())
    usual = [(max(at, frame.since), min(at + HOUR_SECONDS, frame.until), one)
             for at, one in usual_in(machine_id, name, (since, until), width)]  # fmt: skip
    hours = [list(_corners(begin, end, one, figure.divisor)) for begin, end, one in usual if begin < end]
    frame.band = [list(chain.from_iterable(run)) for run in _runs(hours)]
    if figure.unit == "%":
        return frame.draw(figure.label, {"": taken}, unit="%", top=figure.top)
    return frame.draw(f"{figure.label}, {figure.unit}", {"": taken})


def _runs(hours: Sequence[list[Point]]) -> Iterator[list[list[Point]]]:
    """Hours that follow each other, as one area without seams."""
    run: list[list[Point]] = []
    for hour in hours:
        if run and hour[0].x > run[-1][-1].x:
            yield run
            run = []
        run.append(hour)
    if run:
        yield run


def _corners(begin: float, end: float, usual: Range, divisor: float) -> Iterator[Point]:
    low, middle, high = (max(0.0, value / divisor) for value in (usual.low, usual.middle, usual.high))
    for at in (begin, end):
        yield Point(at, middle, low, high)
