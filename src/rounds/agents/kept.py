"""What the database keeps of a machine and a span of time, asked for in one question, so that a chart waits once.

A question by itself costs as much as to unpack a day; and in one, a day that is being sealed is in one place only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from rounds.agents.chunks import keys_of
from rounds.agents.reading import EPOCH, milliseconds, moment_of
from rounds.agents.storage import Asked
from rounds.rows import prepared

MERGED, WAITING, SEALED = range(3)
QUESTION = """
    SELECT 0, merged.id, merged.newcomer_id, NULL, NULL FROM agents_merge merged
    WHERE merged.machine_id = %s
        AND NOT EXISTS (SELECT 1 FROM agents_mergeundoing undoing WHERE undoing.merge_id = merged.id)
    UNION ALL SELECT 1, id, 0, {taken_at}, body FROM agents_checkin
    WHERE agent_id IN (SELECT id FROM agents_agent WHERE machine_id = %s) AND taken_at >= %s AND taken_at < %s
    UNION ALL SELECT 2, id, 0, NULL, body FROM agents_chunk WHERE id BETWEEN %s AND %s
"""
QUESTIONS = {
    "sqlite": QUESTION.format(taken_at="taken_at || '+00:00'"),  # Django's conversion takes long
    "postgresql": QUESTION.format(taken_at="taken_at"),
}

type Row = tuple[int, int, int, str | datetime | None, bytes | None]  # which of the three, key, newcomer, moment, body


@dataclass(frozen=True, slots=True)
class Kept:
    """Of a machine: which others were merged into it, its check-ins that are not sealed, and its chunks."""

    newcomers: list[int]
    waiting: list[tuple[int, bytes]]  # when they were taken, in milliseconds, and what they said
    chunks: list[bytes]


def kept_of(machine_id: int, asked: Asked) -> Kept:
    """All that there is of a machine and a span, in the order in which it came to be."""
    begin, end = (
        connection.ops.adapt_datetimefield_value(EPOCH + timedelta(milliseconds=at))
        for at in (asked.begin, asked.until)
    )
    with prepared.cursor(is_binary=True) as asking:
        first, last = keys_of(machine_id, asked)
        asking.execute(QUESTIONS[connection.vendor], (machine_id, machine_id, begin, end, first, last))
        rows: list[Row] = sorted(asking.fetchall(), key=lambda row: row[:2])
    return Kept(
        [newcomer for which, _, newcomer, _, _ in rows if which == MERGED],
        [
            (milliseconds(moment_of(at)), body)
            for which, _, _, at, body in rows
            if which == WAITING and at and body is not None
        ],
        [body for which, _, _, _, body in rows if which == SEALED and body is not None],
    )
