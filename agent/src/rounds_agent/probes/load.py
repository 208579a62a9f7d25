"""How many processes ran or waited to run, over 1, 5 and 15 minutes; absent on Windows, which keeps no such figure."""

from __future__ import annotations

import os

from rounds_agent.probes.reading import Absent


def measure() -> dict[str, object]:
    """The system's own averages."""
    if not hasattr(os, "getloadavg"):
        raise Absent
    one, five, fifteen = os.getloadavg()
    return {"samples": {"load.1": round(one, 2), "load.5": round(five, 2), "load.15": round(fifteen, 2)}}
