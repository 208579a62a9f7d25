"""Tells cheaply whether the answer of a slow probe may have changed."""

from __future__ import annotations

import os

APT = "/usr/bin/apt-get"
WATCHED = (
    "/var/lib/dpkg/status",
    "/var/lib/apt/lists",
    "/etc/apt/preferences.d",
    "/etc/apt/sources.list.d",
    "/var/lib/rpm",
    "/var/lib/clamav",
    "/etc/group",
    "/etc/passwd",
)


def has_apt() -> bool:
    """Does this machine have apt?"""
    return os.path.exists(APT)


def stamp() -> str:
    """A text that changes when the answer of a slow probe may have changed."""
    return " ".join(_changed_at(path) for path in WATCHED)


def _changed_at(path: str) -> str:
    try:
        return str(os.stat(path).st_mtime_ns)
    except OSError:
        return "-"
