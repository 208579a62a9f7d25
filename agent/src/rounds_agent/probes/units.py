"""Which services have failed: systemd's units, or services of Windows that should run by themselves and ended badly."""

from __future__ import annotations

import os

from rounds_agent.probes.asking import ask
from rounds_agent.probes.reading import IS_WINDOWS, Absent
from rounds_agent.probes.windows import installed

ASK = ["systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager", "--full"]


def parse(answer: str) -> list[str]:
    """The first column of systemctl's list; older versions put a dot before it."""
    rows = (line.replace("●", " ").split() for line in answer.splitlines())
    return sorted(row[0] for row in rows if row)


def measure(home: str) -> dict[str, object]:
    """Their names; absent on a machine that was not started by systemd."""
    del home
    if IS_WINDOWS:
        return {"facts": {"units": {"failed": installed.failed_services()}}}
    if not os.path.isdir("/run/systemd/system"):
        raise Absent
    return {"facts": {"units": {"failed": parse(ask(ASK, seconds=30))}}}
