"""Sends what the spool holds, the newest first, and does with each answer what the protocol says."""

import json
import time
from typing import Any

from rounds_agent.clock import Clock, read_moment, write_moment
from rounds_agent.jobs import Jobs
from rounds_agent.spool import Spool, unpack
from rounds_agent.transport import Line, NoAnswer

ASK_AGAIN_AFTER = 900.0  # seconds: when the server does not know this agent
FAR_OFF = 120.0


class Sender:
    """One connection's worth of sending at a time; `trouble` says why the last round ended early, "" if it did not."""

    def __init__(self, line: Line, secret: str, spool: Spool, clock: Clock, jobs: Jobs) -> None:
        self.line, self.spool, self.clock, self.jobs = line, spool, clock, jobs
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Encoding": "deflate"}
        self.trouble = ""
        self.quiet_until = 0.0

    def send(self, until: float) -> None:
        """Send until nothing waits, the next check-in is due (`until`, monotonic), or it does not go well."""
        if time.monotonic() < self.quiet_until:
            return
        self.trouble = ""
        for name in self.spool.newest_first():
            body = self.spool.body(name)
            if body is not None and not self._send_one(name, body):
                break
            if time.monotonic() >= until:
                break
        self.line.close()

    def _send_one(self, name: str, body: bytes) -> bool:
        """Send one check-in; False if there is no use in sending more now."""
        try:
            status, text = self.line.post("/check-in", body, self.headers)
        except NoAnswer as why:
            self.trouble = str(why)
            return False
        answer = _mapping(text)
        if isinstance(answer.get("time"), str):
            self.clock.hear(answer["time"])
        if status == 200 and "received" in answer:
            self._acknowledged(name, body, answer)
            return True
        self.trouble = f"HTTP {status}: {answer.get('reason', 'not an answer of Rounds')}"
        if status in {401, 403}:
            self.quiet_until = time.monotonic() + ASK_AGAIN_AFTER
            return False
        can_go_on = status not in {408, 429} and status < 500
        return self._refused(name, body, answer) and can_go_on

    def _acknowledged(self, name: str, body: bytes, answer: dict[str, Any]) -> None:
        self.spool.remove(name)
        sent = unpack(body)
        self.jobs.acknowledge(sent.get("results", []))
        self.jobs.accept(answer.get("jobs"))
        highest = answer.get("highest")
        if isinstance(highest, int) and sent["epoch"] == self.spool.epoch and highest > self.spool.number:
            self.spool.begin_epoch(body)

    def _refused(self, name: str, body: bytes, answer: dict[str, Any]) -> bool:
        """Drop, keep or correct, as the refusal says; what is no refusal of Rounds keeps everything."""
        if "drop" not in answer:
            return False
        offset = self.clock.offset or 0.0
        if (
            answer.get("code") in {"future", "stale"}
            and abs(offset) > FAR_OFF
            and "clock" not in (sent := unpack(body))
        ):
            self.spool.restamp(name, write_moment(read_moment(sent["taken_at"]) + offset), offset)
            return True
        if answer["drop"] is True:
            self.spool.drop(name)
        return True


def _mapping(text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
