"""A check-in that chance has damaged is refused with a reason or kept whole: nothing else, and nothing that grows.

`make proofs` asks for a million inputs.
"""

import json
import os
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from rounds.agents.batches import read_batch, read_row
from rounds.agents.envelopes import MAX_INFLATED, RefusedCheckIn, read_envelope
from rounds.agents.reading import ReadCheckIn, _decoder
from rounds.core.glancing import glance_of
from rounds.web.gate import read_head
from tests.growing import left_behind

INPUTS = 1_000_000 if "ROUNDS_LONG" in os.environ else 20_000
GROWTH = 2 * 1024 * 1024  # bytes that a run may leave behind, however long it is
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
WHOLE: dict[str, Any] = {
    "v": 1, "epoch": 1, "number": 7, "taken_at": "2026-11-27T11:59:00Z",
    "samples": {"memory.used_percent": 3.5, "load.5": 0.2}, "disks": {"/": {"used_percent": 41.2}},
    "facts": {"os": {"name": "Debian"}, "updates": {"pending": 1, "names": ["a"]}}, "probes": {"swap": "absent"},
    "results": [{"job": 1, "at": "2026-11-27T11:59:00Z", "ok": True, "report": {"a": [1, None]}}],
    "events": [{"id": "x", "at": "2026-11-27T11:59:00Z", "text": "grün"}],
    "watches": [{"watch": 3, "at": "2026-11-27T11:59:00Z", "ok": True, "figures": {"ms": 2.5}}],
}  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**70, 1e308, -0.0, "", "\0", "\ud800", "x" * 300, [], {}, [[[[]]]],
    {"": {"": {}}},
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2026-11-27T11:59:00", float("nan"), float("inf"), ["\0"],
)  # fmt: skip
TOKENS = (b'"', b"\\u0000", b"{", b"[" * 200, b"}", b",", b"e999", b"-", b"\xff", b"\x00", b"NaN", b"1" * 400, b"null")


def _odd(chance: random.Random, told: Any) -> Any:
    """The same with something odd in some place of it."""
    if isinstance(told, dict) and told and chance.random() < 0.8:
        name = chance.choice(list(told))
        return {**told, name: _odd(chance, told[name])}
    if isinstance(told, list) and told and chance.random() < 0.8:
        return [_odd(chance, told[0]), *told[1:]]
    return chance.choice(ODD)


def _damaged(chance: random.Random, body: bytes) -> bytes:
    """The same with some bytes changed, put in, cut out or doubled."""
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(body) + 1)
        piece = chance.choice((chance.randbytes(chance.randrange(4)), chance.choice(TOKENS), body[at : at + 20]))
        body = body[:at] + piece + body[at + chance.randrange(9) :]
    return body


def _text(chance: random.Random) -> bytes:
    text = json.dumps(_odd(chance, WHOLE) if chance.random() < 0.6 else WHOLE).encode()
    return _damaged(chance, text) if chance.random() < 0.5 else text


def _alone(chance: random.Random) -> None:
    body = zlib.compress(_text(chance), 1)
    if chance.random() < 0.3:
        body = _damaged(chance, body)
    row = read_row(1, "deflate", body, NOW)
    text = zlib.decompress(row.body)
    again, checked = _decoder.decode(text), read_envelope(text)  # what is kept can be read by all stages
    plain = not (checked.facts or checked.results or checked.events or checked.watches)
    assert (checked.epoch, checked.number, checked.taken_at) == (row.epoch, row.number, row.taken_at)
    one = ReadCheckIn(1, 1, 1, row.epoch, row.number, row.taken_at, row.received_at, row.body, row.glance)
    assert (one.samples, row.glance is not None) == (checked.samples, plain)
    assert one.looked_at() == (glance_of(one.sight()) if plain else one.sight())
    assert (again.disks, again.facts) == (checked.disks, checked.facts)
    assert (again.probes, again.results, again.events) == (checked.probes, checked.results, checked.events)
    assert again.watches == checked.watches
    assert b"\\u0000" not in text


def _together(chance: random.Random) -> None:
    bodies = [zlib.compress(_text(chance) if chance.random() < 0.3 else json.dumps(WHOLE).encode(), 1) for _ in "abc"]
    batch = b"".join(len(body).to_bytes(4, "big") + body for body in bodies)
    told = read_batch(1, _damaged(chance, batch) if chance.random() < 0.3 else batch, NOW)
    assert len(told.rows) + len(told.refused) >= 1


def _head(chance: random.Random) -> None:
    head = b"POST /check-in HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer s\r\nContent-Length: 12"
    told = read_head(_damaged(chance, head))
    assert told is None or 0 < int(told["content-length"]) <= 65535


def _run(inputs: int) -> tuple[int, int]:
    chance, kept, refused = random.Random(inputs), 0, 0  # noqa: S311
    kinds: tuple[Callable[[random.Random], None], ...] = (_alone, _alone, _alone, _together, _head)
    for number in range(inputs):
        try:
            kinds[number % len(kinds)](chance)
        except RefusedCheckIn as refusal:
            why = refusal.why
        else:
            kept += 1
            continue
        refused += 1
        assert why.status in {400, 413, 422}
        assert why.reason
    return kept, refused


def test_a_damaged_check_in_is_refused_with_a_reason_or_kept_whole() -> None:
    kept, refused = _run(INPUTS)

    assert min(kept, refused) > INPUTS // 10


def test_nothing_grows() -> None:
    _run(500)

    assert left_behind(lambda: _run(min(INPUTS // 10, 20_000))) < GROWTH


def test_what_inflates_without_end_is_refused_after_its_bound() -> None:
    bomb = zlib.compress(b" " * (MAX_INFLATED * 4))

    with pytest.raises(RefusedCheckIn, match="inflates to more than") as told:
        read_row(1, "deflate", bomb, NOW)

    assert told.value.why.status == 413
