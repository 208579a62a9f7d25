"""Reads a machine's figures over any span as one table: what is sealed, wherever it is kept, and what is not yet."""

import logging
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from rounds.agents.chunks import key_of
from rounds.agents.figures import figures_in
from rounds.agents.kept import kept_of
from rounds.agents.models import Chunk
from rounds.agents.storage import DAY, Asked, NotYet
from rounds.agents.storing import elsewhere
from rounds.core.packing import Damaged, Table, merge, table_of, unpack, unpack_all
from rounds.core.rolling import roll_up

log = logging.getLogger(__name__)


def read(machine_id: int, asked: Asked) -> Table:
    """Read a machine's figures, also of before it was reinstalled; a stretch that is sealed is told as it was sealed.

    Chunks are read whatever storage is used: a shop that went over to VictoriaMetrics keeps its past. While that does
    not answer, what the database has is told.
    """
    if asked.until <= asked.since:
        return Table()
    one_and_the_same, waiting, tables = [machine_id], [], []
    for key in one_and_the_same:
        kept = kept_of(key, asked)
        one_and_the_same += [newcomer for newcomer in kept.newcomers if newcomer not in one_and_the_same]
        waiting += kept.waiting
        tables.append(unpack_all(kept.chunks, asked.chooser()).between(asked.begin, asked.until))
    chosen = elsewhere()
    if chosen:
        try:
            tables += [chosen.read(key, asked) for key in one_and_the_same]
        except NotYet as why:
            log.warning("samples are not read: %s", why)
    return merge([_rolled(waiting, asked), *tables])


def sealed_day(machines: Collection[int], asked: Asked) -> dict[int, Mapping[str, float]]:
    """Figures of one whole day of many machines, as sealed: in one question to the database, if that keeps them.

    Who has none of that day is left out. `asked` is of one day, in steps of a day.
    """
    keys = {key_of(machine, DAY, asked.since // DAY): machine for machine in machines}
    tables: dict[int, Table] = {}
    for key, body in Chunk.objects.filter(pk__in=list(keys)).values_list("pk", "body"):
        try:
            tables[keys[key]] = unpack(bytes(body), asked.wants).between(asked.since, asked.until)
        except Damaged as why:
            log.warning("chunk %s is left out: %s", key, why)
    chosen = elsewhere()
    if chosen:
        for machine in set(machines) - {key for key, table in tables.items() if table.times}:
            try:
                tables[machine] = chosen.read(machine, asked)
            except NotYet as why:
                log.warning("samples are not read: %s", why)
                break
    return {machine: _last_row(table) for machine, table in tables.items() if table.times}


def _last_row(table: Table) -> dict[str, float]:
    return {name: figure for name, column in table.columns.items() if (figure := column[-1]) is not None}


def _rolled(waiting: Iterable[tuple[int, bytes]], asked: Asked) -> Table:
    """What is not sealed yet; in stretches as asked for."""
    named, has = ((at, figures_in(body)) for at, body in waiting), cache(asked.names.has)
    table = table_of((at, {name: figure for name, figure in figures.items() if has(name)}) for at, figures in named)
    if not asked.step:
        return table
    rolled = roll_up(table, asked.step)
    return Table(rolled.times, {name: column for name, column in rolled.columns.items() if asked.wants(name)})
