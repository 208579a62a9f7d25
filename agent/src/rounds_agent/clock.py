"""The moments that the agent stamps: the machine's clock, corrected by the server's where it is far off."""

from __future__ import annotations

import time

WORTH_CORRECTING = 120.0  # seconds; less than this is the network and the wait for the answer


def steady() -> float:
    """Seconds of a clock that nobody sets and that goes on while the machine sleeps."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


def write_moment(seconds: float) -> str:
    """Write seconds since 1970 as the protocol does: 2026-11-22T21:00:00.000000Z."""
    whole, part = divmod(round(seconds * 1_000_000), 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{part:06d}Z"


def read_moment(text: str) -> float:
    """Read a moment in UTC as the protocol writes it; with or without a fraction of the second."""
    whole, _, fraction = text.removesuffix("Z").removesuffix("+00:00").partition(".")
    numbers = (int(part) for part in (whole[0:4], whole[5:7], whole[8:10], whole[11:13], whole[14:16], whole[17:19]))
    year, month, day, hour, minute, second = numbers
    days = _days_before(year, month) + day - 1
    return days * 86400 + hour * 3600 + minute * 60 + second + (float(f"0.{fraction}") if fraction else 0.0)


def _days_before(year: int, month: int) -> int:
    """Days from 1970 to the first of a month."""
    lengths = (31, 29 if _is_leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 - 719_162 + sum(lengths[: month - 1])


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


class Clock:
    """Tells the moment; `offset` is how many seconds the server's clock is ahead of the machine's, if it was heard."""

    def __init__(self) -> None:
        self.offset: float | None = None
        self._heard_at: tuple[float, float] | None = None

    def hear(self, server_moment: str) -> None:
        """Note the server's clock from an answer; what cannot be read is not noted."""
        try:
            there = read_moment(server_moment)
        except (ValueError, IndexError):
            return
        self._heard_at = (there, steady())
        self.offset = there - time.time()

    def now(self) -> float:
        """Seconds since 1970: the machine's clock, or, when that is far off the server's, the server's carried on."""
        here = time.time()
        if self._heard_at is None:
            return here
        there = self._heard_at[0] + steady() - self._heard_at[1]
        return there if abs(there - here) > WORTH_CORRECTING else here
