"""Whether the machine waits for a restart: by the system's own mark, or because a newer kernel is installed."""

from __future__ import annotations

import os

from rounds_agent.probes.reading import IS_LINUX, Absent, names_in, text_or_nothing

MARK = "/run/reboot-required"


def by_version(kernel: str) -> list[tuple[int, int, str]]:
    """A key that puts kernels in the order of their versions: numbers as numbers, the rest as text."""
    parts: list[str] = [""]
    for character in kernel:
        if parts[-1] and parts[-1][-1].isdigit() != character.isdigit():
            parts.append("")
        parts[-1] += character
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def newer_kernel(running: str, installed: list[str]) -> str:
    """The newest installed kernel of the running one's flavour, if it is newer; "" if none is."""
    flavour = running.split("-", 2)[2:]  # of 6.1.0-25-cloud-amd64: cloud-amd64
    alike = [kernel for kernel in installed if kernel.split("-", 2)[2:] == flavour]
    newest = max(alike, key=by_version, default=running)
    return newest if by_version(newest) > by_version(running) else ""


def measure() -> dict[str, object]:
    """Needed or not, and why; absent where nothing on the machine would tell."""
    if not IS_LINUX:
        raise Absent
    if os.path.exists(MARK):
        packages = sorted(set(text_or_nothing(f"{MARK}.pkgs").split()))
        why = f"asked for by {', '.join(packages[:5])}" if packages else "asked for by an update"
        return {"facts": {"reboot": {"needed": True, "why": why}}}
    installed = [name.removeprefix("vmlinuz-") for name in names_in("/boot") if name.startswith("vmlinuz-")]
    if not installed and not os.path.exists("/etc/debian_version"):
        raise Absent
    newer = newer_kernel(os.uname().release, installed)
    why = f"a newer kernel is installed: {newer}" if newer else ""
    return {"facts": {"reboot": {"needed": bool(newer), "why": why}}}
