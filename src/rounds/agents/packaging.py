"""Packs the agent as it is installed on machines: one archive, the same to the byte wherever it is packed.

It holds the agent's folder, as `base/` of an installation, and its launcher. Its files are those of the agent that is
installed beside this server; they are read from its disk and never imported, as agent and server share no code.
"""

import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from rounds.agents import releasing
from rounds.agents.releasing import Package

EMBEDDABLE, PSUTIL = "python-*-embed-amd64.zip", "psutil-*-win_amd64.whl"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the moment of every file, so that equal files are equal archives


class NoAgent(Exception):
    """The agent is not installed beside this server."""


def sources() -> Path:
    """Where the agent's own files lie."""
    spec = find_spec("rounds_agent")
    if spec is None or not spec.submodule_search_locations:
        raise NoAgent("the agent is not installed beside this server; make setup installs it")
    return Path(spec.submodule_search_locations[0])


def pack(folder: Path) -> Package:
    """Pack an agent's files, stored as they are: what a compressor makes of them differs by its version."""
    version = re.search(r'^__version__ = "([0-9.]+)"$', (folder / "__init__.py").read_text(), re.MULTILINE)
    if version is None:
        raise NoAgent(f"{folder} does not say which version it is")
    files = {f"rounds_agent/{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*.py")}
    files["__main__.py"] = (folder / "entry.py").read_bytes()
    files["version.json"] = json.dumps({"version": version[1]}).encode()
    gathered = io.BytesIO()
    with zipfile.ZipFile(gathered, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, content)
    return Package(version[1], gathered.getvalue())


@cache
def own() -> Package:
    """The package of the agent beside this server, packed once a process."""
    return pack(sources())


def current(home: Path) -> Package:
    """The package that machines are to have: that of the release that is given out, else the one beside this server."""
    release = releasing.read(home / releasing.FOLDER)
    if release is None:
        return own()
    return _released(release.package, releasing.says(release.release)["version"])


@lru_cache(4)
def _released(path: Path, version: str) -> Package:
    return Package(version, path.read_bytes())


@dataclass(frozen=True, slots=True)
class Part:
    """A file that machines with Windows need beside the agent; the owner has put it there."""

    path: Path
    sha256: str


def windows_parts(home: Path) -> tuple[Part, Part] | None:
    """Python's embeddable package and psutil's wheel for it, from the installation's `windows` folder; None if not all.

    They are served from here, so that a machine fetches nothing from anybody else, and just what the owner has checked.
    """
    folder = home / "windows"
    found = [max(folder.glob(pattern), default=None) for pattern in (EMBEDDABLE, PSUTIL)]
    python, psutil = (_part(path, path.stat().st_mtime_ns) if path else None for path in found)
    return (python, psutil) if python and psutil else None


@lru_cache(8)
def _part(path: Path, _changed_at: int) -> Part:
    with path.open("rb") as file:
        return Part(path, hashlib.file_digest(file, "sha256").hexdigest())


def by_hash(home: Path, sha256: str) -> bytes | Path | None:
    """What this server gives out under a hash: a package, a file; None if there is no such thing."""
    for package in (current(home), own()):
        if package.sha256 == sha256:
            return package.body
    return next((part.path for part in windows_parts(home) or () if part.sha256 == sha256), None)
