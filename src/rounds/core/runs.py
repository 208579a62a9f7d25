"""Looks at a run of check-ins of one machine: what `examine` says of them one after another, in less time.

Most of what machines tell is well, and told again every minute. A stretch of glances (of check-ins that tell figures
alone) of the same disks, on one day, without a pause, in which no figure is bad and nothing is open, can open and close
nothing: then only the last marks and the day's maxima are worked out. Everything else goes check-in by check-in.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import repeat
from operator import eq, lt, methodcaller, sub
from typing import NamedTuple

from rounds.core.detecting import CLEAR, Level, Limit, Memory
from rounds.core.examining import DISK_RULES, LONGEST_SUBJECT, MOST_DISKS, Chart, Decided, Subject, examine
from rounds.core.glancing import Glance, OfDisk, glance_of, sight_of
from rounds.core.latest import Sight
from rounds.core.standing import FACT_OF

FAR = 1e18  # figures beyond it are no figures (examining)

type Figures = Sequence[float]
type Told = Sequence[float | None]


class _Stretch(NamedTuple):
    """Glances one after another, by what they tell."""

    moments: Sequence[datetime]
    memory: Told
    load: Told
    disks: Sequence[Mapping[str, OfDisk]]


def examine_run(
    chart: Chart, seen: Sequence[Sight | Glance], limits: Mapping[str, Limit]
) -> tuple[Chart, list[Decided]]:
    """Apply check-ins in the order given; the same chart and events as one by one."""
    decided: list[Decided] = []
    for stretch in _stretches(seen, max(map(max, chart.maxima.values()), default=None)):
        if isinstance(stretch, Sight):
            sights = [stretch]
        elif calm := _calm(chart, _Stretch(*zip(*stretch, strict=True)), limits):
            chart, sights = calm, []
        else:
            sights = [sight_of(glance) for glance in stretch]
        for sight in sights:
            chart, of_it = examine(chart, sight, limits)
            decided += of_it
    return chart, decided


def _stretches(seen: Sequence[Sight | Glance], day: date | None) -> Iterator[Sight | Sequence[Glance]]:
    """Runs of check-ins of one day that tell figures alone; what tells more, or is the first of a day, stands alone."""
    glances: list[Glance] = []
    for one in seen:
        tells_more = isinstance(one, Sight) and one.facts
        if not tells_more and one.taken_at.date() == day:
            glances.append(one if isinstance(one, Glance) else glance_of(one))
            continue
        if glances:
            yield glances
        yield one if isinstance(one, Sight) else sight_of(one)
        glances, day = [], one.taken_at.date()
    if glances:
        yield glances


def _calm(chart: Chart, stretch: _Stretch, limits: Mapping[str, Limit]) -> Chart | None:
    """The chart after a stretch in which nothing can open or close; None if something might."""
    if not _is_even(chart, stretch) or not _is_known(chart, stretch, limits):
        return None
    memories, maxima, last = dict(chart.memories), dict(chart.maxima), stretch.moments[-1]
    pause = max(map(sub, stretch.moments[1:], stretch.moments), default=timedelta(0))
    for subject, told in _columns(chart, stretch):
        level, column = limits.get(subject[0]), [figure for figure in told if figure is not None]
        if subject[0] == "disk-full" and column:
            days = chart.maxima[subject[1]]
            highest = max(column)
            if highest > days[last.date()]:
                maxima[subject[1]] = {**days, last.date(): highest}
        if level is None or not column:
            continue
        is_close = len(column) == len(told) and _is_close(level, pause)
        marks = _marks(memories.get(subject), stretch.moments[0], column, level) if is_close else None
        if marks is None:
            return None
        memories[subject] = Memory(last, is_open=False, marks=marks)
    return replace(chart, memories=memories, maxima=maxima)


def _is_even(chart: Chart, stretch: _Stretch) -> bool:
    """Are all of one day, that of the maxima, later and later, and of the same disks, all known?"""
    moments, disks = stretch.moments, stretch.disks[0].keys()
    day = moments[0].date()
    if not disks or disks != chart.maxima.keys() or len(disks) > MOST_DISKS or max(map(len, disks)) > LONGEST_SUBJECT:
        return False
    if moments[-1].date() != day or any(max(days) != day for days in chart.maxima.values()):
        return False
    return all(map(lt, moments, moments[1:])) and all(map(eq, map(methodcaller("keys"), stretch.disks), repeat(disks)))


def _is_known(chart: Chart, stretch: _Stretch, limits: Mapping[str, Limit]) -> bool:
    """Is all that is remembered watched still, and what figures decide not open, older, and of disks that are there?"""
    began, disks = stretch.moments[0], stretch.disks[0]
    for (rule, subject), memory in chart.memories.items():
        if rule not in limits:
            return False
        if rule in FACT_OF:
            continue  # of which figures say nothing
        if memory.is_open or memory.at is None or memory.at >= began:
            return False
        if rule in DISK_RULES and subject not in disks:
            return False
    return True


def _columns(chart: Chart, stretch: _Stretch) -> Iterator[tuple[Subject, Told]]:
    """What each rule looks at, a figure a check-in."""
    yield ("memory-short", ""), stretch.memory
    if chart.cores:
        yield ("load-high", ""), [None if load is None else load / chart.cores for load in stretch.load]
    for disk in stretch.disks[0]:
        used, inodes, _ = zip(*[disks[disk] for disks in stretch.disks], strict=True)
        yield ("disk-full", disk), used
        yield ("inodes-full", disk), inodes


def _is_close(level: Limit, longest_pause: timedelta) -> bool:
    """Is there no pause after which a rule would count anew?"""
    return isinstance(level, Level) and longest_pause <= level.gap


def _marks(before: Memory | None, began: datetime, column: Figures, level: Limit) -> str | None:
    """The marks after a column in which nothing is bad; None if something is, or it has to be looked at closely."""
    if not isinstance(level, Level) or not all(map(math.isfinite, column)):
        return None
    low, high = min(column), max(column)
    is_bad = low <= level.open_at if level.clear_at > level.open_at else high >= level.open_at
    if is_bad or low <= -FAR or high >= FAR:
        return None
    is_fresh = before is not None and before.at is not None and began - before.at <= level.gap
    kept = before.marks if before is not None and is_fresh else ""
    is_clear = low > level.clear_at if level.clear_at > level.open_at else high < level.clear_at
    new = CLEAR * len(column) if is_clear else "".join(map(level.mark, column[-level.of :]))
    return (kept + new)[-level.of :]
