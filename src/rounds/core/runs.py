"""Looks at a run of check-ins of one machine: what `examine` says of them one after another, in less time.

Most of what machines tell is well, and told again every minute. A stretch of check-ins that tell no facts, of the same
disks, on one day, without a pause, in which no figure is bad and nothing is open, can open and close nothing: then only
the last marks and the day's maxima are worked out. Everything else goes check-in by check-in.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from operator import lt, sub

from rounds.core.detecting import CLEAR, Level, Limit, Memory
from rounds.core.examining import (
    DISK_RULES,
    LOAD,
    LONGEST_SUBJECT,
    MEMORY,
    MOST_DISKS,
    Chart,
    Decided,
    Subject,
    examine,
)
from rounds.core.latest import Sight

FAR = 1e18  # figures beyond it are no figures (examining)

type Figures = Sequence[float]


def examine_run(
    chart: Chart, sights: Sequence[Sight], limits: Mapping[str, Limit]
) -> tuple[Chart, list[tuple[Sight, Decided]]]:
    """Apply check-ins in the order given; the same chart and events as one by one."""
    decided: list[tuple[Sight, Decided]] = []
    for stretch in _stretches(sights):
        if calm := _calm(chart, stretch, limits):
            chart = calm
            continue
        for sight in stretch:
            chart, of_it = examine(chart, sight, limits)
            decided += [(sight, one) for one in of_it]
    return chart, decided


def _stretches(sights: Sequence[Sight]) -> Iterator[Sequence[Sight]]:
    """Runs of check-ins without facts, and those with facts alone."""
    begin = 0
    for place, sight in enumerate(sights):
        if sight.facts:
            if begin < place:
                yield sights[begin:place]
            yield (sight,)
            begin = place + 1
    if begin < len(sights):
        yield sights[begin:]


def _calm(chart: Chart, sights: Sequence[Sight], limits: Mapping[str, Limit]) -> Chart | None:
    """The chart after a stretch in which nothing can open or close; None if something might."""
    if sights[0].facts or not _is_even(chart, sights) or not _is_known(chart, sights, limits):
        return None
    memories, maxima, last = dict(chart.memories), dict(chart.maxima), sights[-1].taken_at
    moments = [sight.taken_at for sight in sights]
    pause = max(map(sub, moments[1:], moments), default=timedelta(0))
    for subject, column in _columns(chart, sights):
        level = limits.get(subject[0])
        if subject[0] == "disk-full":
            days = chart.maxima[subject[1]]
            highest = max(column, default=0.0)
            if highest > days[last.date()]:
                maxima[subject[1]] = {**days, last.date(): highest}
        if level is None or not column:
            continue
        marks = _marks(memories.get(subject), sights, column, level) if _is_close(level, pause) else None
        if marks is None:
            return None
        memories[subject] = Memory(last, is_open=False, marks=marks)
    return replace(chart, memories=memories, maxima=maxima)


def _is_even(chart: Chart, sights: Sequence[Sight]) -> bool:
    """Are all of one day, that of the maxima, later and later, and of the same disks, all known?"""
    day, disks = sights[0].taken_at.date(), sights[0].disks.keys()
    if not disks or disks != chart.maxima.keys() or len(disks) > MOST_DISKS or max(map(len, disks)) > LONGEST_SUBJECT:
        return False
    if any(max(days) != day for days in chart.maxima.values()):
        return False
    if sights[-1].taken_at.date() != day or any(sight.disks.keys() != disks for sight in sights):
        return False
    moments = [sight.taken_at for sight in sights]
    return all(map(lt, moments, moments[1:]))


def _is_known(chart: Chart, sights: Sequence[Sight], limits: Mapping[str, Limit]) -> bool:
    """Is nothing open, is all that is remembered watched still, older than this, and of disks that are there?"""
    began, disks = sights[0].taken_at, sights[0].disks
    for (rule, subject), memory in chart.memories.items():
        if memory.is_open or rule not in limits or memory.at is None or memory.at >= began:
            return False
        if rule in DISK_RULES and subject not in disks:
            return False
    return True


def _columns(chart: Chart, sights: Sequence[Sight]) -> Iterator[tuple[Subject, Figures]]:
    """What each rule looks at, a figure a check-in."""
    samples = [sight.samples for sight in sights]
    yield ("memory-short", ""), [told[MEMORY] for told in samples if MEMORY in told]
    if chart.cores:
        yield ("load-high", ""), [told[LOAD] / chart.cores for told in samples if LOAD in told]
    for disk in sights[0].disks:
        of_disk = [sight.disks[disk] for sight in sights]
        yield ("disk-full", disk), [figures["used_percent"] for figures in of_disk if "used_percent" in figures]
        yield ("inodes-full", disk), [figures["inodes_percent"] for figures in of_disk if "inodes_percent" in figures]


def _is_close(level: Limit, longest_pause: timedelta) -> bool:
    """Is there no pause after which a rule would count anew?"""
    return isinstance(level, Level) and longest_pause <= level.gap


def _marks(before: Memory | None, sights: Sequence[Sight], column: Figures, level: Limit) -> str | None:
    """The marks after a column in which nothing is bad; None if something is, or it has to be looked at closely."""
    if not isinstance(level, Level) or len(column) != len(sights) or not all(map(math.isfinite, column)):
        return None
    low, high = min(column), max(column)
    is_bad = low <= level.open_at if level.clear_at > level.open_at else high >= level.open_at
    if is_bad or low <= -FAR or high >= FAR:
        return None
    is_fresh = before is not None and before.at is not None and sights[0].taken_at - before.at <= level.gap
    kept = before.marks if before is not None and is_fresh else ""
    is_clear = low > level.clear_at if level.clear_at > level.open_at else high < level.clear_at
    new = CLEAR * len(column) if is_clear else "".join(map(level.mark, column[-level.of :]))
    return (kept + new)[-level.of :]
