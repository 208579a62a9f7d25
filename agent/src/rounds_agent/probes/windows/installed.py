"""Programs, by the registry's lists of what can be uninstalled; services that should run by themselves and failed."""

from __future__ import annotations

import sys

from rounds_agent.probes.windows.powershell import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

KEYS = (
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    r"SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
)
FAILED = (
    """Get-CimInstance Win32_Service -Filter "StartMode='Auto' and State='Stopped'" | Select-Object Name,ExitCode"""
)
NEVER_STARTED, NO_ERROR = 1077, 0


def parse_programs(entries: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Name to version; parts of the system and updates of programs are not programs."""
    found = {}
    for entry in entries:
        name = str(entry.get("DisplayName") or "").strip()
        if name and not entry.get("SystemComponent") and not entry.get("ParentKeyName"):
            found[name] = str(entry.get("DisplayVersion") or "")
    return found


def _entries() -> Iterable[dict[str, Any]]:
    if sys.platform != "win32":
        return
    import winreg  # noqa: PLC0415 - there alone

    for path in KEYS:
        try:
            key = winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path)
        except FileNotFoundError:
            continue
        for index in range(winreg.QueryInfoKey(key)[0]):
            with winreg.OpenKey(key, winreg.EnumKey(key, index)) as program:
                rows = (winreg.EnumValue(program, number) for number in range(winreg.QueryInfoKey(program)[1]))
                yield {name: value for name, value, _ in rows}


def programs() -> dict[str, str]:
    """What is installed for all users."""
    return parse_programs(_entries())


def parse_services(told: list[dict[str, Any]]) -> list[str]:
    """Those that ended with an error; stopped without one, or never started since the boot, is as it may be."""
    return sorted(str(one["Name"]) for one in told if one.get("ExitCode") not in {NO_ERROR, NEVER_STARTED, None})


def failed_services() -> list[str]:
    """Ask for them."""
    return parse_services(objects(FAILED))
