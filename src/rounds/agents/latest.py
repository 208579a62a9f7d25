"""Keeps the latest state of every machine: what is known and what check-ins say in, the row that lists read out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from rounds.agents.models import State
from rounds.core.latest import Known, Sight, fullest, learn_all
from rounds.rows.upserting import upsert


class Said(Protocol):
    """Of a check-in, what its machine's state is made of."""

    @property
    def machine_id(self) -> int: ...  # noqa: D102
    @property
    def agent_id(self) -> int: ...  # noqa: D102
    @property
    def received_at(self) -> datetime: ...  # noqa: D102
    @property
    def taken_at(self) -> datetime: ...  # noqa: D102
    @property
    def facts(self) -> Mapping[str, Any]: ...  # noqa: D102
    def sight(self) -> Sight:
        """What it says of the machine."""


@dataclass(frozen=True, slots=True)
class Latest:
    """What is known of a machine, and how often it was heard."""

    machine_id: int
    agent_id: int
    known: Known
    seen_at: datetime
    first_seen_at: datetime
    check_ins: int


def of(machines: Iterable[int]) -> dict[int, Latest]:
    """What is known of some machines, held until the end of the transaction."""
    rows = State.objects.select_for_update().filter(pk__in=list(machines))
    return {row.pk: _latest(row) for row in rows}


def _latest(row: State) -> Latest:
    sight = Sight(row.taken_at, row.samples, row.disks, row.facts, row.probes)
    known = Known(sight, {name: datetime.fromisoformat(moment) for name, moment in row.facts_at.items()})
    return Latest(row.pk, row.agent_id, known, row.seen_at, row.first_seen_at, row.check_ins)


def brought_up_to_date(before: Latest | None, check_ins: Sequence[Said]) -> Latest:
    """Fold a machine's new check-ins into what is known of it; of older ones than the newest, facts alone count."""
    last = max(reversed(check_ins), key=lambda one: one.taken_at)  # of two of one moment, the one that came later
    sights = [one.sight() for one in check_ins if one is last or one.facts]
    known = learn_all(before.known if before else None, sights)
    newest = max(check_ins, key=lambda one: one.received_at)
    first_seen_at = min(one.received_at for one in check_ins)
    return Latest(
        newest.machine_id,
        newest.agent_id,
        known,
        max(newest.received_at, before.seen_at) if before else newest.received_at,
        min(first_seen_at, before.first_seen_at) if before else first_seen_at,
        (before.check_ins if before else 0) + len(check_ins),
    )


def keep(all_of_them: Iterable[Latest]) -> None:
    """Write the states of machines."""
    rows = [_row(one) for one in all_of_them]
    if rows:
        upsert(State, list(rows[0]), [list(row.values()) for row in rows])


def _row(one: Latest) -> Mapping[str, Any]:
    known, sight = one.known, one.known.sight
    updates, reboot, system = known.fact("updates"), known.fact("reboot"), known.fact("os")
    disk, disk_percent = fullest(sight.disks)
    return {
        "machine": one.machine_id,
        "agent": one.agent_id,
        "taken_at": sight.taken_at,
        "seen_at": one.seen_at,
        "first_seen_at": one.first_seen_at,
        "check_ins": one.check_ins,
        "samples": sight.samples,
        "disks": sight.disks,
        "facts": sight.facts,
        "facts_at": {name: moment.isoformat() for name, moment in known.facts_at.items()},
        "probes": sight.probes,
        "os_name": _text(system, "name")[:120],
        "processor_percent": sight.samples.get("processor.percent"),
        "memory_percent": sight.samples.get("memory.used_percent"),
        "fullest_disk": disk,
        "fullest_disk_percent": disk_percent,
        "updates_pending": _whole(updates, "pending"),
        "updates_security": _whole(updates, "security"),
        "needs_reboot": _truth(reboot, "needed"),
    }


def _text(fact: Any, name: str) -> str:
    said = fact.get(name) if isinstance(fact, dict) else None
    return said if isinstance(said, str) else ""


def _whole(fact: Any, name: str) -> int | None:
    said = fact.get(name) if isinstance(fact, dict) else None
    return said if isinstance(said, int) and 0 <= said < 2**31 else None


def _truth(fact: Any, name: str) -> bool | None:
    said = fact.get(name) if isinstance(fact, dict) else None
    return said if isinstance(said, bool) else None
