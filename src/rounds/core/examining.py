"""Looks at one check-in of a machine as a whole: what is remembered of it and the check-in in; the same and events out."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from rounds.core.detecting import Event, Limit, Memory, Sample, observe
from rounds.core.forecasting import FAR_AWAY, MOST_DAYS, forecast

MOST_DISKS = 64  # of one machine; the check-in comes from outside
LONGEST_SUBJECT = 200
DISK_RULES = ("disk-full", "inodes-full", "disk-filling")

type Subject = tuple[str, str]  # rule, and what of the machine: a mount point, or ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is remembered of one machine: a memory per rule and subject, its processors, the daily maxima of its disks."""

    memories: Mapping[Subject, Memory] = field(default_factory=dict)
    cores: int | None = None
    maxima: Mapping[str, Mapping[date, float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the chart as a value that JSON can hold."""
        return {
            "cores": self.cores,
            "rules": [[rule, subject, memory.as_json()] for (rule, subject), memory in self.memories.items()],
            "maxima": {
                disk: {day.isoformat(): value for day, value in days.items()} for disk, days in self.maxima.items()
            },
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Chart":
        """Take the chart up again from what `as_json` gave; an empty value is a machine never seen."""
        return cls(
            memories={(rule, subject): Memory.from_json(memory) for rule, subject, memory in kept.get("rules", ())},
            cores=kept.get("cores"),
            maxima={
                disk: {date.fromisoformat(day): value for day, value in days.items()}
                for disk, days in kept.get("maxima", {}).items()
            },
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """An event, and of which rule and subject it is."""

    rule: str
    subject: str
    event: Event


def examine(
    chart: Chart, check_in: Mapping[str, Any], at: datetime, limits: Mapping[str, Limit]
) -> tuple[Chart, list[Decided]]:
    """Apply one check-in, measured at a moment, by the limits of this machine. A rule without a limit is not watched.

    The check-in is one as docs/agent-protocol.md gives it; what is not as there is not measured.
    """
    cores = _cores(check_in) or chart.cores
    disks = _disks(check_in)
    maxima, turned = _with_maxima(chart.maxima, disks, at)
    chart = replace(chart, cores=cores, maxima=maxima)
    memories, decided = dict(chart.memories), []
    for (rule, subject), sample in _samples(chart, check_in, disks, turned, at):
        if rule in limits:
            memories[rule, subject], event = observe(memories.get((rule, subject), Memory()), sample, limits[rule])
            decided += [Decided(rule, subject, event)] if event else []
    for rule, subject in [key for key in memories if key[0] not in limits]:
        if memories.pop((rule, subject)).is_open:
            decided.append(Decided(rule, subject, Event(False, at, {"why": "this is no longer watched"})))
    return replace(chart, memories=memories), decided


def _samples(
    chart: Chart, check_in: Mapping[str, Any], disks: Mapping[str, Mapping[str, Any]], turned: set[str], at: datetime
) -> Iterator[tuple[Subject, Sample]]:
    samples, facts = _part(check_in, "samples"), _part(check_in, "facts")
    yield from _disk_samples(chart, disks, turned, at)
    memory, load = _figure(samples, "memory.used_percent"), _figure(samples, "load.5")
    if memory is not None:
        yield ("memory-short", ""), Sample(at, memory)
    if load is not None and chart.cores:
        yield ("load-high", ""), Sample(at, load / chart.cores, {"load": load, "processors": chart.cores})
    if "updates" in facts:
        updates = _part(facts, "updates")
        names = updates.get("names")
        pending, security = _figure(updates, "pending"), _figure(updates, "security")
        if pending is not None:
            named = tuple(str(name)[:LONGEST_SUBJECT] for name in names) if isinstance(names, list) else ()
            yield ("updates-late", ""), Sample(at, (named or ("updates",)) if pending else (), {"pending": pending})
        if security is not None:
            yield ("security-late", ""), Sample(at, ("security updates",) if security else (), {"security": security})
    reboot = _part(facts, "reboot")
    if isinstance(reboot.get("needed"), bool):
        why = str(reboot.get("why") or "")[:LONGEST_SUBJECT]
        yield ("reboot-needed", ""), Sample(at, ("restart",) if reboot["needed"] else (), {"why": why} if why else {})


def _disk_samples(
    chart: Chart, disks: Mapping[str, Mapping[str, Any]], turned: set[str], at: datetime
) -> Iterator[tuple[Subject, Sample]]:
    for disk, figures in disks.items():
        used, inodes = _figure(figures, "used_percent"), _figure(figures, "inodes_percent")
        free = _figure(figures, "free_bytes")
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
        for rule, disk in [key for key in chart.memories if key[0] in DISK_RULES and key[1] not in disks]:
            yield (rule, disk), Sample(at, None, {"why": f"{disk} is no longer there"})


def _with_maxima(
    kept: Mapping[str, Mapping[date, float]], disks: Mapping[str, Mapping[str, Any]], at: datetime
) -> tuple[dict[str, Mapping[date, float]], set[str]]:
    """Add a sample to the daily maxima, in whatever order samples come; name the disks whose day is a new one."""
    today, turned, maxima = at.date(), set(), dict(kept)
    for disk, figures in disks.items():
        used = _figure(figures, "used_percent")
        if used is None:
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


def _figure(mapping: Mapping[str, Any], name: str) -> float | None:
    value = mapping.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e18 and math.isfinite(value) else None


def _disks(check_in: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    named = [(disk, figures) for disk, figures in _part(check_in, "disks").items() if isinstance(figures, Mapping)]
    return {str(disk)[:LONGEST_SUBJECT]: figures for disk, figures in named[:MOST_DISKS]}


def _cores(check_in: Mapping[str, Any]) -> int | None:
    cores = _figure(_part(_part(check_in, "facts"), "hardware"), "cores")
    return int(cores) if cores is not None and 1 <= cores <= 100_000 else None
