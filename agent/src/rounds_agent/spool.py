"""Check-ins on their way: each is on disk, under a number that is used once, until the server has it.

One file a check-in, named for its epoch and number. Bounded: a week at one a minute, and 32 MiB; the oldest goes first.
A disk that takes nothing does not silence the machine: what cannot be written waits in memory, two hours of it.
"""

from __future__ import annotations

import json
import os
import zlib

from rounds_agent.home import BINARY, read_whole, remove, under, write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_COUNT = 7 * 24 * 60
MAX_BYTES = 32 * 1024 * 1024
MAX_LOOSE = 120
SMALL = 4096  # bytes of a check-in that has figures alone, and some more


def pack(check_in: dict[str, Any]) -> bytes:
    """A check-in as it travels; with a window of 4 KiB, as most are smaller and the memory for more is not free.

    A small one has no codes of its own: they save it 80 bytes of 460, and make it take 70 % longer to inflate.
    """
    text = json.dumps(check_in, separators=(",", ":")).encode()
    codes = zlib.Z_FIXED if len(text) <= SMALL else zlib.Z_DEFAULT_STRATEGY
    packing = zlib.compressobj(6, zlib.DEFLATED, 12, 5, codes)
    return packing.compress(text) + packing.flush()


def unpack(body: bytes) -> dict[str, Any]:
    """The check-in in a body that `pack` made."""
    check_in: dict[str, Any] = json.loads(zlib.decompress(body))
    return check_in


def name_of(epoch: int, number: int) -> str:
    """The name under which a check-in waits."""
    return f"{epoch:06d}-{number:015d}"


def _is_name(text: str) -> bool:
    return len(text) == 22 and text[6] == "-" and text.replace("-", "").isdecimal()


class Spool:
    """What waits to be sent. `epoch` and `number` are the last ones given out."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = os.fspath(folder)
        self.counter = under(os.path.dirname(self.folder), "counter")
        with os.scandir(self.folder) as entries:
            self.sizes = {entry.name: entry.stat().st_size for entry in entries if _is_name(entry.name)}
        self.loose: dict[str, bytes] = {}
        self.dropped = 0
        self._fresh = ("", b"")  # the last one that was put: it need not be read again to be sent
        self.epoch, self.number = max([self._counted(), *(self._parse(name) for name in self.sizes)])

    @staticmethod
    def _parse(name: str) -> tuple[int, int]:
        epoch, _, number = name.partition("-")
        return int(epoch), int(number)

    def _counted(self) -> tuple[int, int]:
        try:
            epoch, number = read_whole(self.counter).split()
            return int(epoch), int(number)
        except (OSError, ValueError):
            return 1, 0

    def __len__(self) -> int:
        return len(self.sizes) + len(self.loose)

    def put(self, check_in: dict[str, Any]) -> str:
        """Give a check-in the next number and keep it: first its file, then the counter, and only then is it sent."""
        self.number += 1
        name = name_of(self.epoch, self.number)
        body = pack({**check_in, "epoch": self.epoch, "number": self.number})
        self._write(name, body)
        self._fresh = (name, body)
        self._bound()
        return name

    def _write(self, name: str, body: bytes) -> None:
        try:
            write_whole(under(self.folder, name), body)
            self.sizes[name] = len(body)
        except OSError:
            self.loose[name] = body
            self.sizes.pop(name, None)
        try:
            self._count()
        except OSError:
            return  # a file of that name is there, or nothing can be kept at all

    def _count(self) -> None:
        """Keep the counter: always as many bytes, so that a full disk takes them, too, whole or not at all."""
        descriptor = os.open(self.counter, os.O_WRONLY | os.O_CREAT | BINARY, 0o600)
        try:
            os.write(descriptor, f"{self.epoch:06d} {self.number:015d}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _bound(self) -> None:
        total = sum(self.sizes.values())
        for name in sorted(self.sizes) if len(self.sizes) > MAX_COUNT or total > MAX_BYTES else ():
            if len(self.sizes) <= MAX_COUNT and total <= MAX_BYTES:
                break
            total -= self.sizes[name]
            self.drop(name)
        for name in sorted(self.loose)[:-MAX_LOOSE]:
            self.drop(name)

    def newest_first(self) -> list[str]:
        """What waits, the newest first."""
        return sorted({*self.sizes, *self.loose}, reverse=True)

    def size(self, name: str) -> int:
        """How many bytes one is that waits."""
        return self.sizes.get(name, 0) or len(self.loose.get(name, b""))

    def body(self, name: str) -> bytes | None:
        """One check-in as it travels; None if it cannot be read, and then it is dropped."""
        if name == self._fresh[0]:
            return self._fresh[1]
        try:
            body = self.loose.get(name) or read_whole(under(self.folder, name))
            unpack(body)
        except (OSError, ValueError, zlib.error):
            self.drop(name)
            return None
        return body

    def drop(self, name: str) -> None:
        """Let one go that nobody has."""
        self.dropped += 1
        self.remove(name)

    def remove(self, name: str) -> None:
        """Let one go that the server has."""
        self.loose.pop(name, None)
        if name == self._fresh[0]:
            self._fresh = ("", b"")
        if self.sizes.pop(name, None) is not None:
            remove(under(self.folder, name))

    def restamp(self, name: str, taken_at: str, offset: float) -> None:
        """Correct the moment of a check-in that was refused because the machine's clock was wrong; `clock` says so."""
        body = self.body(name)
        if body is not None:
            clock = {"corrected_by_seconds": round(offset, 2)}
            self._fresh = ("", b"")
            self._write(name, pack({**unpack(body), "taken_at": taken_at, "clock": clock}))

    def begin_epoch(self, sent: bytes) -> None:
        """The server has numbers that this disk never gave out: it was set back. Begin anew with `sent` and all."""
        waiting = self.newest_first()[::-1]
        bodies = [body for name in waiting if (body := self.body(name)) is not None]
        self.epoch += 1
        for body in [*bodies, sent]:
            self.put(unpack(body))
        for name in waiting:
            self.remove(name)
