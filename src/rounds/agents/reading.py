"""Reads check-ins: hands them to stages, each once, and keeps the latest state of every machine.

A stage that reads check-ins does it so, with a reader's name of its own:

    with transaction.atomic():
        for check_in in reading.take("findings", limit=500):
            ...   # keep rows

`take` moves the reader's cursor in the same transaction as the rows that the stage keeps, so every check-in has its
effects once, whatever is killed when, and two tickers do not take the same ones. It gives nothing when there is nothing
new. Check-ins come in the order in which the server got them, which is not always the order in which they were taken:
after an outage the newest comes first and then the backlog, newest to oldest. `taken_at` says when it was measured
(corrected by the server's clock), `received_at` when it came. Whoever needs an order in time compares `taken_at` with
what he has; `history.read` reads a machine's figures in that order. Silence is judged by `State.seen_at`, which is the
server's clock. Check-ins are sealed away when every reader has had them (`sealing`): what a reader wants to keep of one
beside its figures, it keeps.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from rounds.agents.envelopes import Envelope, Result
from rounds.agents.models import Agent, CheckIn, Cursor, Job, JobResult, State
from rounds.core.latest import Known, Sight, fullest, learn_all

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_decoder = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True, slots=True)
class ReadCheckIn:
    """One check-in, read; the mappings are as docs/agent-protocol.md says."""

    id: int
    agent_id: int
    machine_id: int
    epoch: int
    number: int
    taken_at: datetime
    received_at: datetime
    samples: Mapping[str, float]
    disks: Mapping[str, Mapping[str, float]]
    facts: Mapping[str, Any]
    probes: Mapping[str, str]
    results: Sequence[Result]

    def sight(self) -> Sight:
        """What it says of the machine, as a plain value."""
        return Sight(self.taken_at, self.samples, self.disks, self.facts, self.probes)


def _read(row: CheckIn, machine_id: int) -> ReadCheckIn:
    said = _decoder.decode(zlib.decompress(row.body))
    return ReadCheckIn(
        row.pk, row.agent_id, machine_id, row.epoch, row.number, row.taken_at, row.received_at,
        said.samples, said.disks, said.facts, said.probes, said.results,
    )  # fmt: skip


def take(reader: str, limit: int = 1000) -> list[ReadCheckIn]:
    """Take the check-ins that a reader has not had yet, oldest arrival first; call it inside a transaction."""
    Cursor.objects.get_or_create(reader=reader)
    cursor = Cursor.objects.select_for_update().get(reader=reader)
    rows = list(CheckIn.objects.filter(pk__gt=cursor.last_id).order_by("pk")[:limit])
    if rows:
        cursor.last_id = rows[-1].pk
        cursor.save(update_fields=["last_id"])
    machines = dict(Agent.objects.filter(pk__in={row.agent_id for row in rows}).values_list("pk", "machine_id"))
    return [_read(row, machines[row.agent_id]) for row in rows]


def milliseconds(moment: datetime) -> int:
    """A moment as milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def pull(limit: int = 1000) -> int:
    """Bring the state of machines and the results of jobs up to date with all check-ins; say how many were new."""
    total = 0
    while count := _pull_some(limit):
        total += count
    return total


@transaction.atomic
def _pull_some(limit: int) -> int:
    check_ins = take("states", limit)
    by_machine: dict[int, list[ReadCheckIn]] = {}
    for check_in in check_ins:
        by_machine.setdefault(check_in.machine_id, []).append(check_in)
    states = State.objects.select_for_update().in_bulk(list(by_machine))

    kept = [_brought_up_to_date(states.get(machine_id), of_it) for machine_id, of_it in by_machine.items()]

    State.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["machine"],
        update_fields=[field.name for field in State._meta.concrete_fields if not field.primary_key],
    )
    _keep_results(check_ins)
    return len(check_ins)


def _brought_up_to_date(state: State | None, check_ins: Sequence[ReadCheckIn]) -> State:
    known = learn_all(_known(state) if state else None, [check_in.sight() for check_in in check_ins])
    newest = max(check_ins, key=lambda one: one.received_at)
    first_seen_at = min(one.received_at for one in check_ins)
    updates, reboot, system = known.fact("updates"), known.fact("reboot"), known.fact("os")
    disk, disk_percent = fullest(known.sight.disks)
    return State(
        machine_id=newest.machine_id,
        agent_id=newest.agent_id,
        taken_at=known.sight.taken_at,
        seen_at=max(newest.received_at, state.seen_at) if state else newest.received_at,
        first_seen_at=min(first_seen_at, state.first_seen_at) if state else first_seen_at,
        check_ins=(state.check_ins if state else 0) + len(check_ins),
        samples=known.sight.samples,
        disks=known.sight.disks,
        facts=known.sight.facts,
        facts_at={name: moment.isoformat() for name, moment in known.facts_at.items()},
        probes=known.sight.probes,
        os_name=_text(system, "name")[:120],
        processor_percent=known.sight.samples.get("processor.percent"),
        memory_percent=known.sight.samples.get("memory.used_percent"),
        fullest_disk=disk,
        fullest_disk_percent=disk_percent,
        updates_pending=_whole(updates, "pending"),
        updates_security=_whole(updates, "security"),
        needs_reboot=_truth(reboot, "needed"),
    )


def _known(state: State) -> Known:
    sight = Sight(state.taken_at, state.samples, state.disks, state.facts, state.probes)
    return Known(sight, {name: datetime.fromisoformat(moment) for name, moment in state.facts_at.items()})


def _text(fact: Any, name: str) -> str:
    said = fact.get(name) if isinstance(fact, dict) else None
    return said if isinstance(said, str) else ""


def _whole(fact: Any, name: str) -> int | None:
    said = fact.get(name) if isinstance(fact, dict) else None
    return said if isinstance(said, int) and 0 <= said < 2**31 else None


def _truth(fact: Any, name: str) -> bool | None:
    said = fact.get(name) if isinstance(fact, dict) else None
    return said if isinstance(said, bool) else None


def _keep_results(check_ins: Sequence[ReadCheckIn]) -> None:
    """Keep the first result of each job; an agent repeats it until it knows that it arrived."""
    said = [(check_in, result) for check_in in check_ins for result in check_in.results]
    jobs = Job.objects.in_bulk({result.job for _, result in said}) if said else {}
    JobResult.objects.bulk_create(
        [
            JobResult(
                job_id=result.job,
                check_in_at=check_in.received_at,
                finished_at=result.at,
                is_ok=result.ok,
                report=result.error or result.report,
            )
            for check_in, result in said
            if result.job in jobs and jobs[result.job].machine_id == check_in.machine_id
        ],
        ignore_conflicts=True,
    )
