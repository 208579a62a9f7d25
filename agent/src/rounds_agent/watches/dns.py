"""Does a name server answer, and with what was expected? Asked by a packet of our own (RFC 1035)."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import time

from rounds_agent.watches.asking import Asked, place_of
from rounds_agent.watches.outcomes import CannotAsk, Fails, Outcome

KINDS = {"A": 1, "NS": 2, "CNAME": 5, "MX": 15, "TXT": 16, "AAAA": 28}
CODES = {
    1: "it cannot read the question",
    2: "the server failed",
    3: "there is no such name",
    5: "it refuses to answer",
}
MOST_ANSWERS, TRIES = 50, 2


def watch(asked: Asked) -> Outcome:
    """Ask the server (the target) for a name."""
    host, port = place_of(asked.target, 53)
    kind, address = asked.text("record", "A").upper(), asked.address(host)
    name, wanted = asked.text("name"), asked.text("answer").lower().rstrip(".")
    if kind not in KINDS:
        raise CannotAsk(f"“{kind}” is no kind of record that is known here: {', '.join(KINDS)}")
    number = os.urandom(2)
    began = time.perf_counter()
    answer = _exchange(asked, (address, port), question(number, name, KINDS[kind]))
    taken = round((time.perf_counter() - began) * 1000, 2)
    try:
        found = answers_in(answer, KINDS[kind])
    except (ValueError, IndexError, struct.error):
        raise Fails("the answer cannot be read") from None
    fails = ""
    if not found:
        fails = f"it knows no {kind} of {name}"
    elif wanted and wanted not in (one.lower().rstrip(".") for one in found):
        fails = f"{name} is {', '.join(found[:3])}, not {wanted}"
    return Outcome({"milliseconds": taken}, {"answers": sorted(found)}, fails)


def question(number: bytes, name: str, kind: int) -> bytes:
    """A packet that asks for a name."""
    try:
        labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    except UnicodeError:
        labels = []
    if not labels or not all(0 < len(label) < 64 for label in labels):
        raise CannotAsk(f"“{name}” is no name")
    coded = b"".join(bytes([len(label)]) + label for label in labels)
    return number + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + coded + b"\0" + struct.pack("!HH", kind, 1)


def _exchange(asked: Asked, place: tuple[str, int], packet: bytes) -> bytes:
    family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    for _ in range(TRIES):
        with socket.socket(family, socket.SOCK_DGRAM) as way:
            try:
                way.connect(place)
                way.send(packet)
                until = time.monotonic() + min(asked.left, asked.seconds / TRIES)
                while (left := until - time.monotonic()) > 0:
                    way.settimeout(left)
                    answer = way.recv(65535)
                    if answer[:2] == packet[:2] and len(answer) >= 12 and answer[2] & 0x80:
                        return _by_tcp(asked, place, packet) if answer[2] & 0x02 else answer
            except TimeoutError:
                continue
            except OSError as why:
                raise Fails(f"{place[0]} port {place[1]}: {why.strerror or why}") from None
    raise Fails(f"{place[0]} does not answer in {asked.seconds:.0f} seconds")


def _by_tcp(asked: Asked, place: tuple[str, int], packet: bytes) -> bytes:
    """The same over a connection: the answer was too long for a packet."""
    with asked.connect(*place) as way:
        way.sendall(struct.pack("!H", len(packet)) + packet)
        got = b""
        while len(got) < 2 or len(got) < 2 + int.from_bytes(got[:2], "big"):
            way.settimeout(asked.left)
            more = way.recv(65535)
            if not more:
                raise Fails("the answer is cut off")
            got += more
    return got[2:]


def answers_in(packet: bytes, kind: int) -> list[str]:
    """What an answer says of the kind that was asked for. Fails: the server's own word that it cannot say."""
    flags, questions, answers = struct.unpack("!HHH", packet[2:8])
    if code := flags & 0x0F:
        raise Fails(CODES.get(code, f"it answers with code {code}"))
    at = 12
    for _ in range(questions):
        at = _name(packet, at)[1] + 4
    found = []
    for _ in range(min(answers, MOST_ANSWERS)):
        at = _name(packet, at)[1]
        said, _, _, length = struct.unpack("!HHIH", packet[at : at + 10])
        at += 10
        if at + length > len(packet):
            raise ValueError("cut off")
        if said == kind:
            found.append(_value(packet, at, length, kind))
        at += length
    return found


def _value(packet: bytes, at: int, length: int, kind: int) -> str:
    content = packet[at : at + length]
    if kind in {KINDS["A"], KINDS["AAAA"]}:
        return str(ipaddress.ip_address(content))
    if kind == KINDS["MX"]:
        return f"{int.from_bytes(content[:2], 'big')} {_name(packet, at + 2)[0]}"
    if kind == KINDS["TXT"]:
        texts, here = [], 0
        while here < len(content):
            texts.append(content[here + 1 : here + 1 + content[here]])
            here += 1 + content[here]
        return b"".join(texts).decode("utf-8", "replace")[:300]
    return _name(packet, at)[0]


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """A name that stands at a place, and the place behind it; pointers lead back only."""
    labels, behind, farthest = [], 0, at
    while length := packet[at]:
        if length & 0xC0 == 0xC0:
            to = int.from_bytes(packet[at : at + 2], "big") & 0x3FFF
            behind = behind or at + 2
            if to >= farthest:
                raise ValueError("a pointer that does not lead back")
            at = farthest = to
            continue
        labels.append(packet[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
        if len(labels) > 128:
            raise ValueError("a name without an end")
    return ".".join(labels), behind or at + 1
