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
    descriptor = os.open(path, os.O_RDONLY)  # by hand: a text file's object costs more than its few bytes
    try:
        content = piece = os.read(descriptor, 65536)
        while piece:
            piece = os.read(descriptor, 65536)
            content += piece
    finally:
        os.close(descriptor)
    return content.decode("utf-8", "replace").strip()


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


def kilobytes_of(path: str, *names: str) -> list[int]:
    """Some figures of a file like /proc/meminfo, in bytes. LookupError or ValueError: it is not there, or is none."""
    text = f"\n{text_of(path)}"
    return [int(text.partition(f"\n{name}:")[2].partition("\n")[0].split()[0]) * 1024 for name in names]
