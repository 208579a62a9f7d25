"""What the disks say of themselves (SMART), asked with smartctl, which is installed beside the agent on Windows too."""

from __future__ import annotations

import json
import os

from rounds_agent.probes.asking import ask
from rounds_agent.probes.reading import IS_WINDOWS, Absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ANY_STATUS = tuple(range(256))  # smartctl's is a set of bits; what it says is in its JSON
CANNOT_OPEN = 2
ATTRIBUTES = {
    5: "reallocated_sectors",
    187: "uncorrectable_errors",
    197: "pending_sectors",
    198: "offline_uncorrectable",
}


def parse(answer: str) -> dict[str, Any] | None:
    """One disk of `smartctl --json --all`; None if it sleeps, or keeps no such figures."""
    told = json.loads(answer)
    messages = [str(one.get("string", "")) for one in told.get("smartctl", {}).get("messages", [])]
    if any("STANDBY" in text or "SLEEP" in text for text in messages):
        return None
    if told.get("smartctl", {}).get("exit_status", 0) & CANNOT_OPEN and messages:
        raise OSError(messages[0])
    passed = told.get("smart_status", {}).get("passed")
    if passed is None:
        return None
    disk = {
        "device": told.get("device", {}).get("name", ""),
        "model": told.get("model_name") or told.get("scsi_model_name") or "",
        "serial": told.get("serial_number", ""),
        "bytes": told.get("user_capacity", {}).get("bytes"),
        "passed": passed,
        "hours": told.get("power_on_time", {}).get("hours"),
        "celsius": told.get("temperature", {}).get("current"),
        **_ata(told),
        **_nvme(told),
    }
    return {name: value for name, value in disk.items() if value is not None}


def _ata(told: dict[str, Any]) -> dict[str, Any]:
    rows = told.get("ata_smart_attributes", {}).get("table", [])
    raw = {row.get("id"): row.get("raw", {}).get("value") for row in rows}
    failing = [row.get("name") for row in rows if row.get("when_failed")]
    return {**{name: raw.get(number) for number, name in ATTRIBUTES.items()}, "failing": failing or None}


def _nvme(told: dict[str, Any]) -> dict[str, Any]:
    log = told.get("nvme_smart_health_information_log", {})
    return {
        "worn_percent": log.get("percentage_used"),
        "spare_percent": log.get("available_spare"),
        "media_errors": log.get("media_errors"),
        "critical_warning": log.get("critical_warning"),
    }


def steady(disks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The figures as they are told: hours in whole days, degrees in tens, so that a fact is not new all the time."""
    rounded = {"hours": 24, "celsius": 10}
    return [
        {name: value // rounded[name] * rounded[name] if name in rounded else value for name, value in disk.items()}
        for disk in disks
    ]


def measure(home: str) -> dict[str, object]:
    """All disks that keep such figures; disks that sleep are not woken, and told as they were last.

    Who is not root is shown no disks at all, which is not the same as that there are none.
    """
    del home
    found = json.loads(ask(["smartctl", "--json", "--scan-open"], accept=ANY_STATUS)).get("devices", [])
    if not found and not IS_WINDOWS and os.geteuid() != 0:
        raise PermissionError("disks tell SMART to root alone: install the agent with --as-root")
    disks = []
    for device in found:
        command = ["smartctl", "--json", "--all", "--nocheck=standby", "--device", device["type"], device["name"]]
        disk = parse(ask(command, seconds=60, accept=ANY_STATUS))
        disks += [disk] if disk is not None else []
    if not disks:
        raise Absent
    return {"facts": {"smart": {"disks": steady(disks)}}}
