"""Sends what the spool holds, the newest by itself, the rest in batches, and does with each answer what it says."""

from __future__ import annotations

import json
import time

from rounds_agent.clock import Clock, read_moment, write_moment
from rounds_agent.jobs import Jobs
from rounds_agent.others import Others
from rounds_agent.spool import Spool, name_of, unpack
from rounds_agent.transport import Line, NoAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ASK_AGAIN_AFTER = 900.0  # seconds: when the server does not know this agent
FAR_OFF = 120.0
MOST_AT_ONCE = 200  # check-ins in a batch
BATCH_BYTES = 256 * 1024
LATER = {408, 413, 429}


class Sender:
    """One connection's worth of sending at a time; `trouble` says why the last round ended early, "" if it did not.

    `is_distrusted`: the server's certificate was refused. `is_reached`: it has acknowledged something. `copied`: the
    token with which this machine is to enrol anew, since another one has the same identity.
    """

    def __init__(self, line: Line, secret: str, spool: Spool, clock: Clock, orders: tuple[Jobs, Others]) -> None:
        self.line, self.spool, self.clock = line, spool, clock
        self.jobs, self.others = orders
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.trouble, self.copied, self.nonce = "", "", ""
        self.is_distrusted, self.is_reached = False, False
        self.quiet_until = 0.0
        self.at_once = MOST_AT_ONCE

    def send(self, until: float) -> None:
        """Send until nothing waits, the next check-in is due (`until`, monotonic), or it does not go well."""
        if time.monotonic() < self.quiet_until:
            return
        self.trouble, self.is_distrusted = "", False
        names = self.spool.newest_first()
        goes_on = self._send_one(names.pop(0)) if names else True
        while names and goes_on and time.monotonic() < until:
            batch = self._batch(names)
            goes_on = self._send_one(batch[0]) if len(batch) == 1 else self._send_many(batch)
            if len(batch) <= self.at_once:  # else it was too much for the way, and goes again in parts
                del names[: len(batch)]
        self.line.close()

    def _batch(self, names: list[str]) -> list[str]:
        """The next names that go together: so many, and not more bytes than are taken."""
        batch, size = names[:1], self.spool.size(names[0])
        for name in names[1 : self.at_once]:
            size += self.spool.size(name) + 4
            if size > BATCH_BYTES:
                break
            batch.append(name)
        return batch

    def _ask(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
        """Post; the answer, or None and `trouble` if there is none. What every answer has is heard here."""
        nonce = {"Rounds-Nonce": self.nonce} if self.nonce else {}
        watches = {"Rounds-Watches": self.others.version or "none"}
        try:
            status, text = self.line.post(path, body, {**self.headers, **headers, **nonce, **watches})
        except NoAnswer as why:
            self.trouble, self.is_distrusted = str(why), why.is_distrust
            return None
        answer = _mapping(text)
        if isinstance(answer.get("time"), str):
            self.clock.hear(answer["time"])
        if isinstance(answer.get("nonce"), str):
            self.nonce = answer["nonce"][:64]
        if status == 409 and answer.get("code") == "copied" and isinstance(answer.get("token"), str):
            self.copied = answer["token"]
        if status != 200:
            self.trouble = f"HTTP {status}: {answer.get('reason', 'not an answer of Rounds')}"
        if status in {401, 403}:
            self.quiet_until = time.monotonic() + ASK_AGAIN_AFTER
        return status, answer

    def _send_one(self, name: str) -> bool:
        """Send one check-in; False if there is no use in sending more now."""
        body = self.spool.body(name)
        if body is None:
            return True
        told = self._ask("/check-in", body, {"Content-Encoding": "deflate"})
        if told is None:
            return False
        status, answer = told
        if status == 200 and "received" in answer:
            self._acknowledged(name, body)
            self.jobs.accept(answer.get("jobs"))
            self.others.accept(answer.get("watches"))
            self._compare(body, answer.get("highest"))
            return True
        if status == 200:
            self.trouble = "HTTP 200: not an answer of Rounds"
        return self._refused(name, body, answer) and _goes_on(status)

    def _send_many(self, names: list[str]) -> bool:
        """Send a batch: each check-in as it is, its length before it. What is too much for the way goes in parts."""
        bodies = {name: body for name in names if (body := self.spool.body(name)) is not None}
        packed = b"".join(len(body).to_bytes(4, "big") + body for body in bodies.values())
        told = self._ask("/check-ins", packed, {"Content-Type": "application/octet-stream"})
        if told is None or told[0] != 200 or not isinstance(told[1].get("kept"), list):
            self.trouble = self.trouble or "HTTP 200: not an answer of Rounds"
            self.at_once = max(1, len(names) // 2)
            return told is not None and (told[0] == 413 or told[1].get("code") == "cut")
        self.at_once = max(self.at_once, min(MOST_AT_ONCE, len(names) + len(names) // 4 + 1))
        for epoch, number in told[1]["kept"]:
            if (name := name_of(epoch, number)) in bodies:
                self._acknowledged(name, bodies[name])
        for refusal in told[1].get("refused", ()):
            if (name := name_of(refusal.get("epoch", 0), refusal.get("number", 0))) in bodies:
                self._refused(name, bodies[name], refusal)
        self.jobs.accept(told[1].get("jobs"))
        return True

    def _acknowledged(self, name: str, body: bytes) -> None:
        self.spool.remove(name)
        self.is_reached = True
        if self.jobs.has_results() and (results := unpack(body).get("results")):
            self.jobs.acknowledge(results)

    def _compare(self, body: bytes, highest: object) -> None:
        """Has the server numbers that this agent never gave out? Then its disk was set back, and it begins an epoch."""
        if isinstance(highest, int) and highest > self.spool.number and unpack(body)["epoch"] == self.spool.epoch:
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


def _goes_on(status: int) -> bool:
    """Is there any use in sending the next one now?"""
    return status not in {401, 403, 409, *LATER} and status < 500


def _mapping(text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
