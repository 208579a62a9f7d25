"""Does it answer to a ping? By an ICMP socket that needs no rights where the system allows one, else by a program."""

from __future__ import annotations

import os
import re
import select
import socket
import statistics
import struct
import subprocess
import time

from rounds_agent.probes.asking import find
from rounds_agent.probes.reading import IS_WINDOWS, Absent
from rounds_agent.watches.asking import Asked
from rounds_agent.watches.outcomes import CannotAsk, Fails, Outcome

COUNT, WAIT = 3, 1.5  # echo requests, seconds for each
ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}
TIME = re.compile(r"[=<]\s*(\d+(?:[.,]\d+)?)\s*ms")


def watch(asked: Asked) -> Outcome:
    """How long the echo takes, and how many of three are lost."""
    address = asked.address()
    try:
        taken = _by_socket(address, asked)
    except PermissionError:
        taken = _by_program(address, asked)
    if not taken:
        raise Fails(f"{address} does not answer to {COUNT} pings")
    lost = 100.0 * (COUNT - len(taken)) / COUNT
    return Outcome({"milliseconds": round(statistics.median(taken), 2), "lost.percent": round(lost, 1)})


def _by_socket(address: str, asked: Asked) -> list[float]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with _opened(family) as echo:
        try:
            echo.connect((address, 0))
        except OSError as why:
            raise Fails(f"{address}: {why.strerror}") from None
        times = (_one(echo, number, min(WAIT, asked.left)) for number in range(1, COUNT + 1))
        return [taken for taken in times if taken is not None]


def _opened(family: int) -> socket.socket:
    """An ICMP socket: one that needs no rights, or else one for whoever has them; PermissionError if there is none."""
    protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol)
    except OSError:
        try:
            return socket.socket(family, socket.SOCK_RAW, protocol)
        except OSError:
            raise PermissionError("this system allows no ICMP socket") from None


def _one(echo: socket.socket, number: int, wait: float) -> float | None:
    """Milliseconds of one echo; None if it did not come. A raw socket gives the head of the packet as well."""
    mark, (asks, answers) = os.urandom(8), ECHO[echo.family]
    skips = echo.type == socket.SOCK_RAW and echo.family == socket.AF_INET
    head = struct.pack("!BBHHH", asks, 0, 0, 0, number)
    packet = struct.pack("!BBHHH", asks, 0, checksum(head + mark), 0, number) + mark
    began = time.perf_counter()
    try:
        echo.send(packet)
        while (left := began + wait - time.perf_counter()) > 0 and select.select([echo], [], [], left)[0]:
            answer = echo.recv(2048)
            answer = answer[(answer[0] & 0x0F) * 4 :] if skips and answer else answer
            if answer[:1] == bytes([answers]) and answer[8:16] == mark:
                return (time.perf_counter() - began) * 1000
    except OSError:  # a router says that there is no way
        return None
    return None


def checksum(packet: bytes) -> int:
    """The Internet's checksum (RFC 1071)."""
    padded = packet + b"\0" * (len(packet) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def _by_program(address: str, asked: Asked) -> list[float]:
    try:
        program = find("ping")
    except Absent:
        raise CannotAsk("this system allows no ICMP socket, and has no program “ping”") from None
    options = ["-n", str(COUNT), "-w", "1500"] if IS_WINDOWS else ["-n", "-c", str(COUNT), "-W", "2", "-i", "0.2"]
    try:
        told = subprocess.run(
            [program, *options, address], capture_output=True, text=True, errors="replace", timeout=asked.left,
            check=False, stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return []
    times = times_in(told.stdout)
    if not times and told.returncode not in {0, 1}:
        last = (told.stderr.strip() or told.stdout.strip()).splitlines()[-1:] or [f"exit status {told.returncode}"]
        raise CannotAsk(f"ping: {last[0][:200]}")
    return times


def times_in(text: str) -> list[float]:
    """The milliseconds of each echo in what a ping program of any language says."""
    lines = (line for line in text.splitlines() if "ttl" in line.lower() or "time" in line.lower())
    found = [TIME.search(line) for line in lines if "rtt" not in line and "/" not in line.partition("=")[0]]
    return [float(one[1].replace(",", ".")) for one in found if one][:COUNT]
