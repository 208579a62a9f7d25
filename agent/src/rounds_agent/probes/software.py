"""What is installed, by name and version: the packages of Debian's kind or Red Hat's, or the programs of Windows."""

from __future__ import annotations

import shutil

from rounds_agent.probes.asking import ask
from rounds_agent.probes.reading import IS_WINDOWS
from rounds_agent.probes.windows import installed

MOST = 5000
DPKG = ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}\\t${Package}\\t${Version}\\n"]
RPM = ["rpm", "--query", "--all", "--queryformat", "ii \\t%{NAME}\\t%{VERSION}-%{RELEASE}\\n"]


def parse(answer: str) -> dict[str, str]:
    """Name to version, of lines `ii <tab> name <tab> version`; what is removed but configured is not installed."""
    rows = (line.split("\t") for line in answer.splitlines())
    return {row[1]: row[2] for row in rows if len(row) == 3 and row[0].startswith("ii")}


def measure(home: str) -> dict[str, object]:
    """All of it, in the order of names; no more than five thousand."""
    del home
    packages = installed.programs() if IS_WINDOWS else parse(ask(DPKG if shutil.which("dpkg-query") else RPM))
    named = dict(sorted(packages.items())[:MOST])
    return {"facts": {"software": {"count": len(packages), "packages": named}}}
