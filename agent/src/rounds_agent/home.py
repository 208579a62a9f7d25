"""The agent's folder on the machine: its identity, the machine's own policy, and files that are whole or not there.

Paths are plain texts here and in all that stays in memory: pathlib would cost half a megabyte for good.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)  # the installer writes here as root, where the agent's user could lay links
FOLDERS = ("spool", "jobs", "results")


def under(home: str | os.PathLike[str], *names: str) -> str:
    """A path in the agent's folder."""
    return os.path.join(home, *names)


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file for the agent's user alone, so that whoever looks sees the old one or the new, never half."""
    folder, name = os.path.split(os.fspath(path))
    fresh = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | BINARY | NOFOLLOW, 0o600)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(fresh, path)
    except OSError:
        remove(fresh)
        raise


def read_whole(path: str | os.PathLike[str]) -> bytes:
    """A file's bytes."""
    with open(path, "rb") as file:
        return file.read()


def remove(path: str | os.PathLike[str]) -> None:
    """Remove a file, if it is there and can be removed."""
    try:
        os.unlink(path)
    except OSError:
        return


def write_json(path: str | os.PathLike[str], value: object) -> None:
    """Keep a value as JSON, whole or not at all."""
    write_whole(path, json.dumps(value, indent=1).encode())


def keep_json(path: str | os.PathLike[str], value: object) -> bool:
    """Keep a value as JSON; False if the disk does not take it, which must not silence the agent."""
    try:
        write_json(path, value)
    except OSError:
        return False
    return True


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a file of JSON; None if there is none, or none that can be read."""
    try:
        return json.loads(read_whole(path))
    except (FileNotFoundError, ValueError):
        return None


def make_home(home: str | os.PathLike[str]) -> None:
    """Make the agent's folders, closed to others."""
    for folder in (under(home), *(under(home, name) for name in FOLDERS)):
        os.makedirs(folder, mode=0o700, exist_ok=True)


def files_of(folder: str | os.PathLike[str], suffix: str) -> list[str]:
    """The names in a folder that end so, in order; none if there is no such folder."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(suffix) and not name.startswith("."))
    except FileNotFoundError:
        return []
