"""The jobs that the shop has ordered of this machine: kept, done one by one in child processes, reported once.

A job's file stands in `jobs/` until its result stands in `results/`; that goes when a check-in that carried it has been
acknowledged. Ids of jobs that were reported are remembered, so a job that is named again is not done again.
"""

import time
from pathlib import Path
from typing import Any

from rounds_agent.clock import write_moment
from rounds_agent.home import read_json, write_json

MAX_TRIES = 2
REMEMBERED = 1000


class Jobs:
    """What is ordered, what is running, what is to be reported."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.reported: list[int] = read_json(home / "reported.json") or []

    def _waiting(self) -> list[Path]:
        return sorted((self.home / "jobs").glob("*.json"), key=lambda path: int(path.stem))

    def accept(self, named: object) -> None:
        """Keep the jobs that an answer names and that are new."""
        for job in named if isinstance(named, list) else []:
            if not isinstance(job, dict) or not isinstance(job.get("id"), int):
                continue
            known = job["id"] in self.reported or (self.home / "results" / f"{job['id']}.json").exists()
            path = self.home / "jobs" / f"{job['id']}.json"
            if not known and not path.exists():
                write_json(path, {**job, "tries": 0})

    def next(self) -> int | None:
        """The id of the job to do now; one that was begun twice and never ended is reported as interrupted."""
        for path in self._waiting():
            job = read_json(path)
            if not isinstance(job, dict) or (self.home / "results" / path.name).exists():
                path.unlink(missing_ok=True)
                continue
            if job["tries"] >= MAX_TRIES:
                error = {
                    "code": "interrupted",
                    "reason": f"it was begun {job['tries']} times and ended by force each time",
                }
                report(self.home, job["id"], {"ok": False, "error": error})
                path.unlink(missing_ok=True)
                continue
            write_json(path, {**job, "tries": job["tries"] + 1})
            return int(path.stem)
        return None

    def results(self) -> list[dict[str, Any]]:
        """What is to be reported."""
        told = (read_json(path) for path in sorted((self.home / "results").glob("*.json")))
        return [result for result in told if isinstance(result, dict)]

    def acknowledge(self, results: list[dict[str, Any]]) -> None:
        """The server has these: forget them, but not that they were done."""
        if not results:
            return
        self.reported = [*self.reported, *(result["job"] for result in results)][-REMEMBERED:]
        write_json(self.home / "reported.json", self.reported)
        for result in results:
            (self.home / "results" / f"{result['job']}.json").unlink(missing_ok=True)
            (self.home / "jobs" / f"{result['job']}.json").unlink(missing_ok=True)


def report(home: Path, job_id: int, told: dict[str, Any]) -> None:
    """Leave a job's result to be reported."""
    write_json(home / "results" / f"{job_id}.json", {"job": job_id, "at": write_moment(time.time()), **told})
