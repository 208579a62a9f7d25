"""Who may do everything on this machine: accounts with the number 0, and members of the groups that may become root."""

from __future__ import annotations

from rounds_agent.probes.reading import IS_LINUX, IS_WINDOWS, Absent, text_of
from rounds_agent.probes.windows import accounts

GROUPS = {"sudo", "wheel", "admin", "root"}


def parse(passwd: str, group: str) -> list[str]:
    """Of /etc/passwd and /etc/group: names, in order; whose first group is one of them counts as well."""
    people = [row for row in (line.split(":") for line in passwd.splitlines()) if len(row) > 3]
    groups = [row for row in (line.split(":") for line in group.splitlines()) if len(row) == 4 and row[0] in GROUPS]
    numbers = {row[2] for row in groups if row[0] != "root"}
    listed = {name for row in groups for name in row[3].split(",") if name}
    return sorted(listed | {row[0] for row in people if row[2] == "0" or row[3] in numbers})


def measure(home: str) -> dict[str, object]:
    """Their names."""
    del home
    if IS_WINDOWS:
        return {"facts": {"administrators": {"names": accounts.administrators()}}}
    if not IS_LINUX:
        raise Absent
    return {"facts": {"administrators": {"names": parse(text_of("/etc/passwd"), text_of("/etc/group"))}}}
