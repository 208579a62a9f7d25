"""How busy the processors were since the last measurement, in percent of all of them together."""

from __future__ import annotations

import time

from rounds_agent.probes.reading import IS_LINUX, text_of

FIRST_WAIT = 0.2  # seconds: the first measurement has none before it


def _times() -> tuple[float, float]:
    """Busy and total time of all processors since the start, in any unit."""
    if IS_LINUX:
        user, nice, system, idle, iowait, *others = (
            int(part) for part in text_of("/proc/stat").split("\n")[0].split()[1:9]
        )
        busy = user + nice + system + sum(others)
        return float(busy), float(busy + idle + iowait)
    import psutil  # noqa: PLC0415 - four megabytes, wanted only where there is no /proc

    times = psutil.cpu_times()
    total = float(sum(times))
    return total - times.idle, total


class Processor:
    """Remembers the last measurement."""

    name = "processor"

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def measure(self) -> dict[str, object]:
        """The share of busy time since the last look."""
        if self._last is None:
            self._last = _times()
            time.sleep(FIRST_WAIT)
        now = _times()
        (busy, total), self._last = self._last, now
        passed = now[1] - total
        share = 100.0 * (now[0] - busy) / passed if passed > 0 else 0.0
        return {"samples": {"processor.percent": round(min(100.0, max(0.0, share)), 1)}}
