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

import gc
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from rounds.agents import latest
from rounds.agents.envelopes import Event, Result, Watched
from rounds.agents.glances import unpack
from rounds.agents.models import Agent, Cursor, Job, JobResult, OpenDay
from rounds.core.glancing import Glance
from rounds.core.latest import Sight
from rounds.rows.upserting import add

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = EPOCH.toordinal()

AT_ONCE = 8000  # check-ins taken at once: most of the work is done once a machine, however few it sent
COLUMNS = "id, agent_id, epoch, number, {0}, {1}, body, glance"
QUESTION = f"SELECT {COLUMNS} FROM agents_checkin WHERE id > %s ORDER BY id LIMIT %s"  # noqa: S608 - constants
ROWS_AFTER = {
    "sqlite": QUESTION.format("taken_at || '+00:00'", "received_at || '+00:00'"),  # Django's conversion takes long
    "postgresql": QUESTION.format("taken_at", "received_at"),
}

type Row = tuple[int, int, int, int, str | datetime, str | datetime, bytes, bytes | None]


class Said(msgspec.Struct, frozen=True, gc=False):
    """A body that the front has checked when it came (`envelopes.Envelope`), so that nothing is checked again.

    Its samples stay as they were sent: of most check-ins, rules look at two of them, and nobody at the others.
    """

    samples: msgspec.Raw = msgspec.Raw(b"{}")
    disks: dict[str, dict[str, float]] = {}
    facts: dict[str, Any] = {}
    probes: dict[str, str] = {}
    results: list[Result] = []
    events: list[Event] = []
    watches: list[Watched] = []


_decoder = msgspec.json.Decoder(Said)
_samples_decoder = msgspec.json.Decoder(dict[str, float])
SAID_NO_MORE = Said()


class ReadCheckIn(msgspec.Struct, gc=False):
    """One check-in; the mappings are as docs/agent-protocol.md says.

    Of one with a glance, the body is read only when its figures are asked for: there is nothing else in it.
    """

    id: int
    agent_id: int
    machine_id: int
    epoch: int
    number: int
    taken_at: datetime
    received_at: datetime
    body: bytes
    glance: bytes | None = None
    _said: Said | None = None

    @property
    def said(self) -> Said:
        """All that it says, read when it is asked for first."""
        if self._said is None:
            self._said = _decoder.decode(zlib.decompress(self.body))
        return self._said

    @property
    def _more(self) -> Said:
        """What it says beside figures."""
        return self.said if self.glance is None else SAID_NO_MORE

    @property
    def samples(self) -> Mapping[str, float]:
        """Its samples, read each time they are asked for."""
        return _samples_decoder.decode(self.said.samples)

    @property
    def disks(self) -> Mapping[str, Mapping[str, float]]:
        """Figures by disk."""
        return self.said.disks

    @property
    def facts(self) -> Mapping[str, Any]:
        """Facts that have changed."""
        return self._more.facts

    @property
    def results(self) -> Sequence[Result]:
        """Of jobs."""
        return self._more.results

    @property
    def events(self) -> Sequence[Event]:
        """Of the machine's log."""
        return self._more.events

    @property
    def watches(self) -> Sequence[Watched]:
        """What watches gave."""
        return self._more.watches

    def sight(self) -> Sight:
        """What it says of the machine, as a plain value."""
        return Sight(self.taken_at, self.samples, self.said.disks, self.said.facts, self.said.probes)

    def looked_at(self) -> Sight | Glance:
        """The same, as far as rules look at it."""
        return self.sight() if self.glance is None else unpack(self.taken_at, self.glance)


def moment_of(kept: str | datetime) -> datetime:
    """A moment as a question without the ORM gives it: on SQLite as text with its offset from UTC."""
    return datetime.fromisoformat(kept) if isinstance(kept, str) else kept


