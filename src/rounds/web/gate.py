"""The gate: takes plain check-ins off their connections itself, and passes every other connection to the server behind.

Most requests of a shop are check-ins of machines that are known. What one costs lies mostly around it, so it is read
here without a task, a thread or a copy. Whatever is unusual about a request (another address, a header that changes how
it is read, a long body, a piece that does not come at once) goes to the server behind with all the bytes that came,
which judges it as if there were no gate. A connection that was passed on stays there.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple

from rounds.web.passing import Address, Ends, pass_on

log = logging.getLogger(__name__)

CRLF = b"\r\n"
BEGINNING = b"POST /check-in HTTP/1.1\r\n"
LONGEST_HEAD, LONGEST_BODY, MOST_HEADERS = 2048, 65535, 32
REMEMBERED = 4096  # beginnings and ends of heads; a stranger's may fill them, so they are few and short
WHOLE_WITHIN, IDLE_FOR = 0.5, 300.0  # seconds: a request from its first byte; a connection between two
LOOKED_AFTER = 0.25  # seconds between two looks at what is late
MOST_CONNECTIONS = 4096
NONCE = b"\r\nRounds-Nonce: "  # as agents write it: another one each time, so it is read by itself
UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade", "te", "trailer"})
REASONS = {status.value: status.phrase for status in HTTPStatus}

type Answer = Callable[[int, bytes], None]


type Headers = Mapping[str, str]  # names in small letters


class Asked(NamedTuple):
    """A plain check-in as it came."""

    headers: Headers
    body: bytes


type Take = Callable[[Asked, Answer], None]


def _header(line: bytes) -> tuple[str, str]:
    """A header's name in small letters, and its value. ValueError: there is something unusual about it."""
    written, colon, value = line.decode("latin-1").partition(":")
    name, value = written.lower(), value.strip(" \t")
    if not colon or not written.isascii() or not written.replace("-", "").isalnum() or name in UNUSUAL:
        raise ValueError("not as it is written usually, or it changes how the request is read")
    if name == "connection" and value.lower() != "keep-alive":
        raise ValueError("the connection is to end")
    if name == "content-length" and not (value.isdecimal() and len(value) < 6 and 0 < int(value) <= LONGEST_BODY):
        raise ValueError("not a body of a plain check-in")
    return name, value


@lru_cache(REMEMBERED)  # an agent's are the same each minute, before its nonce and behind it
def _headers(text: bytes) -> Headers | None:
    """Some lines of headers; None if anything about them is unusual."""
    lines = text.split(CRLF)
    if not text.count(b"\n") == text.count(b"\r") == len(lines) - 1 or b"\0" in text or len(lines) > MOST_HEADERS:
        return None
    try:
        headers = dict(map(_header, lines))
    except ValueError:
        return None
    return headers if len(headers) == len(lines) else None


def read_head(head: bytes) -> Headers | None:
    """The headers of a plain check-in, whose first line was looked at; None if anything about it is unusual."""
    before, mark, after = head.partition(NONCE)
    headers = _headers(before.removeprefix(BEGINNING))
    if mark and headers is not None:
        headers = _with_nonce(headers, after)
    return headers if headers is not None and "host" in headers and "content-length" in headers else None


def _with_nonce(before: Headers, after: bytes) -> Headers | None:
    """All headers; None if one stands there twice, or the nonce is none of ours."""
    nonce, more, lines = after.partition(CRLF)
    behind = _headers(lines) if more else {}
    if behind is None or not nonce.isalnum():
        return None
    headers = {**before, "rounds-nonce": nonce.decode(), **behind}
    return headers if len(headers) == len(before) + 1 + len(behind) else None


