"""Looks at one check-in of a machine: what is remembered of it and the check-in in; the same and events out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from rounds.core import standing
from rounds.core.detecting import Event, Limit, Memory, Sample, observe
from rounds.core.forecasting import FAR_AWAY, MOST_DAYS, forecast
from rounds.core.glancing import FREE, INODES, LOAD, MEMORY, USED
from rounds.core.latest import Figures, Sight, figure

LATEST = timedelta(days=8)  # check-ins taken longer ago are refused (docs/agent-protocol.md)
MOST_DISKS = 64  # of one machine; the check-in comes from outside
MOST_NAMES = 500  # of pending updates
LONGEST_SUBJECT = 200
DISK_RULES = ("disk-full", "inodes-full", "disk-filling")

type Subject = tuple[str, str]  # rule, and what of the machine: a mount point, or ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is remembered of one machine: a memory per rule and subject, its processors, its disks' daily maxima."""

    memories: Mapping[Subject, Memory] = field(default_factory=dict)
    cores: int | None = None
    maxima: Mapping[str, Mapping[date, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """An event, and of which rule and subject it is."""

    rule: str
    subject: str
    event: Event


def examine(chart: Chart, sight: Sight, limits: Mapping[str, Limit]) -> tuple[Chart, list[Decided]]:
    """Apply one check-in by the limits of this machine; a rule without a limit is not watched.

    What the check-in does not tell (docs/agent-protocol.md) is not measured, and decides nothing.
    """
    disks = _disks(sight)
    maxima, turned = _with_maxima(chart.maxima, disks, sight.taken_at)
    chart = replace(chart, cores=_cores(sight.facts) or chart.cores, maxima=maxima)
    memories, decided = dict(chart.memories), []
    at, facts, probes = sight.taken_at, sight.facts, sight.probes
    told, no_more = standing.read(memories, facts, probes, at) if facts else ([], set())
    for (rule, subject), sample in (*_disk_samples(chart, disks, turned, at), *_samples(chart, sight), *told):
        if rule in limits:
            memories[rule, subject], event = observe(memories.get((rule, subject), Memory()), sample, limits[rule])
            decided += [Decided(rule, subject, event)] if event else []
    for rule, subject in [key for key in memories if key[0] not in limits]:
        if memories.pop((rule, subject)).is_open:
            why = {"why": "this is no longer watched"}
            decided.append(Decided(rule, subject, Event(sight.taken_at, is_opening=False, evidence=why)))
    gone = [
        key
        for key, memory in memories.items()
        if key[0] in DISK_RULES and key[1] not in disks and _is_over(memory, sight)
    ]
    gone += [key for key in no_more if key in memories and _is_past(memories[key], at)]
    return replace(chart, memories={key: kept for key, kept in memories.items() if key not in gone}), decided


def _is_over(memory: Memory, sight: Sight) -> bool:
    """Is it about a disk that was last seen so long ago that no late check-in can tell of it any more?"""
    is_old = memory.at is not None and sight.taken_at - memory.at > LATEST
    return not memory.is_open and is_old


def _is_past(memory: Memory, at: datetime) -> bool:
    """Is it over, and not of a later moment than a check-in that came late?"""
    return not memory.is_open and memory.at is not None and memory.at <= at


def _samples(chart: Chart, sight: Sight) -> Iterator[tuple[Subject, Sample]]:
    at = sight.taken_at
    memory, load = figure(sight.samples, MEMORY), figure(sight.samples, LOAD)
    if memory is not None:
        yield ("memory-short", ""), Sample(at, memory)
    if load is not None and chart.cores:
        yield ("load-high", ""), Sample(at, load / chart.cores, {"load": load, "processors": chart.cores})
    updates, reboot = _part(sight.facts, "updates"), _part(sight.facts, "reboot")
    pending, security, names = figure(updates, "pending"), figure(updates, "security"), updates.get("names")
    if pending is not None:
        named = tuple(str(name)[:LONGEST_SUBJECT] for name in names[:MOST_NAMES]) if isinstance(names, list) else ()
        yield ("updates-late", ""), Sample(at, (named or ("updates",)) if pending else (), {"pending": pending})
    if security is not None:
        yield ("security-late", ""), Sample(at, ("security updates",) if security else (), {"security": security})
    if isinstance(reboot.get("needed"), bool):
        why = str(reboot.get("why") or "")[:LONGEST_SUBJECT]
        yield ("reboot-needed", ""), Sample(at, ("restart",) if reboot["needed"] else (), {"why": why} if why else {})


def _disk_samples(
    chart: Chart, disks: Mapping[str, Figures], turned: set[str], at: datetime
) -> Iterator[tuple[Subject, Sample]]:
    for disk, figures in disks.items():
        used, inodes, free = figure(figures, USED), figure(figures, INODES), figure(figures, FREE)
        if used is not None:
            yield ("disk-full", disk), Sample(at, used, {} if free is None else {"free_bytes": free})
        if inodes is not None:
            yield ("inodes-full", disk), Sample(at, inodes)
        if disk in turned:
            days = {day: value for day, value in chart.maxima[disk].items() if day < at.date()}
            span = forecast(days)
            more = {"latest": span.latest, "days": len(days), "used_percent": used} if span else {}
            yield ("disk-filling", disk), Sample(at, span.earliest if span else FAR_AWAY, more)
    if disks:  # otherwise disks were not measured, and nothing is known of those that are missing
        for (rule, disk), memory in chart.memories.items():
            if rule in DISK_RULES and disk not in disks and memory.is_open:
                yield (rule, disk), Sample(at, None, {"why": f"{disk} is no longer there"})


def _with_maxima(
    kept: Mapping[str, Mapping[date, float]], disks: Mapping[str, Figures], at: datetime
) -> tuple[dict[str, Mapping[date, float]], set[str]]:
    """Add a sample to the daily maxima, in whatever order samples come; name the disks whose day is a new one."""
    today, turned, maxima = at.date(), set(), dict(kept)
    for disk, figures in disks.items():
        used = figure(figures, USED)
        if used is None or (disk in kept and today in kept[disk] and used <= kept[disk][today]):
            continue
        days = dict(kept.get(disk, {}))
        if days and today > max(days):
            turned.add(disk)
        days[today] = max(used, days.get(today, 0.0))
        maxima[disk] = {day: days[day] for day in sorted(days)[-MOST_DAYS - 1 :]}
    if disks:
        oldest = today.toordinal() - MOST_DAYS
        maxima = {disk: days for disk, days in maxima.items() if max(days).toordinal() >= oldest}
    return maxima, turned


def _part(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = mapping.get(name)
    return part if isinstance(part, Mapping) else {}


def _disks(sight: Sight) -> dict[str, Figures]:
    return {disk[:LONGEST_SUBJECT]: figures for disk, figures in list(sight.disks.items())[:MOST_DISKS]}


def _cores(facts: Mapping[str, Any]) -> int | None:
    cores = figure(_part(facts, "hardware"), "cores")
    return int(cores) if cores is not None and 1 <= cores <= 100_000 else None
