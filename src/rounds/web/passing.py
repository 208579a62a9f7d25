"""Passes a connection on to a server of this process, byte for byte; each side waits when the other is slow."""

import asyncio
import logging
import os
from collections.abc import Coroutine, MutableMapping
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)

LEFT = 65536  # bytes read at once
LAST_PIECE_WITHIN = 60.0  # seconds in which a caller takes the end of a reply, of which at most 64 KiB are here

type Address = tuple[str, int]
type Ends = tuple[Address, Address]  # of a connection as it came in: who called, and where


class End(asyncio.Protocol):
    """One end: what comes in here goes out at the other."""

    def __init__(self) -> None:
        self.own: Any = None
        self.other: Any = None
        self.lost = asyncio.get_running_loop().create_future()

    def data_received(self, came: bytes) -> None:
        """Give it on."""
        self.other.write(came)

    def eof_received(self) -> bool:
        """Nothing more comes from here, but something may still go there."""
        if not self.other.is_closing():
            self.other.write_eof()
        return True

    def pause_writing(self) -> None:
        """This end takes no more for now."""
        self.other.pause_reading()

    def resume_writing(self) -> None:
        """It takes more again."""
        self.other.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone, so the other goes too, when it has had what was for it.

        A server that refuses a long body answers and hangs up while the body still comes: then writing to it fails
        before its answer was read here.
        """
        if self.other is not None and not self.other.is_closing():
            if error is not None and self.own is not None:
                self.other.write(_left_in(self.own))
            self.other.close()
        self.lost.set_result(None)


def pass_on(
    outer: Any, arrived: bytes, behind: Address, passed: MutableMapping[str, Ends]
) -> Coroutine[Any, Any, None]:
    """Take a connection from its protocol at once; what is given joins it to a new one to the server behind.

    `passed` says of each connection that the server behind sees whose it is, while it lasts.
    """
    far = End()
    outer.pause_reading()
    outer.set_protocol(far)
    return _join(far, outer, arrived, (behind, passed))


async def _join(far: End, outer: Any, arrived: bytes, how: tuple[Address, MutableMapping[str, Ends]]) -> None:
    (behind, passed), near = how, End()
    try:
        inner, _ = await asyncio.get_running_loop().create_connection(lambda: near, *behind)
    except OSError as error:
        log.error("the server behind the gate does not answer: %s", error)
        outer.abort()
        return
    name = "{}:{}".format(*_address(inner, "sockname"))
    passed[name] = (_address(outer, "peername"), _address(outer, "sockname"))
    far.other, near.other, near.own = inner, outer, inner
    if far.lost.done():
        inner.abort()
    inner.write(arrived)
    outer.resume_reading()
    try:
        await asyncio.wait((near.lost,))
        await asyncio.wait((far.lost,), timeout=LAST_PIECE_WITHIN)
    finally:
        del passed[name]
        inner.abort()
        outer.abort()


def _left_in(transport: Any) -> bytes:
    """What came of a connection that broke and was not read yet; its socket is still open while it is told so."""
    left = bytearray()
    with suppress(OSError):
        while piece := os.read(transport.get_extra_info("socket").fileno(), LEFT):
            left += piece
    return bytes(left)


def _address(transport: Any, which: str) -> Address:
    host, port, *_ = transport.get_extra_info(which) or ("", 0)
    return str(host), int(port)
