"""Restores a few files of a restic repository, chosen by a seed, and compares them with the files on this machine.

docs/agent-protocol.md has the parameters, the report and the verdicts. The files are restored to an empty folder
of the agent's and removed again; nothing on the machine is changed, and nothing is written to the repository.
"""

import hashlib
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rounds_agent.clock import read_moment
from rounds_agent.duties.failing import Failed

MAX_FILE_BYTES = 1024 * 1024 * 1024  # larger ones are not chosen, unless the job says otherwise


@dataclass(frozen=True)
class Order:
    """The job's parameters, checked."""

    repository: str
    password_file: str
    snapshot: str
    seed: str
    count: int
    max_bytes: int


@dataclass(frozen=True)
class InSnapshot:
    """A file of the snapshot: where, how large, changed when."""

    path: str
    size: int
    mtime: str


def read_order(params: dict[str, Any], allowed: dict[str, Any]) -> Order:
    """Check the parameters, and that the machine's policy lists this repository with this password file."""
    order = Order(
        repository=params.get("repository", ""),
        password_file=params.get("password_file", ""),
        snapshot=params.get("snapshot", "latest"),
        seed=params.get("seed", ""),
        count=params.get("count", 3),
        max_bytes=params.get("max_bytes", MAX_FILE_BYTES),
    )
    for name, kind in Order.__annotations__.items():
        if not isinstance(getattr(order, name), kind) or not getattr(order, name):
            raise Failed("bad-params", f"“{name}” is missing or of the wrong kind")
    if not 1 <= order.count <= 100 or order.snapshot.startswith("-") or order.repository.startswith("-"):
        raise Failed("bad-params", "“count” is from 1 to 100; no name may begin with a dash")
    pair = {"repository": order.repository, "password_file": order.password_file}
    if pair not in allowed.get("repositories", []):
        raise Failed("not-allowed", f"not allowed by this machine's policy: restore-files from {order.repository}")
    if not Path(order.password_file).is_file():
        raise Failed("no-password", f"there is no file {order.password_file} on this machine")
    return order


def restore_files(params: dict[str, Any], allowed: dict[str, Any], home: Path) -> dict[str, Any]:
    """Restore, hash, compare; the report."""
    began = time.monotonic()
    order = read_order(params, allowed)
    snapshot, files = _list(order)
    eligible = [file for file in files if file.size <= order.max_bytes]
    chosen = choose(eligible, order.seed, order.count)
    if not chosen:
        raise Failed("no-files", f"snapshot {snapshot['id']} holds no file that could be chosen")
    clear(home)
    target = home / "restored"
    target.mkdir(mode=0o700)
    try:
        said = _restore(order, snapshot["id"], chosen, target)
        verdicts = [_judge(file, target, snapshot["paths"], said) for file in chosen]
    finally:
        clear(home)
    report = {
        "snapshot": {"id": snapshot["id"], "taken_at": snapshot["time"]},
        "files_in_snapshot": len(files),
        "files_too_large": len(files) - len(eligible),
        "seconds": round(time.monotonic() - began, 1),
        "files": verdicts,
    }
    return {"ok": all(one["verdict"] in {"same", "restored"} for one in verdicts), "report": report}


def clear(home: Path) -> None:
    """Remove what was restored. Folders may have come back closed to writing, and the service's root may not do all."""
    target = home / "restored"
    for folder, names, _ in os.walk(target):  # from the top: each is opened before what is in it is asked for
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(target, ignore_errors=True)


def choose(files: list[InSnapshot], seed: str, count: int) -> list[InSnapshot]:
    """The files whose SHA-256(seed + path) is smallest: anybody can check that the choice was not ours."""

    def lot(file: InSnapshot) -> bytes:
        return hashlib.sha256((seed + file.path).encode("utf-8", "surrogateescape")).digest()

    return sorted(files, key=lot)[:count]


