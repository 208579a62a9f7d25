"""The values of SNMP as bytes and back (X.690, RFC 1157, RFC 3416). Whatever comes is read, or refused as Broken."""

from __future__ import annotations

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
ADDRESS, COUNTER, GAUGE, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_OBJECT, NO_INSTANCE, END_OF_VIEW = 0x80, 0x81, 0x82
NUMBERS = {INTEGER, COUNTER, GAUGE, TICKS, COUNTER64}
NOTHING = {NULL, NO_OBJECT, NO_INSTANCE, END_OF_VIEW}
MOST_ARCS, LONGEST_NUMBER = 128, 9

Oid = tuple[int, ...]
Value = int | bytes | Oid | None


class Broken(ValueError):
    """It is no message of SNMP."""


def length_of(count: int) -> bytes:
    """A length."""
    if count < 0x80:
        return bytes([count])
    told = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(told)]) + told


def wrap(tag: int, content: bytes) -> bytes:
    """A value with its tag and length."""
    return bytes([tag]) + length_of(len(content)) + content


def number(value: int) -> bytes:
    """A whole number."""
    return wrap(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes) -> bytes:
    """Bytes."""
    return wrap(OCTETS, value)


def sequence(*parts: bytes) -> bytes:
    """Parts, one after another."""
    return wrap(SEQUENCE, b"".join(parts))


def oid(arcs: Oid) -> bytes:
    """The name of an object."""
    coded = bytearray([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | arc & 0x7F)
        coded += bytes(reversed(septets))
    return wrap(OID, bytes(coded))


def dotted(text: str) -> Oid:
    """A name as it is written: 1.3.6.1.2.1.1.1.0"""
    return tuple(int(arc) for arc in text.strip(".").split("."))


class Reader:
    """Reads values one after another, and never beyond the end."""

    def __init__(self, data: bytes, begin: int = 0, end: int | None = None) -> None:
        self.data, self.at, self.end = data, begin, len(data) if end is None else end

    def __bool__(self) -> bool:
        return self.at < self.end

    def head(self) -> tuple[int, int, int]:
        """The next value: its tag, where its content begins, where it ends; reading goes on behind it."""
        if self.at + 2 > self.end:
            raise Broken("cut off")
        tag, count, begin = self.data[self.at], self.data[self.at + 1], self.at + 2
        if count & 0x80:
            size = count & 0x7F
            if not 1 <= size <= 4 or begin + size > self.end:
                raise Broken("a length that cannot be")
            count, begin = int.from_bytes(self.data[begin : begin + size], "big"), begin + size
        if begin + count > self.end:
            raise Broken("cut off")
        self.at = begin + count
        return tag, begin, begin + count

    def expect(self, wanted: int) -> tuple[int, int]:
        """The next value, which must have this tag."""
        tag, begin, end = self.head()
        if tag != wanted:
            raise Broken(f"tag {tag:#x} where {wanted:#x} belongs")
        return begin, end

    def inside(self, wanted: int = SEQUENCE) -> Reader:
        """A reader of what is in the next value."""
        return Reader(self.data, *self.expect(wanted))

    def number(self) -> int:
        """A whole number."""
        return read_number(self.data, *self.expect(INTEGER), signed=True)

    def octets(self) -> bytes:
        """Bytes."""
        begin, end = self.expect(OCTETS)
        return self.data[begin:end]

    def value(self) -> tuple[int, Value]:
        """Any value of an object, with its tag."""
        tag, begin, end = self.head()
        if tag in NUMBERS:
            return tag, read_number(self.data, begin, end, signed=tag == INTEGER)
        if tag in NOTHING:
            return tag, None
        if tag == OID:
            return tag, read_oid(self.data, begin, end)
        return tag, self.data[begin:end]


def read_number(data: bytes, begin: int, end: int, *, signed: bool) -> int:
    """A number's content. Some devices leave out the zero before an unsigned one."""
    if not 0 < end - begin <= LONGEST_NUMBER:
        raise Broken("a number that is too long, or empty")
    return int.from_bytes(data[begin:end], "big", signed=signed)


def read_oid(data: bytes, begin: int, end: int) -> Oid:
    """A name's content."""
    if begin == end:
        raise Broken("a name without content")
    arcs, arc = [min(data[begin] // 40, 2)], 0
    arcs.append(data[begin] - arcs[0] * 40)
    for byte in data[begin + 1 : end]:
        arc = arc << 7 | byte & 0x7F
        if arc >> 32:
            raise Broken("a name with a number that is too large")
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    if (data[end - 1] & 0x80 and end - begin > 1) or len(arcs) > MOST_ARCS:
        raise Broken("a name that does not end")
    return tuple(arcs)
