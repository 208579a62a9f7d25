"""The storage of an installation by itself: packed tables of a machine's day in its own database, and rolled up.

A chunk's key is made of machine, level and day, so that what a chart needs lies side by side and no other index is
kept: the table's own order on SQLite (its rowid), the primary key on PostgreSQL. Samples and the stretches of five
minutes and of an hour have a chunk a day; the figures of days have one for 32 of them.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError
from django.db.models import F

from rounds.agents.models import Chunk, Retention
from rounds.agents.storage import DAY, HOUR, MINUTE, STEPS, Asked, Overtaken
from rounds.clients.models import Machine
from rounds.core.packing import Table, merge, pack, unpack
from rounds.core.rolling import roll_up

LEVELS = (0, 5 * MINUTE, HOUR, DAY)
DAYS_OF = {0: 1, 5 * MINUTE: 1, HOUR: 1, DAY: 32}  # how many days a chunk of a level has
MOST_DAYS = 100_000
DAYS_OF_MONTH, DAYS_OF_YEAR = 30.44, 365.25

type Version = tuple[int, Table]  # what is kept under a key, and its version; 0: nothing


def key_of(machine_id: int, step: int, day: int) -> int:
    """The key of the chunk in which a machine's day lies."""
    return (machine_id * len(LEVELS) + LEVELS.index(step)) * MOST_DAYS + day // DAYS_OF[step]


def keys_of(machine_id: int, asked: Asked) -> tuple[int, int]:
    """The first and the last key of the chunks that a span lies in."""
    return key_of(machine_id, asked.step, asked.since // DAY), key_of(machine_id, asked.step, (asked.until - 1) // DAY)


class Chunks:
    """The storage in the installation's own database."""

    def append(self, machine_id: int, day: int, table: Table) -> Callable[[], None]:
        """Make a day ready: merged with what is there of it, rolled up and packed, before any lock is taken."""
        raw_key, days_key = key_of(machine_id, 0, day), key_of(machine_id, DAY, day)
        there = _versions([raw_key, *(key_of(machine_id, step, day) for step in STEPS)])
        whole = merge([there.get(raw_key, (0, Table()))[1], table])
        ready = {raw_key: pack(whole)}
        for step in STEPS:
            rolled = roll_up(whole, step)
            if step == DAY:
                rolled = merge([there.get(days_key, (0, Table()))[1], rolled])
            ready[key_of(machine_id, step, day)] = pack(rolled)

        def keep() -> None:
            for key, body in ready.items():
                _replace(key, there[key][0] if key in there else 0, body)

        return keep


def _versions(keys: list[int]) -> dict[int, Version]:
    """What is there; only of samples and of days is the content needed, the rest is made from them."""
    rows = Chunk.objects.filter(pk__in=keys).values_list("pk", "version", "body")
    wanted = {keys[0], keys[-1]}
    return {key: (version, unpack(bytes(body)) if key in wanted else Table()) for key, version, body in rows}


def _replace(key: int, version: int, body: bytes) -> None:
    if version:
        if not Chunk.objects.filter(pk=key, version=version).update(version=F("version") + 1, body=body):
            raise Overtaken
        return
    try:
        Chunk.objects.create(pk=key, body=body)
    except IntegrityError:
        raise Overtaken from None


def retention() -> Retention:
    """How long samples are kept."""
    return Retention.objects.first() or Retention(pk=1)


def age(at: datetime) -> int:
    """Let go of what is older than it is kept; say how many chunks went. What is not measured any more ages too."""
    kept = retention()
    days = {0: kept.raw_days, 5 * MINUTE: kept.rolled_months * DAYS_OF_MONTH, HOUR: kept.rolled_months * DAYS_OF_MONTH}
    if kept.day_years is not None:
        days[DAY] = kept.day_years * DAYS_OF_YEAR
    today = _day_of(at)
    gone = 0
    for machine_id in Machine.objects.order_by("pk").values_list("pk", flat=True):
        for step, length in days.items():
            first, end = key_of(machine_id, step, 0), key_of(machine_id, step, today - int(length))
            gone += Chunk.objects.filter(pk__gte=first, pk__lt=end).delete()[0]
    return gone


def _day_of(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)
