"""Windows Server Backup by Get-WBSummary, which administrators and backup operators may ask."""

from __future__ import annotations

from rounds_agent.probes.windows.powershell import moment, objects, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCRIPT = """if (Get-Command Get-WBSummary -ErrorAction SilentlyContinue) { Get-WBSummary | Select-Object
LastBackupTime,LastSuccessfulBackupTime,LastBackupResultHR,NextBackupTime,NumberOfVersions }"""


def parse(told: dict[str, Any]) -> dict[str, Any]:
    """One row: when it last went well, when it last ran, and with which HRESULT (0 is well)."""
    result = whole(told.get("LastBackupResultHR"))
    run = {
        "product": "Windows Server Backup",
        "last_at": moment(told.get("LastSuccessfulBackupTime")),
        "tried_at": moment(told.get("LastBackupTime")),
        "next_at": moment(told.get("NextBackupTime")),
        "versions": whole(told.get("NumberOfVersions")),
        "error": f"result 0x{result & 0xFFFFFFFF:08X}" if result else None,
    }
    return {name: value for name, value in run.items() if value is not None}


def runs() -> list[dict[str, Any]]:
    """One row, or none where the feature is not installed."""
    return [parse(one) for one in objects(" ".join(SCRIPT.split()))]
