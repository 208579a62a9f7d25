"""Opens and closes findings, one sample at a time: a limit, its memory and the sample in; memory and event out.

What is remembered between samples is a plain value (`Memory.as_json`), so that a check-in is applied once and a whole
history can be replayed to the same findings. Two kinds of limit are enough for what machines tell:

- `Level`: a figure that may not stay beyond a level, for so many of the last samples, with a separate level to clear;
- `Wait`: things that may not wait too long (updates, a reboot), each since it was first seen waiting.

A sample that is not newer than the last one applied changes nothing: findings are about now, and the backlog of an
outage comes after the newest check-in.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rounds.core.money import Refused

MOST_SAMPLES = 240  # that a level may look back on
NAMES_SHOWN = 20
BAD, CLEAR, BETWEEN = "b", "c", "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Opens when `times` of the last `of` samples are at `open_at` or beyond, closes when as many are past `clear_at`.

    A `clear_at` above `open_at` makes low figures the bad ones. After a pause longer than `gap` the counting starts
    anew: what was not measured is neither bad nor clear.
    """

    open_at: float
    clear_at: float
    times: int = 1
    of: int = 1
    gap: timedelta = timedelta(minutes=30)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.open_at) and math.isfinite(self.clear_at)):
            raise Refused("a level must be a number")
        if not 1 <= self.times <= self.of <= MOST_SAMPLES:
            raise Refused(
                f"“{self.times} of {self.of}” samples: the first is at least 1, the second at most 240 and not less"
            )

    def mark(self, value: float | None) -> str:
        """Tell whether a figure is bad, clear or between the levels; None, the thing is gone, is clear."""
        if value is None:
            return CLEAR
        sign = -1 if self.clear_at > self.open_at else 1
        if sign * value >= sign * self.open_at:
            return BAD
        return CLEAR if sign * value < sign * self.clear_at else BETWEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Opens when something has waited for `longest`, closes when nothing has any more."""

    longest: timedelta

    def __post_init__(self) -> None:
        if self.longest < timedelta(0):
            raise Refused("nothing waits for less than no time")


type Limit = Level | Wait


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured at a moment: a figure, or the names of what waits; None: the thing is no longer there.

    `more` goes into the evidence as it is.
    """

    at: datetime
    value: float | tuple[str, ...] | None
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one rule and subject: when the last sample was, the marks of the last ones, who waits."""

    at: datetime | None = None
    is_open: bool = False
    marks: str = ""
    since: Mapping[str, datetime] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the memory as a value that JSON can hold."""
        return {
            "at": self.at.isoformat() if self.at else None,
            "open": self.is_open,
            "marks": self.marks,
            "since": {name: moment.isoformat() for name, moment in self.since.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Memory":
        """Take the memory up again from what `as_json` gave."""
        return cls(
            at=datetime.fromisoformat(kept["at"]) if kept["at"] else None,
            is_open=kept["open"],
            marks=kept["marks"],
            since={name: datetime.fromisoformat(moment) for name, moment in kept["since"].items()},
        )


@dataclass(frozen=True, slots=True)
class Event:
    """A finding opens or closes, at the moment of the sample that decided it; JSON can hold its `evidence`."""

    at: datetime
    is_opening: bool
    evidence: Mapping[str, object]


def observe(memory: Memory, sample: Sample, limit: Limit) -> tuple[Memory, Event | None]:
    """Apply one sample. An open finding does not open again, a closed one does not close again."""
    if memory.at is not None and sample.at <= memory.at:
        return memory, None
    if isinstance(limit, Level):
        return _observe_level(memory, sample, limit)
    return _observe_wait(memory, sample, limit)


def _observe_level(memory: Memory, sample: Sample, level: Level) -> tuple[Memory, Event | None]:
    if isinstance(sample.value, tuple):
        raise TypeError("a level is held against a figure")
    is_fresh = memory.at is not None and sample.at - memory.at <= level.gap
    marks = ((memory.marks if is_fresh else "") + level.mark(sample.value))[-level.of :]
    deciding = CLEAR if memory.is_open else BAD
    if marks.count(deciding) < level.times:
        return Memory(sample.at, memory.is_open, marks, memory.since), None
    after = Memory(at=sample.at, is_open=not memory.is_open)
    evidence = {
        "value": sample.value,
        "limit": level.clear_at if memory.is_open else level.open_at,
        "times": marks.count(deciding),
        "of": len(marks),
    }
    return after, Event(sample.at, after.is_open, {**evidence, **sample.more})


def _observe_wait(memory: Memory, sample: Sample, wait: Wait) -> tuple[Memory, Event | None]:
    names = sample.value or ()
    if not isinstance(names, tuple):
        raise TypeError("a wait is held against the names of what waits")
    since = {name: memory.since.get(name, sample.at) for name in names}
    late = sorted((moment, name) for name, moment in since.items() if sample.at - moment >= wait.longest)
    after = Memory(at=sample.at, is_open=bool(late), since=since)
    if after.is_open == memory.is_open:
        return after, None
    evidence: dict[str, object] = {"limit_days": wait.longest / timedelta(days=1), "waiting": len(since)}
    if late:
        evidence["since"] = late[0][0].isoformat()
        evidence["late"] = len(late)
        evidence["names"] = [name for _since, name in late[:NAMES_SHOWN]]
    return after, Event(sample.at, after.is_open, {**evidence, **sample.more})
