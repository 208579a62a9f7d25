"""Reads a machine's figures over any span as one table: what is sealed, wherever it is kept, and what is not yet."""

import logging
from datetime import timedelta

from rounds.agents.chunks import Chunks
from rounds.agents.figures import figures_in
from rounds.agents.models import Agent, CheckIn
from rounds.agents.reading import EPOCH, milliseconds
from rounds.agents.storage import Asked, NotYet
from rounds.agents.storing import storage
from rounds.core.packing import Table, merge, table_of
from rounds.core.rolling import roll_up

log = logging.getLogger(__name__)


def read(machine_id: int, asked: Asked) -> Table:
    """Read a machine's figures; a stretch of which all is sealed is told as it was sealed.

    Chunks are read whatever storage is used: a shop that went over to VictoriaMetrics keeps its past. While that does
    not answer, what the database has is told.
    """
    waiting = _waiting(machine_id, asked)
    chosen = storage()
    sealed = [Chunks().read(machine_id, asked)]
    if not isinstance(chosen, Chunks):
        try:
            sealed.append(chosen.read(machine_id, asked))
        except NotYet as why:
            log.warning("samples are not read: %s", why)
    return merge([waiting, *sealed])


def _waiting(machine_id: int, asked: Asked) -> Table:
    """What is not sealed yet; in stretches as asked for."""
    agents = list(Agent.objects.filter(machine_id=machine_id).values_list("pk", flat=True))
    since = asked.since // asked.step * asked.step if asked.step else asked.since
    begin, end = (EPOCH + timedelta(milliseconds=at) for at in (since, asked.until))
    rows = CheckIn.objects.filter(agent_id__in=agents, taken_at__gte=begin, taken_at__lt=end)
    bodies = rows.order_by("taken_at").values_list("taken_at", "body").iterator(chunk_size=2000)
    named = ((milliseconds(taken_at), figures_in(bytes(body))) for taken_at, body in bodies)
    table = table_of(
        (at, {name: figure for name, figure in figures.items() if asked.names.has(name)}) for at, figures in named
    )
    if not asked.step:
        return table
    rolled = roll_up(table, asked.step)
    return Table(rolled.times, {name: column for name, column in rolled.columns.items() if asked.wants(name)})
