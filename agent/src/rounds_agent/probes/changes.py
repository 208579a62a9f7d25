"""Tells cheaply whether the answer of a slow probe may have changed."""

from pathlib import Path

APT = Path("/usr/bin/apt-get")
APT_FILES = ("/var/lib/dpkg/status", "/var/lib/apt/lists", "/etc/apt/preferences.d", "/etc/apt/sources.list.d")


def has_apt() -> bool:
    """Does this machine have apt?"""
    return APT.exists()


def stamp() -> str:
    """A text that changes when apt's answer may have changed; "" where there is no apt."""
    if not has_apt():
        return ""
    return " ".join(str(path.stat().st_mtime_ns) for path in map(Path, APT_FILES) if path.exists())
