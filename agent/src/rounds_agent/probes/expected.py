"""Whether what is expected to run on this machine runs: processes by their name, services by systemd's.

`expected.json` in the agent's folder names them: {"processes": ["postgres"], "services": ["ssh"]}. A sample is the
number of processes of that name, and 1 or 0 for a service. The fact says of each whether it runs; one that is missing
counts from the second look on, so that a restart is not told.
"""

from __future__ import annotations

import os
import sys

from rounds_agent.home import read_json, under
from rounds_agent.probes.reading import IS_LINUX, Absent, names_in, text_or_nothing

CONTROL = "/sys/fs/cgroup"
SLICES = ("system.slice", "unified/system.slice", "systemd/system.slice")  # version 2, mixed, version 1


def service_runs(service: str, root: str = CONTROL) -> bool:
    """Has the service processes of its own? systemd keeps a control group of each that runs."""
    unit = service if "." in service else f"{service}.service"
    slices = [part for part in SLICES if os.path.isdir(os.path.join(root, part))]
    if not slices:
        raise OSError("systemd keeps no control groups here: it cannot be told whether services run")
    template = f"system-{unit.partition('@')[0]}.slice" if "@" in unit else ""
    for part in slices:
        folder = os.path.join(root, part, template, unit)
        events = text_or_nothing(os.path.join(folder, "cgroup.events"))
        if "populated 1" in events or text_or_nothing(os.path.join(folder, "cgroup.procs")):
            return True
    return False


class Expected:
    """Remembers, by name, a process that was found, so that not all are read every minute."""

    def __init__(self, home: str) -> None:
        self._path = under(home, "expected.json")
        self._found: dict[str, list[str]] = {}
        self._missing: set[str] = set()

    def measure(self) -> dict[str, object]:
        """Each process's number, each service's 1 or 0, and what runs; absent if nothing is expected."""
        wanted = read_json(self._path)
        wanted = wanted if isinstance(wanted, dict) else {}
        processes = [str(name) for name in wanted.get("processes", [])][:50]
        services = [str(name) for name in wanted.get("services", [])][:50]
        if not processes and not services:
            raise Absent
        told: dict[str, int] = {f"process.{name}": count for name, count in self._count(processes).items()}
        told.update({f"service.{name}": int(_service(name)) for name in services})
        return {"samples": told, "facts": {"expected": self._running(told)}}

    def _running(self, told: dict[str, int]) -> dict[str, bool]:
        """By "service ssh" or "process postgres", whether it runs."""
        missing, before = {name for name, count in told.items() if not count}, self._missing
        self._missing = missing
        return {name.replace(".", " ", 1): name not in missing or name not in before for name in told}

    def _count(self, names: list[str]) -> dict[str, int]:
        if not names:
            return {}
        if not IS_LINUX:
            import psutil  # noqa: PLC0415 - see processor.py

            running = [one.info["name"] for one in psutil.process_iter(["name"])]
            return {name: running.count(name) for name in names}
        known = {name: [one for one in self._found.get(name, []) if _name_of(one) == name[:15]] for name in names}
        if not all(known.values()) or any(len(known[name]) != len(self._found.get(name, [])) for name in names):
            known = {name: [] for name in names}
            by_short = {name[:15]: name for name in names}
            for process in names_in("/proc"):
                if process.isdecimal() and (name := by_short.get(_name_of(process))):
                    known[name].append(process)
        self._found = known
        return {name: len(processes) for name, processes in known.items()}


def _name_of(process: str) -> str:
    """The kernel's name of a process: 15 characters at most."""
    return text_or_nothing(f"/proc/{process}/comm")


def _service(name: str) -> bool:
    if IS_LINUX:
        return service_runs(name)
    if sys.platform == "win32":
        import psutil  # noqa: PLC0415 - see processor.py

        return bool(psutil.win_service_get(name).status() == "running")
    raise OSError("services are known on Linux and Windows")
