"""What is known of a machine now: check-ins, in whatever order they come, folded into the latest of everything."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

type Figures = Mapping[str, float]

NOTHING: Mapping[str, Any] = {}
_DISK = "disk "  # so begins the name of a probe that stands for one disk


class Sight(NamedTuple):
    """What one check-in says: figures, facts that have changed, and the probes that gave no value."""

    taken_at: datetime
    samples: Figures = NOTHING
    disks: Mapping[str, Figures] = NOTHING
    facts: Mapping[str, Any] = NOTHING
    probes: Mapping[str, str] = NOTHING


@dataclass(frozen=True, slots=True)
class Known:
    """What is known: the figures and probes of the newest check-in, and each fact from the newest that told it."""

    sight: Sight
    facts_at: Mapping[str, datetime]

    def fact(self, name: str) -> Any:
        """A fact that can be relied on: None if it was never told, or if its probe gives no value now."""
        return None if name in self.sight.probes else self.sight.facts.get(name)


def learn(known: Known | None, sight: Sight) -> Known:
    """Fold one check-in into what is known; an older one can only add facts that nothing newer has told."""
    if known is None:
        return Known(sight, dict.fromkeys(sight.facts, sight.taken_at))
    facts, facts_at = dict(known.sight.facts), dict(known.facts_at)
    for name, fact in sight.facts.items():
        if name not in facts_at or sight.taken_at >= facts_at[name]:
            facts[name], facts_at[name] = fact, sight.taken_at
    newest = sight if sight.taken_at >= known.sight.taken_at else known.sight
    return Known(Sight(newest.taken_at, newest.samples, newest.disks, facts, newest.probes), facts_at)


def learn_all(known: Known | None, sights: Sequence[Sight]) -> Known:
    """Fold several check-ins, at least one: as `learn` would one after another, with facts copied once."""
    first, *others = sights
    known = learn(known, first)
    newest, facts, facts_at = known.sight, dict(known.sight.facts), dict(known.facts_at)
    for sight in others:
        newest = sight if sight.taken_at >= newest.taken_at else newest
        for name, fact in sight.facts.items():
            if name not in facts_at or sight.taken_at >= facts_at[name]:
                facts[name], facts_at[name] = fact, sight.taken_at
    return Known(Sight(newest.taken_at, newest.samples, newest.disks, facts, newest.probes), facts_at)


def disks_without_value(probes: Mapping[str, str]) -> dict[str, str]:
    """The disks that could not be asked, in order, and why (docs/agent-protocol.md)."""
    return {name.removeprefix(_DISK): why for name, why in sorted(probes.items()) if name.startswith(_DISK)}


def fullest(disks: Mapping[str, Figures]) -> tuple[str, float | None]:
    """The disk that is fullest and how full it is, in percent; of equals the first by name."""
    shares = [(-figures["used_percent"], name) for name, figures in disks.items() if "used_percent" in figures]
    if not shares:
        return "", None
    share, name = min(shares)
    return name, -share


def figure(told: Mapping[str, Any], name: str) -> float | None:
    """A figure that a check-in tells; None for what is none, or beyond all measure."""
    value = told.get(name)
    if type(value) is float and -1e18 < value < 1e18:  # as nearly all are
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e18 and math.isfinite(value) else None


def moment(text: Any) -> datetime | None:
    """A moment as an agent writes it; None for what is none, or has no zone."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None
