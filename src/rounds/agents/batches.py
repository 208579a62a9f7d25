"""Reads check-ins as they travel (docs/agent-protocol.md): alone, or in a batch, each with its length before it."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from rounds.agents.envelopes import (
    Envelope,
    RefusedCheckIn,
    Why,
    check_moment,
    cut,
    inflate,
    malformed,
    read_envelope,
    too_large,
)
from rounds.agents.glances import pack
from rounds.agents.keeping import Row

MOST, MAX_INFLATED = 500, 16 * 1024 * 1024
LENGTH = 4  # bytes, the highest first


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be kept of a batch, and what is refused of it, each with its epoch and number."""

    rows: list[Row]
    refused: list[tuple[int, int, Why]]


def read_row(agent_id: int, encoding: str, body: bytes, now: datetime) -> Row:
    """Read one check-in; a plain body is kept packed, like all others."""
    if encoding not in {"deflate", "identity"}:
        raise malformed(f"bodies are sent plain or as deflate (zlib), not as {encoding}")
    text = inflate(body) if encoding == "deflate" else body
    envelope = read_envelope(text)
    check_moment(envelope, now)
    kept = body if encoding == "deflate" else zlib.compress(text)
    return _row(agent_id, envelope, now, kept)


def _row(agent_id: int, envelope: Envelope, now: datetime, body: bytes) -> Row:
    return Row(agent_id, envelope.epoch, envelope.number, envelope.taken_at, now, body, pack(envelope))


def split(body: bytes) -> list[bytes]:
    """The bodies in a batch; nothing of one that is cut off is taken, since it will be sent again."""
    bodies, at = [], 0
    while at < len(body):
        length = int.from_bytes(body[at : at + LENGTH], "big")
        at += LENGTH + length
        if at > len(body) or length == 0:
            raise cut("the batch is cut off")
        bodies.append(body[at - length : at])
    if not 0 < len(bodies) <= MOST:
        raise too_large(f"a batch has from 1 to {MOST} check-ins, not {len(bodies)}")
    return bodies


def read_batch(agent_id: int, body: bytes, now: datetime) -> Batch:
    """Read all of a batch; one that is refused does not hold up the others, one that cannot be read refuses all."""
    batch, inflated = Batch([], []), 0
    for one in split(body):
        text = inflate(one)
        inflated += len(text)
        if inflated > MAX_INFLATED:
            raise too_large(f"the batch inflates to more than {MAX_INFLATED} bytes")
        envelope = read_envelope(text)
        try:
            check_moment(envelope, now)
        except RefusedCheckIn as refused:
            batch.refused.append((envelope.epoch, envelope.number, refused.why))
        else:
            batch.rows.append(_row(agent_id, envelope, now, one))
    return batch