def _restic(order: Order, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run restic: a fixed list of arguments, the password by its file, no lock and so no writing to the repository.

    Without its cache: what is to be proved is what the repository gives, and a damaged copy would outlive a repair.
    """
    options = ("--repo", order.repository, "--password-file", order.password_file, "--no-lock", "--quiet")
    try:
        return subprocess.run(
            ["restic", *arguments, *options, "--no-cache"],
            capture_output=True, text=True, errors="surrogateescape", check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise Failed("no-restic", "restic is not installed on this machine") from None


def _failure(message: str) -> Failed:
    """Why restic failed, by what it says."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("panic:", "Fatal:"))]  # a panic ends in a list of its calls
    last = (telling or lines or ["restic failed silently"])[-1]
    codes = {
        "wrong password": "no-password",
        "unable to open config file": "no-repository",
        "repository does not exist": "no-repository",
        "no snapshot found": "no-snapshot",
        "no matching id": "no-snapshot",
    }
    code = next((code for words, code in codes.items() if words in message.lower()), "restic")
    return Failed(code, last[:300])


def _list(order: Order) -> tuple[dict[str, Any], list[InSnapshot]]:
    """The snapshot (id, time, paths) and its files."""
    told = _restic(order, "ls", "--json", order.snapshot)
    if told.returncode:
        raise _failure(told.stderr)
    snapshot: dict[str, Any] | None = None
    files = []
    for line in told.stdout.splitlines():
        row = json.loads(line)
        if row.get("struct_type") == "snapshot":
            snapshot = {"id": row["short_id"], "time": row["time"], "paths": row["paths"]}
        elif row.get("type") == "file":
            files.append(InSnapshot(row["path"], row.get("size", 0), row["mtime"]))
    if snapshot is None:
        raise Failed("no-snapshot", f"restic lists no snapshot {order.snapshot}")
    return snapshot, files


def _pattern(path: str) -> str:
    """A path as a pattern of restic's that matches nothing else."""
    return "".join(f"\\{character}" if character in "*?[]\\" else character for character in path)


def _restore(order: Order, snapshot_id: str, chosen: list[InSnapshot], target: Path) -> str:
    """Restore the chosen files; what restic complained of. Each file is judged by itself afterwards."""
    include = [text for file in chosen for text in ("--include", _pattern(file.path))]
    return _restic(order, "restore", snapshot_id, "--target", str(target), *include).stderr.strip()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _judge(file: InSnapshot, target: Path, roots: list[str], said: str) -> dict[str, Any]:
    """The verdict on one restored file."""
    told: dict[str, Any] = {"path": _printable(file.path), "size": file.size, "sha256": ""}
    back = target / file.path.lstrip("/")
    if not back.is_file():
        why = said.splitlines()[-1][:300] if said else "restic brought nothing back"
        return {**told, "verdict": "failed", "why": why}
    told["sha256"] = _sha256(back)
    if back.stat().st_size != file.size:
        return {**told, "verdict": "failed", "why": f"{back.stat().st_size} bytes came back"}
    return {**told, **_compare(file, told["sha256"], _live(file.path, roots))}


def _compare(file: InSnapshot, restored_sha256: str, live: Path | None) -> dict[str, str]:
    """The verdict on a file that came back, by the one on the machine."""
    if live is None:
        return {"verdict": "restored", "why": "the file is gone from the machine"}
    if not _is_unchanged(live, file):
        return {"verdict": "restored", "why": "the file has changed since"}
    hashed = _sha256(live)
    if not _is_unchanged(live, file):
        return {"verdict": "restored", "why": "the file was changed while it was compared"}
    if hashed != restored_sha256:
        return {"verdict": "different", "why": f"the file on the machine has {hashed}"}
    return {"verdict": "same"}


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _live(path: str, roots: list[str]) -> Path | None:
    """Where the file stands on the machine; restic names those of a relative backup from their last folder on."""
    places = [Path(path), *(Path(root).parent / path.lstrip("/") for root in roots)]
    return next((place for place in places if place.is_file() and not place.is_symlink()), None)


def _is_unchanged(live: Path, file: InSnapshot) -> bool:
    """Does the live file still claim to be what was backed up? Its size and its time of change say so."""
    told = live.stat()
    return told.st_size == file.size and told.st_mtime_ns == nanoseconds(file.mtime)


def nanoseconds(moment: str) -> int:
    """A moment of restic's (2026-11-22T21:00:00.123456789+02:00) in nanoseconds since 1970."""
    clock, sign, zone = moment.removesuffix("Z"), 0, ""
    for mark in "+-":
        head, found, tail = clock[19:].partition(mark)
        if found:
            clock, sign, zone = clock[:19] + head, 1 if mark == "+" else -1, tail
    whole, _, fraction = clock.partition(".")
    ahead = sign * (int(zone[:2]) * 3600 + int(zone[3:5]) * 60) if zone else 0
    return (int(read_moment(whole)) - ahead) * 1_000_000_000 + int(fraction.ljust(9, "0") or 0)