class Line(asyncio.Protocol):
    """One connection, until it is passed on."""

    def __init__(self, gate: "Gate") -> None:
        self.gate = gate
        self.transport: Any = None
        self.arrived = b""
        self.headers: Headers | None = None  # of the request whose body is arriving
        self.body_at = self.whole_at = 0
        self.is_owed = False  # an answer, when the commit is done
        self.was_answered = False
        self.late_at = gate.now() + WHOLE_WITHIN

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody called."""
        self.transport = transport
        if len(self.gate.lines) + len(self.gate.passed) >= MOST_CONNECTIONS:
            log.warning("more than %d connections: one is turned away", MOST_CONNECTIONS)
            self.transport.abort()
        self.gate.lines.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """He hung up."""
        self.gate.lines.discard(self)

    def eof_received(self) -> bool:
        """Nothing more comes; who is owed an answer still gets it."""
        return self.is_owed

    def data_received(self, came: bytes) -> None:
        """More of a request."""
        if self.is_owed:
            self.arrived += came
            if len(self.arrived) > LONGEST_HEAD:
                self.transport.pause_reading()
            return
        if not self.arrived:
            self.late_at = self.gate.now() + WHOLE_WITHIN
        self.arrived = self.arrived + came if self.arrived else came
        self._look()

    def _look(self) -> None:
        """Take the check-in if it is whole; pass the connection on if something else comes."""
        if self.headers is None:
            end = self.arrived.find(b"\r\n\r\n", 0, LONGEST_HEAD)
            if end < 0 and self.arrived.startswith(BEGINNING[: len(self.arrived)]) and len(self.arrived) < LONGEST_HEAD:
                return
            self.headers = read_head(self.arrived[:end]) if end > 0 and self.arrived.startswith(BEGINNING) else None
            if self.headers is None:
                self.pass_on()
                return
            self.body_at = end + 4
            self.whole_at = self.body_at + int(self.headers["content-length"])
        if len(self.arrived) >= self.whole_at:
            asked = Asked(self.headers, self.arrived[self.body_at : self.whole_at])
            self.arrived, self.headers, self.is_owed = self.arrived[self.whole_at :], None, True
            self.gate.take(asked, self.answer)

    def answer(self, status: int, told: bytes) -> None:
        """Answer what was taken, and look at what has come meanwhile."""
        self.is_owed, self.was_answered = False, True
        if self.transport.is_closing():
            return
        self.transport.write(b"%b%d\r\n\r\n%b" % (self.gate.head(status), len(told), told))
        self.late_at = self.gate.now() + (WHOLE_WITHIN if self.arrived else IDLE_FOR)
        if self.arrived:
            self.transport.resume_reading()
            self._look()

    def pass_on(self) -> None:
        """Let the server behind have the connection, with all that came of it."""
        self.gate.lines.discard(self)
        self.gate.pass_on(self.transport, self.arrived)

    def be_late(self) -> None:
        """Hang up if nothing comes any more; what is half here is for the server behind, which has more patience."""
        if self.is_owed:
            return
        if self.arrived or not self.was_answered:
            self.pass_on()
        else:
            self.transport.close()


class Gate:
    """All connections of a web server; `take` takes a check-in, `behind` is where the server behind listens."""

    def __init__(self, take: Take, behind: Address) -> None:
        self.take, self.behind = take, behind
        self.lines: set[Line] = set()
        self.passed: dict[str, Ends] = {}
        self.now = asyncio.get_running_loop().time
        self.date = formatdate(usegmt=True)
        self._heads: dict[int, bytes] = {}
        self._passing: set[asyncio.Task[None]] = set()

    async def open(self, address: str, port: int) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Line(self), address, port, backlog=1024)
        self._looking = loop.create_task(self._look_after())

    def head(self, status: int) -> bytes:
        """The head of an answer, up to its length."""
        if (head := self._heads.get(status)) is None:
            told = f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: application/json\r\ndate: {self.date}\r\n"
            head = self._heads[status] = f"{told}content-length: ".encode()
        return head

    def pass_on(self, transport: Any, arrived: bytes) -> None:
        """Pass a connection on to the server behind."""
        passing = asyncio.get_running_loop().create_task(pass_on(transport, arrived, self.behind, self.passed))
        self._passing.add(passing)
        passing.add_done_callback(self._passing.discard)

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOKED_AFTER)
            self.date, now = formatdate(usegmt=True), self.now()
            self._heads.clear()
            for line in [line for line in self.lines if line.late_at < now]:
                line.be_late()

    def stop_listening(self) -> None:
        """Take no more calls; those who called are still answered."""
        self._listening.close()

    async def close(self) -> None:
        """Hang up; those who are behind the gate have a second to take the end of their replies."""
        self._looking.cancel()
        for line in list(self.lines):
            line.transport.close()
        if self._passing:
            _, late = await asyncio.wait(self._passing, timeout=1.0)
            for passing in late:
                passing.cancel()
        await asyncio.sleep(LOOKED_AFTER / 5)
