"""Which updates wait to be installed, and how many of them mend security holes; absent where there is no apt.

Asking apt costs seconds of processor: a child process does it (slow.py), and only when apt's own files have changed.
"""

import os
import subprocess
import time
from pathlib import Path

from rounds_agent.clock import write_moment
from rounds_agent.probes.changes import has_apt
from rounds_agent.probes.reading import Absent

ASK = ("apt-get", "--simulate", "--option", "Debug::NoLocking=1", "dist-upgrade")
MAX_NAMES = 40


def parse(answer: str) -> dict[str, object]:
    """Count the upgrades in apt's simulation: `Inst name [old] (new Origin:suite [arch])`; additions have no [old]."""
    upgrades = [line.split(None, 2) for line in answer.splitlines() if line.startswith("Inst ") and " [" in line]
    upgrades = [parts for parts in upgrades if len(parts) == 3 and parts[2].startswith("[")]
    names = [name for _, name, _ in upgrades]
    security = [name for _, name, rest in upgrades if "security" in rest.lower()]
    others = [name for name in names if name not in set(security)]
    return {"pending": len(names), "security": len(security), "names": [*security, *others][:MAX_NAMES]}


def _lists_at() -> str | None:
    """When the lists of packages were last fetched; what is pending is only as fresh as they are."""
    fetched = [path.stat().st_mtime for path in Path("/var/lib/apt/lists").glob("*_dists_*")]
    return write_moment(max(fetched)) if fetched else None


def measure() -> dict[str, object]:
    """Ask apt what it would do; an error if it does not know."""
    if not has_apt():
        raise Absent
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        told = subprocess.run(ASK, capture_output=True, text=True, timeout=300, check=False, env=environment)
    except subprocess.TimeoutExpired:
        raise TimeoutError("apt-get did not answer in five minutes") from None
    if told.returncode:
        last = told.stderr.strip().splitlines()[-1:] or [""]
        raise OSError(f"apt-get: exit status {told.returncode}: {last[0]}")
    now = write_moment(time.time())
    return {"facts": {"updates": {**parse(told.stdout), "lists_at": _lists_at(), "asked_at": now}}}
