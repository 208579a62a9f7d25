"""Keeps the latest state of every machine: what is known and what check-ins say in, the row that lists read out.

Most check-ins tell figures alone. Of a machine with nothing else to tell, facts are neither read nor written, nor what
follows from them, as this happens to every machine every minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
from django.db.models import TextField
from django.db.models.functions import Cast

from rounds.agents.models import State
from rounds.core.latest import Known, Sight, fullest, learn_all
from rounds.rows.upserting import update, upsert

_probes = msgspec.json.Decoder(dict[str, str])


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
    def glance(self) -> bytes | None: ...  # noqa: D102
    @property
    def facts(self) -> Mapping[str, Any]: ...  # noqa: D102
    def sight(self) -> Sight:
        """What it says of the machine."""


def bring_up_to_date(by_machine: Mapping[int, Sequence[Said]]) -> None:
    """Fold the new check-ins of machines into their states; to be called in a transaction."""
    done = _refresh({key: of_it for key, of_it in by_machine.items() if all(one.glance is not None for one in of_it)})
    others = {key: of_it for key, of_it in by_machine.items() if key not in done}
    states = _known_of(others) if others else {}
    _keep([_folded(states.get(key), of_it) for key, of_it in others.items()])


def _refresh(by_machine: Mapping[int, Sequence[Said]]) -> set[int]:
    """Bring the figures of machines up to date that told nothing else; which they are.

    Left to others is a machine without a state, one that told only of what was before it, and one whose probes give
    other answers than before, as facts may no longer be relied on then.
    """
    rows = State.objects.select_for_update().filter(pk__in=list(by_machine)).annotate(said=Cast("probes", TextField()))
    known = rows.values_list("pk", "taken_at", "seen_at", "first_seen_at", "check_ins", "said")
    refreshed = []
    for key, taken_at, seen_at, first_seen_at, check_ins, said in known:
        of_it, sight = by_machine[key], _last(by_machine[key]).sight()
        if sight.taken_at < taken_at or sight.probes != _probes.decode(said):
            continue
        heard = _heard(of_it)
        refreshed.append(
            {
                "agent": heard.agent_id,
                "taken_at": sight.taken_at,
                "seen_at": max(heard.last, seen_at),
                "first_seen_at": min(heard.first, first_seen_at),
                "check_ins": check_ins + len(of_it),
                **_figures(sight),
                "machine": key,
            }
        )
    if refreshed:
        update(State, list(refreshed[0]), [list(row.values()) for row in refreshed])
    return {row["machine"] for row in refreshed}


@dataclass(frozen=True, slots=True)
class _Heard:
    """When new check-ins of a machine came, and by which agent the last of them."""

    agent_id: int
    first: datetime
    last: datetime


def _heard(check_ins: Sequence[Said]) -> _Heard:
    newest = max(check_ins, key=lambda one: one.received_at)
    return _Heard(newest.agent_id, min(one.received_at for one in check_ins), newest.received_at)


def _last[S: Said](check_ins: Sequence[S]) -> S:
    """The one that was taken last; of two of one moment, the one that came later."""
    return max(reversed(check_ins), key=lambda one: one.taken_at)


@dataclass(frozen=True, slots=True)
class _Latest:
    """What is known of a machine, and how often it was heard."""

    machine_id: int
    agent_id: int
    known: Known
    seen_at: datetime
    first_seen_at: datetime
    check_ins: int


def _known_of(machines: Iterable[int]) -> dict[int, _Latest]:
    """What is known of some machines, held until the end of the transaction."""
    rows = State.objects.select_for_update().filter(pk__in=list(machines))
    return {row.pk: _latest(row) for row in rows}


def _latest(row: State) -> _Latest:
    sight = Sight(row.taken_at, row.samples, row.disks, row.facts, row.probes)
    known = Known(sight, {name: datetime.fromisoformat(moment) for name, moment in row.facts_at.items()})
    return _Latest(row.pk, row.agent_id, known, row.seen_at, row.first_seen_at, row.check_ins)


def _folded(before: _Latest | None, check_ins: Sequence[Said]) -> _Latest:
    """Fold a machine's new check-ins into what is known of it; of older ones than the newest, facts alone count."""
    last, heard = _last(check_ins), _heard(check_ins)
    sights = [one.sight() for one in check_ins if one is last or one.facts]
    return _Latest(
        last.machine_id,
        heard.agent_id,
        learn_all(before.known if before else None, sights),
        max(heard.last, before.seen_at) if before else heard.last,
        min(heard.first, before.first_seen_at) if before else heard.first,
        (before.check_ins if before else 0) + len(check_ins),
    )


def _keep(all_of_them: Iterable[_Latest]) -> None:
    """Write the states of machines."""
    rows = [_row(one) for one in all_of_them]
    if rows:
        upsert(State, list(rows[0]), [list(row.values()) for row in rows])


def _row(one: _Latest) -> Mapping[str, Any]:
    known, sight = one.known, one.known.sight
    updates, reboot, system = known.fact("updates"), known.fact("reboot"), known.fact("os")
    return {
        "machine": one.machine_id,
        "agent": one.agent_id,
        "taken_at": sight.taken_at,
        "seen_at": one.seen_at,
        "first_seen_at": one.first_seen_at,
        "check_ins": one.check_ins,
        **_figures(sight),
        "facts": sight.facts,
        "facts_at": {name: moment.isoformat() for name, moment in known.facts_at.items()},
        "probes": sight.probes,
        "os_name": _text(system, "name")[:120],
        "updates_pending": _whole(updates, "pending"),
        "updates_security": _whole(updates, "security"),
        "needs_reboot": _truth(reboot, "needed"),
    }


def _figures(sight: Sight) -> Mapping[str, Any]:
    """Of a state, what a check-in's figures give."""
    samples, (disk, disk_percent) = sight.samples, fullest(sight.disks)
    return {
        "samples": samples,
        "disks": sight.disks,
        "processor_percent": samples.get("processor.percent"),
        "memory_percent": samples.get("memory.used_percent"),
        "fullest_disk": disk,
        "fullest_disk_percent": disk_percent,
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
