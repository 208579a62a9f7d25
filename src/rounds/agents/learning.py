"""Keeps what check-ins tell beside figures: each fact when it is new, and the events of machines' logs.

Check-ins come in any order; a version of a fact is kept where it differs from the one before it in time. One that came
late, and is the same as the one after it, is kept as well: then that one is no change, and is not shown as one.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from rounds.agents.models import FactVersion, LogEvent
from rounds.agents.reading import ReadCheckIn, take
from rounds.core.changes import NOUNS, PASSING, lasting, words

READER = "facts"
EVENTS_FOR, FACTS_FOR = timedelta(days=90), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Change:
    """What changed on a machine at a moment."""

    at: datetime
    noun: str
    lines: Sequence[str]


def pull(limit: int = 1000) -> int:
    """Keep what new check-ins tell; say how many there were."""
    total = 0
    while count := _pull_some(limit):
        total += count
    return total


@transaction.atomic
def _pull_some(limit: int) -> int:
    check_ins = take(READER, limit)
    for check_in in sorted(check_ins, key=lambda one: one.taken_at):
        for name in PASSING.keys() & check_in.facts.keys():
            _keep_fact(check_in, name)
    LogEvent.objects.bulk_create(
        [_event(check_in, told) for check_in in check_ins for told in check_in.events], ignore_conflicts=True
    )
    return len(check_ins)


def _keep_fact(check_in: ReadCheckIn, name: str) -> None:
    fact = check_in.facts[name]
    digest = hashlib.sha256(json.dumps(lasting(name, fact), sort_keys=True).encode()).hexdigest()
    earlier = FactVersion.objects.filter(machine=check_in.machine_id, name=name, from_at__lte=check_in.taken_at)
    before = earlier.values_list("digest", flat=True).first()
    if before != digest:
        FactVersion.objects.get_or_create(
            machine_id=check_in.machine_id, name=name, from_at=check_in.taken_at,
            defaults={"digest": digest, "value": fact},
        )  # fmt: skip


def _event(check_in: ReadCheckIn, told: Any) -> LogEvent:
    return LogEvent(
        machine_id=check_in.machine_id,
        event_sha256=hashlib.sha256(told.id.encode()).hexdigest(),
        at=told.at,
        source=told.source[:100],
        level=told.level[:20],
        text=told.text[:500],
    )


def changes(machine_id: int, *, most: int) -> list[Change]:
    """What changed on a machine, the newest first. Its first telling of a fact is no change."""
    found = []
    for name in PASSING:
        versions = list(FactVersion.objects.filter(machine=machine_id, name=name)[: most + 1])
        for after, before in pairwise(versions):
            if after.digest != before.digest:
                found.append(Change(after.from_at, NOUNS[name], words(name, before.value, after.value)))
    return sorted((one for one in found if one.lines), key=lambda one: one.at, reverse=True)[:most]


def changes_of(machines: Collection[int], since: datetime, until: datetime) -> dict[int, list[Change]]:
    """What changed on many machines after one moment and up to another, in two questions, by the machine's key."""
    earlier = FactVersion.objects.filter(
        machine=OuterRef("machine"), name=OuterRef("name"), from_at__lt=OuterRef("from_at")
    )
    fresh = FactVersion.objects.filter(machine__in=machines, from_at__gt=since, from_at__lte=until)
    versions = list(fresh.annotate(before_id=Subquery(earlier.values("pk")[:1])).order_by("from_at", "pk"))
    before = FactVersion.objects.in_bulk([row.before_id for row in versions if row.before_id])
    found: dict[int, list[Change]] = {}
    for row in versions:
        old = before.get(row.before_id or 0)
        if old is None or old.digest == row.digest:
            continue
        lines = words(row.name, old.value, row.value)
        if lines:
            found.setdefault(row.machine_id, []).append(Change(row.from_at, NOUNS.get(row.name, row.name), lines))
    return found


def age(at: datetime) -> int:
    """Let old events go, and versions of facts that a newer one has followed for longer than a year."""
    gone, _ = LogEvent.objects.filter(at__lt=at - EVENTS_FOR).delete()
    old = FactVersion.objects.filter(from_at__lt=at - FACTS_FOR)
    newer = FactVersion.objects.filter(machine=OuterRef("machine"), name=OuterRef("name"), from_at__lt=at - FACTS_FOR)
    followed = old.filter(Exists(newer.filter(from_at__gt=OuterRef("from_at"))))
    more, _ = FactVersion.objects.filter(pk__in=list(followed.values_list("pk", flat=True)[:5000])).delete()
    return gone + more
