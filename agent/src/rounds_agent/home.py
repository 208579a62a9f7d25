"""The agent's folder on the machine: its identity, the machine's own policy, and files that are whole or not there."""

import json
import os
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: bytes) -> None:
    """Write a file for the agent's user alone, so that whoever looks sees the old one or the new, never half."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: object) -> None:
    """Keep a value as JSON, whole or not at all."""
    write_whole(path, json.dumps(value, indent=1).encode())


def read_json(path: Path) -> Any:
    """Read a file of JSON; None if there is none, or none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def make_home(home: Path) -> None:
    """Make the agent's folders, closed to others."""
    for folder in (home, home / "spool", home / "jobs", home / "results"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
