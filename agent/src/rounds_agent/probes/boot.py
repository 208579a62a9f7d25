"""When the machine was started: a new moment tells of a restart."""

from __future__ import annotations

from rounds_agent.clock import write_moment
from rounds_agent.probes.reading import IS_LINUX, text_of


class Boot:
    """Remembers the moment: no process outlives it, and computed anew it would wander with the clock."""

    name = "boot"

    def __init__(self) -> None:
        self._known: dict[str, object] | None = None

    def measure(self) -> dict[str, object]:
        """The moment of the start, and the id of the start where the system gives one."""
        if self._known is None:
            start_id = text_of("/proc/sys/kernel/random/boot_id") if IS_LINUX else ""
            self._known = {"booted_at": write_moment(_booted_at()), "id": start_id}
        return {"facts": {"boot": self._known}}


def _booted_at() -> float:
    if IS_LINUX:
        (line,) = (line for line in text_of("/proc/stat").splitlines() if line.startswith("btime "))
        return float(line.split()[1])
    import psutil  # noqa: PLC0415 - see processor.py

    return float(psutil.boot_time())
