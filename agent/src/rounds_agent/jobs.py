"""The jobs that the shop has ordered of this machine: kept, done one by one in child processes, reported once.

A job's file stands in `jobs/` until its result stands in `results/`; that goes when a check-in that carried it has been
acknowledged. Ids of jobs that were reported are remembered, so a job that is named again is not done again.
"""

from __future__ import annotations

import os
import time

from rounds_agent.clock import write_moment
from rounds_agent.home import files_of, keep_json, read_json, remove, under, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_TRIES = 2
REMEMBERED = 1000


class Jobs:
    """What is ordered, what is running, what is to be reported."""

    def __init__(self, home: str | os.PathLike[str]) -> None:
        self.home = os.fspath(home)
        self.reported: list[int] = read_json(under(home, "reported.json")) or []

    def _waiting(self) -> list[str]:
        names = (name for name in files_of(under(self.home, "jobs"), ".json") if name[:-5].isdecimal())
        return sorted(names, key=lambda name: int(name[:-5]))

    def _result(self, name: str) -> str:
        return under(self.home, "results", name)

    def accept(self, named: object) -> None:
        """Keep the jobs that an answer names and that are new."""
        for job in named if isinstance(named, list) else []:
            if not isinstance(job, dict) or not isinstance(job.get("id"), int):
                continue
            name = f"{job['id']}.json"
            known = job["id"] in self.reported or os.path.exists(self._result(name))
            path = under(self.home, "jobs", name)
            if not known and not os.path.exists(path):
                keep_json(path, {**job, "tries": 0})  # where the disk does not take it, the next answer names it again

    def next(self) -> int | None:
        """The id of the job to do now; one that was begun twice and never ended is reported as interrupted."""
        for name in self._waiting():
            path = under(self.home, "jobs", name)
            job = read_json(path)
            if not isinstance(job, dict) or os.path.exists(self._result(name)):
                remove(path)
                continue
            if job["tries"] >= MAX_TRIES:
                error = {
                    "code": "interrupted",
                    "reason": f"it was begun {job['tries']} times and ended by force each time",
                }
                if keep_json(self._result(name), _result(job["id"], {"ok": False, "error": error})):
                    remove(path)
                continue
            if keep_json(path, {**job, "tries": job["tries"] + 1}):
                return int(name[:-5])
        return None

    def results(self) -> list[dict[str, Any]]:
        """What is to be reported."""
        told = (read_json(self._result(name)) for name in files_of(under(self.home, "results"), ".json"))
        return [result for result in told if isinstance(result, dict)]

    def has_results(self) -> bool:
        """Is there anything to be reported?"""
        return bool(files_of(under(self.home, "results"), ".json"))

    def acknowledge(self, results: list[dict[str, Any]]) -> None:
        """The server has these: forget them, but not that they were done; until that is kept they are told again."""
        if not results:
            return
        reported = [*self.reported, *(result["job"] for result in results)][-REMEMBERED:]
        if not keep_json(under(self.home, "reported.json"), reported):
            return
        self.reported = reported
        for result in results:
            remove(self._result(f"{result['job']}.json"))
            remove(under(self.home, "jobs", f"{result['job']}.json"))


def report(home: str | os.PathLike[str], job_id: int, told: dict[str, Any]) -> None:
    """Leave a job's result to be reported."""
    write_json(under(home, "results", f"{job_id}.json"), _result(job_id, told))


def _result(job_id: int, told: dict[str, Any]) -> dict[str, Any]:
    return {"job": job_id, "at": write_moment(time.time()), **told}
