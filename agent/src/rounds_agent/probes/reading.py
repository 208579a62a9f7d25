"""What probes share: Absent, which machine this is, and short files of /proc and /sys."""

from __future__ import annotations

import os
import sys

IS_LINUX = sys.platform.startswith("linux")
IS_WINDOWS = sys.platform == "win32"


class Absent(Exception):
    """This machine has no such thing: neither a value nor an error."""


def text_of(path: str) -> str:
    """The text of a short file, without the space around it."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().strip()


def text_or_nothing(path: str) -> str:
    """The text of a short file; "" if it is not there or not for us."""
    try:
        return text_of(path)
    except OSError:
        return ""


def names_in(folder: str) -> list[str]:
    """What stands in a folder, in order; nothing if there is none."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def kilobytes_of(path: str) -> dict[str, int]:
    """A file like /proc/meminfo as names to bytes."""
    rows = (line.partition(":") for line in text_of(path).splitlines())
    return {name: int(figure.split()[0]) * 1024 for name, _, figure in rows if figure.split()[:1]}
