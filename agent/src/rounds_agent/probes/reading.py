"""What probes share: Absent, which machine this is, and short files of /proc and /sys."""

import sys
from pathlib import Path

IS_LINUX = sys.platform.startswith("linux")


class Absent(Exception):
    """This machine has no such thing: neither a value nor an error."""


def text_of(path: str) -> str:
    """The text of a short file, without the space around it."""
    return Path(path).read_text(encoding="utf-8", errors="replace").strip()


def text_or_nothing(path: str) -> str:
    """The text of a short file; "" if it is not there or not for us."""
    try:
        return text_of(path)
    except OSError:
        return ""


def kilobytes_of(path: str) -> dict[str, int]:
    """A file like /proc/meminfo as names to bytes."""
    rows = (line.partition(":") for line in text_of(path).splitlines())
    return {name: int(figure.split()[0]) * 1024 for name, _, figure in rows if figure.split()[:1]}
