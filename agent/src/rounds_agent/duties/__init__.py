"""The duties that an agent knows, one file each, done in a process of their own if the machine's policy allows."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rounds_agent.duties import restore_files
from rounds_agent.duties.failing import Failed
from rounds_agent.home import read_json
from rounds_agent.jobs import report

DUTIES: dict[str, Callable[[dict[str, Any], dict[str, Any], Path], dict[str, Any]]] = {
    "restore-files": restore_files.restore_files
}
MAX_SECONDS = 86_400


class TimedOut(Exception):
    """The time that the shop allows for the job is over."""


def _time_out(*_: object) -> None:
    raise TimedOut


def do_job(place: str | Path, job_id: str) -> int:
    """Do one job and leave its result; what the policy does not allow, or fails, is a result as well."""
    home = Path(place)
    job = read_json(home / "jobs" / f"{job_id}.json")
    if not isinstance(job, dict):
        print(f"rounds-agent: there is no job {job_id}", file=sys.stderr)
        return 1
    limit = job.get("within_seconds")
    seconds = limit if isinstance(limit, int) and 0 < limit <= MAX_SECONDS else 3600
    if sys.platform != "win32":  # there the agent itself ends a job that takes too long
        signal.signal(signal.SIGALRM, _time_out)
        signal.alarm(seconds)
    try:
        told = _do(home, job)
    except Failed as failed:
        told = {"ok": False, "error": {"code": failed.code, "reason": str(failed)}}
    except TimedOut:
        told = {"ok": False, "error": {"code": "timed-out", "reason": f"not finished after {seconds} seconds"}}
    except OSError as error:
        told = {"ok": False, "error": {"code": "failed", "reason": str(error)}}
    if sys.platform != "win32":
        signal.alarm(0)
    report(home, job["id"], told)
    return 0


def tidy(place: str | Path) -> int:
    """Remove what jobs that were ended by force have left."""
    restore_files.clear(Path(place))
    return 0


def _do(home: Path, job: dict[str, Any]) -> dict[str, Any]:
    kind, params = job.get("kind"), job.get("params")
    if not isinstance(kind, str) or kind not in DUTIES:
        raise Failed("unknown-kind", f"this agent knows no duty “{kind}”; it knows {', '.join(DUTIES)}")
    if not isinstance(params, dict):
        raise Failed("bad-params", "params are missing")
    policy = read_json(home / "policy.json")
    allowed = policy.get(kind) if isinstance(policy, dict) else None
    if not isinstance(allowed, dict):
        raise Failed("not-allowed", f"not allowed by this machine's policy: {kind}")
    return DUTIES[kind](params, allowed, home)
