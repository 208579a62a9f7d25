"""Asks a device by SNMP: some objects by name, or all under a name; bounded in time, size and rows."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator, Sequence

from rounds_agent.watches.ber import END_OF_VIEW, Broken, Oid, Reader, Value, number, oid, read_oid, sequence, wrap
from rounds_agent.watches.outcomes import Fails
from rounds_agent.watches.usm import Community, Doubtful, User

GET, RESPONSE, BULK, REPORT = 0xA0, 0xA2, 0xA5, 0xA8
TRY_FOR, TRIES = 2.0, 3  # seconds for each try
AT_ONCE, MOST_ROWS = 20, 3000
NULL = wrap(0x05, b"")
REPORTS = {
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 1): "the device does not take messages of this security",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 3): "the device knows no such user",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 5): "the password for signing, or the way of signing, is wrong",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 6): "the password for encrypting is wrong",
}
ERRORS = {5: "the device cannot say: a general error", 16: "the device lets this community or user read nothing so"}
NOT_IN_TIME, UNKNOWN_ENGINE = (1, 3, 6, 1, 6, 3, 15, 1, 1, 2), (1, 3, 6, 1, 6, 3, 15, 1, 1, 4)

Row = tuple[Oid, int, Value]  # name, tag, value


class Manager:
    """A talk with one device."""

    def __init__(self, place: tuple[str, int], who: Community | User, until: float) -> None:
        self.place, self.who, self.until = place, who, until
        family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self._way = socket.socket(family, socket.SOCK_DGRAM)
        self._way.connect(place)
        self._number = random.SystemRandom().randrange(1, 2**30)

    def close(self) -> None:
        """Hang up."""
        self._way.close()

    def get(self, names: Sequence[Oid]) -> dict[Oid, Value]:
        """What the device says of some objects; those that it does not have are left out."""
        found: dict[Oid, Value] = {}
        for at in range(0, len(names), AT_ONCE):
            rows = self._ask(GET, 0, 0, names[at : at + AT_ONCE])
            found |= {name: value for name, _, value in rows if value is not None}
        return found

    def walk(self, under: Oid) -> Iterator[tuple[Oid, Value]]:
        """All objects under a name, with what comes behind that name."""
        at, count = under, 0
        while count < MOST_ROWS:
            rows = self._ask(BULK, 0, AT_ONCE, [at])
            if not rows:
                return
            for name, tag, value in rows:
                if tag == END_OF_VIEW or name[: len(under)] != under:
                    return
                if name <= at:
                    raise Fails("the device goes round in a circle")
                at, count = name, count + 1
                if value is not None:
                    yield name[len(under) :], value

    def _ask(self, kind: int, first: int, second: int, names: Sequence[Oid]) -> list[Row]:
        """Ask once; a device of version 3 is first asked who it is, and is asked again when its clock is another."""
        if isinstance(self.who, User) and not self.who.engine.id:
            self._exchange(GET, 0, 0, [])
        for _ in range(3):
            told, rows, status = self._exchange(kind, first, second, names)
            if told == RESPONSE:
                if status not in {0, 2}:  # 2: there is no such name, as version 1 says it
                    raise Fails(ERRORS.get(status, f"the device answers with error {status}"))
                return rows if status == 0 else []
            what = rows[0][0][:-1] if rows else ()
            if what in REPORTS:
                raise Fails(REPORTS[what])
            if what not in {NOT_IN_TIME, UNKNOWN_ENGINE}:
                break
        raise Fails("the device does not come to an understanding with this agent")

    def _exchange(self, kind: int, first: int, second: int, names: Sequence[Oid]) -> tuple[int, list[Row], int]:
        """Send, and wait for the answer to it: its kind, its rows, its error."""
        self._number += 1
        rows = sequence(*(sequence(oid(name), NULL) for name in names))
        message = self.who.wrap(wrap(kind, number(self._number) + number(first) + number(second) + rows), self._number)
        for _ in range(TRIES):
            left = self.until - time.monotonic()
            if left <= 0:
                break
            try:
                self._way.send(message)
                found = self._heard(min(TRY_FOR, left))
            except ConnectionRefusedError:
                raise Fails(f"nobody listens for SNMP at {self.place[0]}") from None
            if found is not None:
                return found
        raise Fails(f"{self.place[0]} does not answer to SNMP: it is off, or does not take this community or user")

    def _heard(self, seconds: float) -> tuple[int, list[Row], int] | None:
        """The answer to the last message; None if it does not come in time. What is anything else is left aside."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._way.settimeout(left)
            try:
                packet = self._way.recv(65_535)
            except TimeoutError:
                return None
            try:
                told = self.read(packet)
            except Broken:
                continue
            if told is not None:
                return told
        return None

    def read(self, packet: bytes) -> tuple[int, list[Row], int] | None:
        """Read a packet; None if it answers another message. Broken if it is none, or not from whom it should be."""
        if isinstance(self.who, User):
            pdu, engine, is_signed = self.who.unwrap(packet)
            kind, asked, status, rows = read_pdu(pdu)
            if not _is_believed(kind, rows, self.who, is_signed=is_signed):
                raise Doubtful("not signed")
            if not self.who.engine.id or (is_signed and engine.id == self.who.engine.id):
                self.who.learn(engine)
            # A device that cannot read a message does not know its number.
            return (kind, rows, status) if asked == self._number or kind == REPORT else None
        kind, asked, status, rows = read_pdu(self.who.unwrap(packet))
        return (kind, rows, status) if asked == self._number and kind == RESPONSE else None


def _is_believed(kind: int, rows: list[Row], who: User, *, is_signed: bool) -> bool:
    """Is a message to be taken? An answer if it is signed; a report often is not, but then it changes nothing known."""
    if kind == RESPONSE:
        return is_signed
    what = rows[0][0][:-1] if rows else ()
    return kind == REPORT and (is_signed or not who.engine.id or what != NOT_IN_TIME)


def read_pdu(pdu: bytes) -> tuple[int, int, int, list[Row]]:
    """What a message carries: its kind, the number of the question, an error, and its rows."""
    reader = Reader(pdu)
    kind, begin, end = reader.head()
    inside = Reader(pdu, begin, end)
    asked, status, _ = inside.number(), inside.number(), inside.number()
    rows, listed = [], inside.inside()
    while listed:
        pair = listed.inside()
        begin, end = pair.expect(0x06)
        name = read_oid(pair.data, begin, end)
        rows.append((name, *pair.value()))
    return kind, asked, status, rows
