"""Measurements that cost too much for every minute: a short-lived child makes those that are due.

Each leaves what it gave in a file of its own under `facts/`, as soon as it has it, so that one that hangs takes nothing
from the others; a file is written only when its content has changed. `slow.json` says when each was asked.
"""

from __future__ import annotations

import importlib
import os
import time

from rounds_agent.home import read_json, under, write_json
from rounds_agent.probes.changes import stamp
from rounds_agent.probes.outcome import outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MINUTE, HOUR, DAY = 60, 3600, 86_400

# Name to the seconds after which it is asked again, and whether a change of the files in changes.py asks it at once.
SCHEDULE = {
    "updates": (DAY, True),
    "software": (DAY, True),
    "antivirus": (HOUR, True),
    "administrators": (HOUR, True),
    "backups": (HOUR, False),
    "smart": (6 * HOUR, False),
    "certificates": (6 * HOUR, False),
    "units": (10 * MINUTE, False),
    "log": (10 * MINUTE, False),
}
MODULES = {"log": "events"}  # where the module has another name than the probe


def _measure(name: str, home: str) -> dict[str, Any]:
    """Ask one probe; only its module is loaded."""
    module = importlib.import_module(f"rounds_agent.probes.{MODULES.get(name, name)}")
    told: dict[str, Any] = module.measure(home)
    return told


def due(asked_at: dict[str, float], now: float, *, is_changed: bool) -> list[str]:
    """The probes to ask now; a moment in the future is of a clock that was set back."""
    return [
        name
        for name, (seconds, by_change) in SCHEDULE.items()
        if not 0 <= now - asked_at.get(name, -seconds) < seconds or (by_change and is_changed)
    ]


def measure_slowly(home: str | os.PathLike[str]) -> int:
    """Ask what is due; leave what each gave."""
    known = read_json(under(home, "slow.json")) or {}
    asked_at, before = dict(known.get("asked_at", {})), stamp()
    os.makedirs(under(home, "facts"), mode=0o700, exist_ok=True)
    for name in due(asked_at, time.time(), is_changed=known.get("stamp") != before):
        told = outcome(lambda name=name: _measure(name, os.fspath(home)))  # type: ignore[misc]
        path = under(home, "facts", f"{name}.json")
        if told != read_json(path):
            write_json(path, told)
        asked_at[name] = time.time()
        write_json(under(home, "slow.json"), {"stamp": known.get("stamp"), "asked_at": asked_at})
    write_json(under(home, "slow.json"), {"stamp": before, "asked_at": asked_at})
    return 0
