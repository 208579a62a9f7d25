"""The shapes of what agents send (docs/agent-protocol.md), and what is refused of it, with code and reason."""

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec

VERSION = 1
MAX_SENT = 1024 * 1024
MAX_INFLATED = 8 * 1024 * 1024
MAX_AHEAD = timedelta(minutes=10)
MAX_AGE = timedelta(days=8)

type Name = Annotated[str, msgspec.Meta(max_length=255)]
type Figures = Annotated[dict[Name, float], msgspec.Meta(max_length=1000)]


class Result(msgspec.Struct, frozen=True):
    """What an agent reports of one job."""

    job: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    ok: bool
    report: dict[str, Any] = {}
    error: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True):
    """An important event of the machine's log; `id` is the log's own name for it."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    level: Annotated[str, msgspec.Meta(max_length=100)] = "error"
    text: Annotated[str, msgspec.Meta(max_length=10_000)] = ""


class Watched(msgspec.Struct, frozen=True):
    """What a watch gave: `ok` says whether it answers as it should, None that it could not be asked."""

    watch: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    ok: bool | None = None
    why: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    figures: Figures = {}
    facts: Annotated[dict[Name, Any], msgspec.Meta(max_length=50)] = {}


class Envelope(msgspec.Struct, frozen=True):
    """A check-in; fields that are not named here are kept in the body and ignored."""

    v: int
    epoch: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    number: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    taken_at: Annotated[datetime, msgspec.Meta(tz=True)]
    samples: Figures = {}
    disks: Annotated[dict[Name, Figures], msgspec.Meta(max_length=500)] = {}
    facts: Annotated[dict[Name, Any], msgspec.Meta(max_length=200)] = {}
    probes: Annotated[dict[Name, str], msgspec.Meta(max_length=200)] = {}
    results: Annotated[list[Result], msgspec.Meta(max_length=200)] = []
    events: Annotated[list[Event], msgspec.Meta(max_length=500)] = []
    watches: Annotated[list[Watched], msgspec.Meta(max_length=200)] = []


@dataclass(frozen=True, slots=True)
class Why:
    """Why something was refused: what an agent goes by (`code`, `drop`) and what a technician reads."""

    status: int
    code: str
    reason: str
    drop: bool


class RefusedCheckIn(Exception):
    """A check-in that is not kept."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.reason)
        self.why = why


_decoder = msgspec.json.Decoder(Envelope)


def malformed(reason: str) -> RefusedCheckIn:
    """It is not what the protocol says; sending it again would not help."""
    return RefusedCheckIn(Why(400, "malformed", reason, drop=True))


def too_large(reason: str) -> RefusedCheckIn:
    """It is more than the server takes."""
    return RefusedCheckIn(Why(413, "too-large", reason, drop=True))


def cut(reason: str) -> RefusedCheckIn:
    """It was damaged on its way: the agent, which packed it whole, is to send it again."""
    return RefusedCheckIn(Why(400, "cut", reason, drop=False))


def inflate(body: bytes) -> bytes:
    """Inflate a body, to a bounded size whatever it claims."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(body, MAX_INFLATED)
    except zlib.error as error:
        raise cut(f"the body is not zlib: {error}") from None
    if inflater.unconsumed_tail:
        raise too_large(f"the body inflates to more than {MAX_INFLATED} bytes")
    if not inflater.eof or inflater.unused_data:
        raise cut("the body is cut off, or something follows it")
    return text


def read_envelope(text: bytes) -> Envelope:
    """Read a check-in's JSON, whole, so that what is kept can always be read again."""
    if b"\\" in text and b"\\u0000" in text:  # looking for one letter takes no time
        raise malformed("a text holds a zero character, which databases do not take")
    try:
        envelope = _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise malformed(f"not a check-in: {error}") from None
    except UnicodeDecodeError:
        raise malformed("not a check-in: it is not UTF-8") from None
    if envelope.v != VERSION:
        raise malformed(f"this server takes version {VERSION} of the protocol, not {envelope.v}")
    return envelope


def check_moment(envelope: Envelope, now: datetime) -> None:
    """Refuse what was taken in the future, or longer ago than any agent keeps."""
    ahead = envelope.taken_at - now
    if ahead > MAX_AHEAD:
        minutes = int(ahead.total_seconds() // 60)
        raise RefusedCheckIn(Why(422, "future", f"taken {minutes} minutes from now by the server's clock", drop=False))
    if -ahead > MAX_AGE:
        raise RefusedCheckIn(Why(422, "stale", f"taken {-ahead.days} days ago; {MAX_AGE.days} are taken", drop=True))
