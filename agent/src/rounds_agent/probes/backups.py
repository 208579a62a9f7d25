"""When each backup ran last and how large it is: restic's repositories of the policy, and Windows Server Backup."""

from __future__ import annotations

import json

from rounds_agent.home import read_json, under
from rounds_agent.probes.asking import ask
from rounds_agent.probes.reading import IS_WINDOWS, Absent
from rounds_agent.probes.windows import server_backup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def newest(answer: str) -> dict[str, Any]:
    """Of `restic snapshots --json`: the newest; LookupError if there is none."""
    snapshots = json.loads(answer) or []
    if not snapshots:
        raise LookupError("the repository holds no snapshot")
    last = max(snapshots, key=lambda one: str(one["time"]))
    told = {
        "snapshot": last["short_id"],
        "last_at": last["time"],
        "host": last["hostname"],
        "paths": last["paths"][:20],
    }
    size = last.get("summary", {}).get("total_bytes_processed")  # restic 0.17 and later
    return {**told, **({"bytes": size} if size is not None else {})}


def _restic(repository: str, password_file: str) -> dict[str, Any]:
    """One repository; asked without a lock, so that nothing is written to it."""
    options = ["--repo", repository, "--password-file", password_file, "--no-lock", "--json"]
    told = newest(ask(["restic", "snapshots", *options], seconds=300))
    if "bytes" not in told:
        stats = json.loads(ask(["restic", "stats", told["snapshot"], *options], seconds=600))
        told["bytes"], told["files"] = stats["total_size"], stats["total_file_count"]
    return told


def _run(pair: dict[str, str]) -> dict[str, Any]:
    run = {"product": "restic", "repository": pair["repository"]}
    try:
        return {**run, **_restic(pair["repository"], pair["password_file"])}
    except Absent:
        return {**run, "error": "restic is not installed on this machine"}
    except (OSError, LookupError, ValueError) as error:
        return {**run, "error": str(error)[:300]}


def measure(home: str) -> dict[str, object]:
    """One row a backup; absent where the agent knows of none."""
    policy = read_json(under(home, "policy.json"))
    allowed = policy.get("restore-files", {}) if isinstance(policy, dict) else {}
    runs = [_run(pair) for pair in allowed.get("repositories", [])]
    if IS_WINDOWS:
        runs += server_backup.runs()
    if not runs:
        raise Absent
    return {"facts": {"backups": {"runs": runs}}}