def take(reader: str, limit: int = AT_ONCE) -> list[ReadCheckIn]:
    """Take the check-ins that a reader has not had yet, oldest arrival first; call it inside a transaction."""
    Cursor.objects.get_or_create(reader=reader)
    cursor = Cursor.objects.select_for_update().get(reader=reader)
    check_ins = _after(cursor.last_id, limit)
    if check_ins:
        cursor.last_id = check_ins[-1].id
        cursor.save(update_fields=["last_id"])
    return check_ins


def look(reader: str, limit: int = AT_ONCE) -> list[ReadCheckIn]:
    """Look at the check-ins that a reader has not had yet, for who takes long over them and holds no transaction.

    `note` says then that he has had them. Killed in between, or two of them, they come again: at least once.
    """
    cursor, _ = Cursor.objects.get_or_create(reader=reader)
    return _after(cursor.last_id, limit)


def note(reader: str, check_ins: Sequence[ReadCheckIn]) -> None:
    """Note that a reader has had some check-ins, unless another has gone further."""
    if check_ins:
        last = check_ins[-1].id
        Cursor.objects.filter(reader=reader, last_id__lt=last).update(last_id=last)


class _Remembered(threading.local):
    """The check-ins that this thread read last, while `remembering`, and after which one that was."""

    is_on = False
    after = -1
    check_ins: Sequence[ReadCheckIn] = ()


_remembered = _Remembered()


@contextmanager
def remembering() -> Iterator[None]:
    """Read check-ins once for readers that take the same ones one after another.

    Nothing between two readers can change what comes after a row: rows become visible in the order of their id, are
    never edited, and are sealed only when every reader has had them. Nobody looks for rings of objects meanwhile: what
    is read has none, and looking through thousands of check-ins takes a tenth of the time.
    """
    _remembered.is_on, was_on = True, gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        _remembered.is_on, _remembered.after, _remembered.check_ins = False, -1, ()


def _after(key: int, limit: int) -> list[ReadCheckIn]:
    """The check-ins after one, in order of arrival."""
    if _remembered.after == key and _remembered.check_ins:
        return list(_remembered.check_ins[:limit])
    check_ins = _asked_after(key, limit)
    if _remembered.is_on:
        _remembered.after, _remembered.check_ins = key, tuple(check_ins)
    return check_ins


def _asked_after(key: int, limit: int) -> list[ReadCheckIn]:
    with connection.cursor() as asking:  # without the ORM, which costs more than all else that is done with a row
        asking.execute(ROWS_AFTER[connection.vendor], (key, limit))
        rows: list[Row] = asking.fetchall()
    machines = dict(Agent.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", "machine_id"))
    return [
        ReadCheckIn(
            key, agent, machines[agent], epoch, number, moment_of(taken_at), moment_of(received_at), body, glance
        )
        for key, agent, epoch, number, taken_at, received_at, body, glance in rows
    ]


def milliseconds(moment: datetime) -> int:
    """A moment as milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def pull(limit: int = AT_ONCE) -> int:
    """Bring the state of machines and the results of jobs up to date with all check-ins; say how many were new."""
    total = 0
    while count := pull_some(limit):
        total += count
    return total


@transaction.atomic
def pull_some(limit: int = AT_ONCE) -> int:
    """Read so many check-ins at the most; say how many there were."""
    check_ins = take("states", limit)
    by_machine: dict[int, list[ReadCheckIn]] = {}
    for check_in in check_ins:
        by_machine.setdefault(check_in.machine_id, []).append(check_in)
    latest.bring_up_to_date(by_machine)
    _keep_results(check_ins)
    _note_days(check_ins)
    return len(check_ins)


def _note_days(check_ins: Sequence[ReadCheckIn]) -> None:
    """Note which days of which agents there are to be sealed."""
    days = {(check_in.taken_at.toordinal() - FIRST_DAY, check_in.agent_id) for check_in in check_ins}
    add(OpenDay, ("day", "agent"), sorted(days))


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
