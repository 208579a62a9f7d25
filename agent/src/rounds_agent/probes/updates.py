"""Which updates wait to be installed, and how many of them mend security holes: by apt, dnf or Windows Update.

Asking costs seconds of processor: a child process does it (slow.py), and only when what it reads has changed.
"""

from __future__ import annotations

import os

from rounds_agent.clock import write_moment
from rounds_agent.probes.asking import ask
from rounds_agent.probes.changes import has_apt
from rounds_agent.probes.reading import IS_WINDOWS, names_in
from rounds_agent.probes.windows import updating

ASK_APT = ["apt-get", "--simulate", "--option", "Debug::NoLocking=1", "dist-upgrade"]
APT_LISTS = "/var/lib/apt/lists"
MAX_NAMES = 40


def parse(answer: str) -> dict[str, object]:
    """Count the upgrades in apt's simulation: `Inst name [old] (new Origin:suite [arch])`; additions have no [old]."""
    upgrades = [line.split(None, 2) for line in answer.splitlines() if line.startswith("Inst ") and " [" in line]
    upgrades = [parts for parts in upgrades if len(parts) == 3 and parts[2].startswith("[")]
    names = [name for _, name, _ in upgrades]
    security = [name for _, name, rest in upgrades if "security" in rest.lower()]
    return counted(names, security)


def counted(names: list[str], security: list[str]) -> dict[str, object]:
    """The fact: how many, how many of them for security, and the names of some, those for security first."""
    others = [name for name in names if name not in set(security)]
    return {"pending": len(names), "security": len(security), "names": [*security, *others][:MAX_NAMES]}


def parse_dnf(answer: str, advisories: str) -> dict[str, object]:
    """Count what `dnf check-update` lists (name.arch, version, repository) and `dnf updateinfo list` names."""
    rows = [line.split() for line in answer.partition("\nObsoleting Packages")[0].splitlines()]
    names = [row[0].rpartition(".")[0] for row in rows if len(row) == 3 and "." in row[0]]
    mended = {row[2] for row in (line.split() for line in advisories.splitlines()) if len(row) == 3}
    security = [name for name in names if any(full.startswith(f"{name}-") for full in mended)]
    return counted(names, security)


def _lists_at() -> str | None:
    """When the lists of packages were last fetched; what is pending is only as fresh as they are."""
    files = (os.path.join(APT_LISTS, name) for name in names_in(APT_LISTS) if "_dists_" in name)
    return write_moment(max(fetched)) if (fetched := [os.stat(path).st_mtime for path in files]) else None


def measure(home: str) -> dict[str, object]:
    """Ask what an upgrade would do; an error if it is not known."""
    del home
    if IS_WINDOWS:
        return {"facts": {"updates": updating.updates()}}
    if has_apt():
        return {"facts": {"updates": {**parse(ask(ASK_APT, seconds=300)), "lists_at": _lists_at()}}}
    listed = ask(["dnf", "--quiet", "check-update"], seconds=600, accept=(0, 100))
    advisories = ask(["dnf", "--quiet", "updateinfo", "list", "--security"], seconds=300)
    return {"facts": {"updates": {**parse_dnf(listed, advisories), "lists_at": None}}}
