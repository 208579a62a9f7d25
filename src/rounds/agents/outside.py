"""When machines without an agent were last seen from outside: a stage to the right that looks at them says so here.

As panels do for pages (`pages.panels`), it adds itself in its AppConfig's `ready`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from rounds.clients.models import Machine


@dataclass(frozen=True, slots=True)
class Outside:
    """How a machine looks from outside: a state (trouble, soon, well, unmeasured), its words, when it last answered."""

    state: str
    words: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks from outside: how some machines (by key; None: all) are at a moment, and which have ever answered."""

    at: Callable[[Collection[int] | None, datetime], Mapping[int, Outside]]
    answered: Callable[[], QuerySet[Machine]]


_looks: list[Look] = []


def add(look: Look) -> None:
    """Add one who looks; the same again is the same."""
    if look not in _looks:
        _looks.append(look)


def look_at(machines: Collection[int] | None, at: datetime) -> dict[int, Outside]:
    """How some machines, or all, look from outside; those at which nobody looks are left out."""
    found: dict[int, Outside] = {}
    for look in _looks:
        found |= look.at(machines, at)
    return found


def unseen(rows: QuerySet[Machine]) -> QuerySet[Machine]:
    """Of some machines those that have never answered anybody from outside."""
    for look in _looks:
        rows = rows.exclude(pk__in=look.answered().values("pk"))
    return rows
