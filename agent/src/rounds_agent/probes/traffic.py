"""What disks and network cards moved since the last measurement, a second: of whole disks and of real cards alone."""

from __future__ import annotations

import os
import time

from rounds_agent.clock import steady
from rounds_agent.probes.reading import IS_LINUX, Absent, names_in, text_of

LONGEST = 900.0  # seconds between two measurements; a machine that slept longer tells nothing of that time
LIST_EVERY = 10  # measurements: a disk that was plugged in is counted within ten minutes
SECTOR = 512  # bytes, in /proc/diskstats, whatever the disk's own are
NOT_REAL = (
    "lo",
    "veth",
    "docker",
    "br-",
    "virbr",
    "tun",
    "tap",
    "bond",
    "dummy",
    "ifb",
    "vnet",
    "fwbr",
    "fwpr",
    "fwln",
)


def whole_disks(names: list[str]) -> set[str]:
    """Of what /sys/block lists: what holds data itself, not what is made of other disks."""
    return {name for name in names if not name.startswith(("loop", "ram", "dm-", "md", "sr", "fd", "zram", "nbd"))}


def read_disks(text: str, wanted: set[str]) -> dict[str, tuple[int, int, int]]:
    """/proc/diskstats as disk to bytes read, bytes written, milliseconds busy (the kernel's admin-guide, iostats)."""
    rows = (line.split() for line in text.splitlines())
    return {
        row[2]: (int(row[5]) * SECTOR, int(row[9]) * SECTOR, int(row[12]))
        for row in rows
        if len(row) > 12 and row[2] in wanted
    }


def read_cards(text: str) -> dict[str, tuple[int, int, int]]:
    """/proc/net/dev as card to bytes received, bytes sent, errors and drops of both."""
    cards = {}
    for line in text.splitlines():
        name, colon, figures = line.partition(":")
        row = figures.split()
        if colon and len(row) > 11 and not name.strip().startswith(NOT_REAL):
            cards[name.strip()] = (int(row[0]), int(row[8]), int(row[2]) + int(row[3]) + int(row[10]) + int(row[11]))
    return cards


def _added(now: dict[str, tuple[int, int, int]], before: dict[str, tuple[int, int, int]]) -> list[list[int]]:
    """What was added to each counter since; one that was set back counts from nothing."""
    return [
        [new - old if new >= old else new for new, old in zip(now[name], before[name], strict=True)]
        for name in now
        if name in before
    ]


class Traffic:
    """Remembers the last measurement; the first has none before it and gives nothing."""

    def __init__(self) -> None:
        self._asked, self._disks = 0, set[str]()
        self._last: (
            tuple[tuple[float, float], dict[str, tuple[int, int, int]], dict[str, tuple[int, int, int]]] | None
        ) = None

    def measure(self) -> dict[str, object]:
        """Bytes a second in and out, and how busy the busiest disk was."""
        if not IS_LINUX:
            return self._elsewhere()
        if self._asked % LIST_EVERY == 0:
            self._disks = whole_disks(names_in("/sys/block"))
        self._asked += 1
        disks = read_disks(text_of("/proc/diskstats"), self._disks)
        return self._rates(disks, read_cards(text_of("/proc/net/dev")))

    def _elsewhere(self) -> dict[str, object]:
        import psutil  # noqa: PLC0415 - see processor.py

        disks = {
            name: (one.read_bytes, one.write_bytes, 0)
            for name, one in (psutil.disk_io_counters(perdisk=True) or {}).items()
        }
        cards = {
            name: (one.bytes_recv, one.bytes_sent, one.errin + one.errout + one.dropin + one.dropout)
            for name, one in psutil.net_io_counters(pernic=True).items()
        }
        return self._rates(disks, cards)

    def _rates(
        self, disks: dict[str, tuple[int, int, int]], cards: dict[str, tuple[int, int, int]]
    ) -> dict[str, object]:
        if not disks and not cards:
            raise Absent
        now, last = (time.monotonic(), steady()), self._last
        self._last = (now, disks, cards)
        if last is None or now[0] <= last[0][0] or now[1] - last[0][1] > LONGEST:
            return {"samples": {}}
        seconds = now[0] - last[0][0]
        samples: dict[str, float] = {}
        if moved := _added(disks, last[1]):
            samples["disk.read_bytes_per_second"] = round(sum(one[0] for one in moved) / seconds)
            samples["disk.written_bytes_per_second"] = round(sum(one[1] for one in moved) / seconds)
            if os.name == "posix":
                samples["disk.busy_percent"] = round(min(100.0, max(one[2] for one in moved) / 10 / seconds), 1)
        if moved := _added(cards, last[2]):
            samples["net.received_bytes_per_second"] = round(sum(one[0] for one in moved) / seconds)
            samples["net.sent_bytes_per_second"] = round(sum(one[1] for one in moved) / seconds)
            samples["net.errors_per_second"] = round(sum(one[2] for one in moved) / seconds, 2)
        return {"samples": samples}
