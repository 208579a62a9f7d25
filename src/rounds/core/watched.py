"""Looks at what a watch gave of a thing without an agent: what is remembered of it and the result in; events out.

A thing that could not be asked is not measured, and decides nothing. What it tells of its parts (supplies, volumes,
ports) counts only while it answers; a part that is told of no longer is clear.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rounds.core.detecting import Event, Limit, Memory, Sample, observe
from rounds.core.watching import WATCH_RULES, ending

MOST_PARTS, LONGEST_PART, MOST_ALERTS = 128, 150, 20

type Subject = tuple[str, str]  # rule, and which part, or ""
type Memories = Mapping[Subject, Memory]

# Figure to the rule that it is held against: of the thing itself, or of each of its parts (`supply.percent@Black`).
RULE_OF = {
    "milliseconds": "answer-slow",
    "certificate.days": "certificate-ends",
    "supply.percent": "supply-low",
    "volume.used_percent": "volume-full",
    "part.failed": "part-failed",
    "interface.down": "interface-down",
    "interface.errors": "interface-errors",
    "battery.on": "on-battery",
    "battery.percent": "battery-low",
}


@dataclass(frozen=True, slots=True)
class Gave:
    """What a watch gave: `is_ok` None is that it could not be asked; `why` says what was wrong."""

    at: datetime
    is_ok: bool | None
    why: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """An event, and of which rule and part it is."""

    rule: str
    part: str
    event: Event


def examine(memories: Memories, gave: Gave, limits: Mapping[str, Limit]) -> tuple[Memories, list[Decided]]:
    """Apply one result by the limits of this watch; a rule without a limit is not watched."""
    kept, decided = dict(memories), []
    for (rule, part), sample in _samples(memories, gave):
        if rule in limits:
            kept[rule, part], event = observe(kept.get((rule, part), Memory()), sample, limits[rule])
            decided += [Decided(rule, part, event)] if event else []
    for rule, part in [key for key in kept if key[0] not in limits]:
        if kept.pop((rule, part)).is_open:
            event = Event(gave.at, is_opening=False, evidence={"why": "this is no longer watched"})
            decided.append(Decided(rule, part, event))
    return kept, decided


def _samples(memories: Memories, gave: Gave) -> Iterator[tuple[Subject, Sample]]:
    if gave.is_ok is None:
        return
    why = {"why": gave.why} if gave.why else {}
    yield ("unanswered", ""), Sample(gave.at, 0.0 if gave.is_ok else 1.0, why)
    told = list(_told(gave.figures))[:MOST_PARTS]
    for subject, figure in told:
        yield subject, Sample(gave.at, figure)
    if not gave.is_ok:
        return
    alerts = gave.facts.get("alerts")
    if isinstance(alerts, list):
        names = tuple(dict.fromkeys(str(one)[:LONGEST_PART] for one in alerts[:MOST_ALERTS]))
        yield ("device-warns", ""), Sample(gave.at, names)
    still_there = {subject for subject, _ in told}
    for (rule, part), memory in memories.items():
        if part and memory.is_open and (rule, part) not in still_there:
            yield (rule, part), Sample(gave.at, None, {"why": f"{part} is no longer told of"})


def _told(figures: Mapping[str, float]) -> Iterator[tuple[Subject, float]]:
    for name, figure in sorted(figures.items()):
        kind, _, part = name.partition("@")
        if kind in RULE_OF and math.isfinite(figure) and abs(figure) < 1e18:
            yield (RULE_OF[kind], part[:LONGEST_PART]), figure


def as_json(memories: Memories) -> list[Any]:
    """Give what is remembered as a value that JSON can hold."""
    return [[rule, part, memory.as_json()] for (rule, part), memory in memories.items()]


def from_json(kept: list[Any]) -> Memories:
    """Take up again what `as_json` gave."""
    return {(rule, part): Memory.from_json(memory) for rule, part, memory in kept}


_TITLES: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "unanswered": lambda _, shown: str(shown.get("why") or "does not answer"),
    "answer-slow": lambda _, shown: f"answers slowly, in {shown['value']:.0f} ms",
    "certificate-ends": lambda _, shown: f"its certificate {ending(shown['value'])}",
    "supply-low": lambda part, shown: f"{part or 'a supply'} is at {shown['value']:.0f} %",
    "device-warns": lambda _, shown: f"warns: {', '.join(shown.get('names', ())) or 'something'}",
    "volume-full": lambda part, shown: f"{part or 'a volume'} is {shown['value']:.0f} % full",
    "part-failed": lambda part, _: f"{part or 'a part'} has failed",
    "interface-down": lambda part, _: f"port {part} is down",
    "interface-errors": lambda part, shown: f"{shown['value']:.0f} errors a minute on port {part}",
    "on-battery": lambda *_: "runs on battery",
    "battery-low": lambda _, shown: f"its battery is at {shown['value']:.0f} %",
}


def title(rule: str, name: str, part: str, evidence: Mapping[str, Any]) -> str:
    """Say what opened a finding in one line: "Printer, first floor: Black toner is at 7 %"."""
    return f"{name}: {_TITLES[rule](part, evidence)}"


assert _TITLES.keys() == WATCH_RULES.keys(), "each rule of watches has words"  # noqa: S101 - what only we can break
