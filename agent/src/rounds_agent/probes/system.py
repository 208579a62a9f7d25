"""The operating system, its version and its kernel."""

from __future__ import annotations

import os

from rounds_agent.probes.reading import IS_LINUX, text_of


def release(text: str) -> dict[str, str]:
    """The fields of an os-release file (freedesktop.org, os-release(5))."""
    rows = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in rows}


def measure() -> dict[str, object]:
    """What it calls itself."""
    if IS_LINUX:
        told = release(text_of("/etc/os-release"))
        name = told.get("PRETTY_NAME") or told.get("NAME") or "Linux"
        fact = {"family": "linux", "id": told.get("ID", ""), "name": name, "version": told.get("VERSION_ID", "")}
        return {"facts": {"os": {**fact, "kernel": os.uname().release}}}
    import platform  # noqa: PLC0415 - wanted only where there is no /etc/os-release

    family, version = platform.system().lower(), platform.release()
    return {
        "facts": {"os": {"family": family, "name": platform.platform(terse=True), "version": version, "kernel": ""}}
    }
