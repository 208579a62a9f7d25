"""How long the machine has been running."""

from __future__ import annotations

import time

from rounds_agent.probes.reading import IS_LINUX


def measure() -> dict[str, object]:
    """Seconds since the start."""
    if IS_LINUX:
        seconds = time.clock_gettime(time.CLOCK_BOOTTIME)
    else:
        import psutil  # noqa: PLC0415 - see processor.py

        seconds = time.time() - psutil.boot_time()
    return {"samples": {"uptime.seconds": round(seconds, 1)}}
