"""Seals check-ins after their day: their figures go to the storage of samples, the rows go, their numbers stay known.

A day is that of UTC, and is sealed two hours after its end. Per machine and day there is one transaction, in which all
of that happens or nothing; what is made ready before it (packing) holds up nobody. Whoever is killed leaves the rows as
they were. What comes late, or from two who seal at once, is sealed beside what is there. Only what every reader of
check-ins has read is sealed; what else than figures a check-in said is those readers' to keep. Which days there are to
seal, the reader of states has noted (`OpenDay`): an index by moment would cost more than all else that is kept of one.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, QuerySet

from rounds.agents import remote, victoria
from rounds.agents.figures import figures_in
from rounds.agents.keeping import ORDER_LOCK
from rounds.agents.models import Agent, CheckIn, Cursor, OpenDay, SealTurn
from rounds.agents.numbering import note_numbers
from rounds.agents.reading import EPOCH, milliseconds
from rounds.agents.storage import NotYet, Overtaken
from rounds.agents.storing import storage
from rounds.core.packing import table_of

log = logging.getLogger(__name__)

GRACE = timedelta(hours=2)
TURN = timedelta(minutes=5)
SECONDS = 3.0  # that one pull may take, so that the ticker's other stages are not held up

type Row = tuple[int, int, int, int, datetime, bytes]  # id, agent, epoch, number, moment, body


def pull(at: datetime, *, seconds: float = SECONDS) -> int:
    """Seal what is ripe, as much as there is time for; say how many machine-days were sealed."""
    stop_at = time.monotonic() + seconds
    today = (at - GRACE - EPOCH) // timedelta(days=1)
    read_up_to = _read_up_to(at)
    sealed = 0
    for machine_id, days in _ripe(today).items() if read_up_to else ():
        if time.monotonic() > stop_at:
            break
        if _claim(machine_id, at):
            try:
                sealed += sum(_seal_what_is_read(machine_id, day, read_up_to) for day in days)
            except Overtaken:
                log.info("machine %d is sealed by another process", machine_id)
            except NotYet as why:
                log.warning("samples wait in the database: %s", why)
            finally:
                SealTurn.objects.filter(pk=machine_id).update(claimed_until=at)
    return sealed


def _read_up_to(at: datetime) -> int:
    """The last check-in that every reader has read who is waited for."""
    others = [] if settings.VICTORIA else [victoria.READER]
    others += [] if remote.is_waited_for(at) else [remote.READER]
    readers = Cursor.objects.exclude(reader__in=others)
    return readers.aggregate(least=Min("last_id"))["least"] or 0


def _ripe(today: int) -> Mapping[int, Sequence[int]]:
    """The days that are over, of each machine that has some to seal."""
    ripe: dict[int, list[int]] = {}
    rows = OpenDay.objects.filter(day__lt=today).order_by("agent__machine_id", "day")
    for machine_id, day in rows.values_list("agent__machine_id", "day").distinct():
        ripe.setdefault(machine_id, []).append(day)
    return ripe


def _claim(machine_id: int, at: datetime) -> bool:
    """Take the turn to seal a machine; nobody else does, until it is given back or has run out."""
    SealTurn.objects.get_or_create(pk=machine_id, defaults={"claimed_until": at})
    free = SealTurn.objects.filter(pk=machine_id, claimed_until__lte=at)
    return bool(free.update(claimed_until=at + TURN))


def _of_day(agents: Sequence[int], day: int) -> QuerySet[CheckIn]:
    begin = EPOCH + timedelta(days=day)
    return CheckIn.objects.filter(agent__in=agents, taken_at__gte=begin, taken_at__lt=begin + timedelta(days=1))


def _seal_what_is_read(machine_id: int, day: int, read_up_to: int) -> bool:
    """Seal a day of a machine as far as every reader has read it; is there anything to seal?"""
    agents = list(Agent.objects.filter(machine_id=machine_id).values_list("pk", flat=True))
    rows = _of_day(agents, day).filter(pk__lte=read_up_to).order_by("taken_at", "pk")
    columns = ("pk", "agent_id", "epoch", "number", "taken_at", "body")
    if told := list(rows.values_list(*columns)):
        seal_day(machine_id, day, told)
    if not _of_day(agents, day).exists():
        _close_day(agents, day)
    return bool(told)


@transaction.atomic
def _close_day(agents: Sequence[int], day: int) -> None:
    """Note that a day is sealed, unless something of it has come meanwhile; what comes from now on is noted anew."""
    OpenDay.objects.filter(agent__in=agents, day=day).delete()
    left = _of_day(agents, day).values_list("agent", flat=True).distinct()
    OpenDay.objects.bulk_create(OpenDay(agent_id=agent_id, day=day) for agent_id in left)


def seal_day(machine_id: int, day: int, rows: Sequence[Row]) -> None:
    """Seal some check-ins of a machine, all of one day."""
    table = table_of((milliseconds(taken_at), figures_in(body)) for *_, taken_at, body in rows)

    keep = storage().append(machine_id, day, table)

    with transaction.atomic():
        _take_turn_with_the_front()
        keep()
        _let_go(rows)
        note_numbers((agent_id, epoch, number) for _, agent_id, epoch, number, _, _ in rows)


def _take_turn_with_the_front() -> None:
    """On PostgreSQL a number could come again between its row's going and its becoming known; SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (ORDER_LOCK,))


def _let_go(rows: Sequence[Row]) -> None:
    gone = 0
    for agent_id in {row[1] for row in rows}:
        keys = [row[0] for row in rows if row[1] == agent_id]
        of_it = CheckIn.objects.filter(agent=agent_id, taken_at__gte=rows[0][4], taken_at__lte=rows[-1][4])
        gone += of_it.filter(pk__lte=max(keys)).delete()[0]
    if gone != len(rows):
        raise Overtaken
