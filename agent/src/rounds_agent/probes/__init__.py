"""The probes, one file each: a probe's `measure` gives figures or a fact, says that there is none, or fails."""

from collections.abc import Callable

from rounds_agent.probes import disks, hardware, load, memory, reboot, swap, system, uptime
from rounds_agent.probes.boot import Boot
from rounds_agent.probes.processor import Processor


def quick_probes() -> dict[str, Callable[[], dict[str, object]]]:
    """The probes of every minute, by the name under which a check-in tells of them."""
    return {
        "processor": Processor().measure,
        "memory": memory.measure,
        "swap": swap.measure,
        "load": load.measure,
        "disks": disks.measure,
        "uptime": uptime.measure,
        "os": system.measure,
        "hardware": hardware.measure,
        "boot": Boot().measure,
        "reboot": reboot.measure,
    }
