"""The probes, one file each: a probe's `measure` gives figures or a fact, says that there is none, or fails."""

from __future__ import annotations

from rounds_agent.probes import disks, hardware, load, memory, reboot, swap, system, uptime
from rounds_agent.probes.boot import Boot
from rounds_agent.probes.expected import Expected
from rounds_agent.probes.processor import Processor
from rounds_agent.probes.temperatures import Temperatures
from rounds_agent.probes.traffic import Traffic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def quick_probes(home: str) -> dict[str, Callable[[], dict[str, object]]]:
    """The probes of every minute, by the name under which a check-in tells of them."""
    return {
        "processor": Processor().measure,
        "memory": memory.measure,
        "swap": swap.measure,
        "load": load.measure,
        "disks": disks.measure,
        "traffic": Traffic().measure,
        "temperatures": Temperatures().measure,
        "expected": Expected(home).measure,
        "uptime": uptime.measure,
        "boot": Boot().measure,
        "reboot": reboot.measure,
    }


def hourly_probes() -> dict[str, Callable[[], dict[str, object]]]:
    """Those of what hardly ever changes while a machine runs."""
    return {"os": system.measure, "hardware": hardware.measure}
