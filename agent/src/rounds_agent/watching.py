"""Takes a check-in: what every probe gave, told in full when it has changed and once an hour.

The probes of every minute are asked here. What slow ones gave lies in `facts/`, one file each, written by a short-lived
child (slow.py), and is read when it is new; so long lists are not kept in memory. Events of the machine's log lie in
`events.json` until the check-in that tells of them is in the spool; only then their bookmark counts.
"""

from __future__ import annotations

import json
import os
import time
import zlib

from rounds_agent import __version__
from rounds_agent.clock import Clock, write_moment
from rounds_agent.home import files_of, keep_json, read_json, remove, under
from rounds_agent.probes import hourly_probes, quick_probes
from rounds_agent.probes.changes import stamp
from rounds_agent.probes.outcome import outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ALL_FACTS_EVERY = 60  # check-ins: a server that lost some knows everything again within the hour
LOOK_EVERY = 4  # check-ins: whether what slow probes read has changed
LARGE, LARGE_FACTS_EVERY = 4096, 1440  # bytes; check-ins: long lists within the day
SLOW_EVERY, SLOW_AT_MOST_EVERY = 900.0, 300.0  # seconds; the second when something has changed


class Watcher:
    """Measures this machine; remembers, by a checksum, which facts it has told."""

    def __init__(self, home: str | os.PathLike[str], clock: Clock) -> None:
        self.home, self.clock = os.fspath(home), clock
        self._probes, self._hourly = quick_probes(self.home), hourly_probes()
        self._told: dict[str, int] = {}
        self._facts_at = 0
        self._policy: tuple[int, list[str]] = (0, [])
        self._read: dict[str, int] = {}  # file of facts to the moment of its change
        self._without: dict[str, str] = {}  # slow probe to "absent" or its error
        self._taken = 0
        self._slow_asked_at: float | None = None
        self._stamp = ""
        self._bookmark: object = None
        self.update = ""  # what is to be told of updates

    def take(self) -> dict[str, Any]:
        """Measure everything; a check-in without its number."""
        is_full = self._taken % ALL_FACTS_EVERY == 0
        check_in: dict[str, Any] = {
            "v": 1, "taken_at": write_moment(self.clock.now()), "samples": {}, "disks": {}, "facts": {}, "probes": {},
        }  # fmt: skip
        outcomes = {name: outcome(measure) for name, measure in {**self._probes, **self._due(is_full)}.items()}
        outcomes["agent"] = {"value": {"facts": {"agent": self._agent()}}}
        for name, told in outcomes.items():
            _add(check_in, name, told)
        check_in["facts"] = {
            name: fact for name, fact in check_in["facts"].items() if self._is_new(name, fact, is_full)
        }
        self._add_slow(check_in, is_full)
        if self.clock.offset is not None:
            check_in["samples"]["clock.offset_seconds"] = round(self.clock.offset, 2)
        self._add_events(check_in)
        self._taken += 1
        return check_in

    def _due(self, is_full: bool) -> dict[str, Any]:  # noqa: FBT001 - said once, above
        return self._hourly if is_full else {}

    def _agent(self) -> dict[str, object]:
        """What is told of the agent itself; of updates only what is not as it should be."""
        told: dict[str, object] = {"version": __version__, "allows": self._allowed()}
        return {**told, "update": self.update} if self.update else told

    def _allowed(self) -> list[str]:
        """What the machine's policy allows; read again when the file has changed."""
        path = under(self.home, "policy.json")
        try:
            changed_at = os.stat(path).st_mtime_ns
        except FileNotFoundError:
            return []
        if changed_at != self._policy[0]:
            policy = read_json(path)
            self._policy = (changed_at, sorted(policy) if isinstance(policy, dict) else [])
        return self._policy[1]

    def _is_new(self, name: str, fact: object, is_full: bool) -> bool:  # noqa: FBT001 - see above
        """Is it to be told: because it differs from what was told last, or because it is time to tell all?"""
        known = zlib.crc32(json.dumps(fact, sort_keys=True).encode())
        before, self._told[name] = self._told.get(name), known
        return is_full or known != before

    def _add_slow(self, check_in: dict[str, Any], is_full: bool) -> None:  # noqa: FBT001 - see above
        """What the slow probes gave, if it is new or time to tell all."""
        folder = under(self.home, "facts")
        changed_at = os.stat(folder).st_mtime_ns if os.path.isdir(folder) else 0
        if changed_at == self._facts_at and not is_full:  # a file that is new was renamed into the folder
            check_in["probes"].update(self._without)
            return
        self._facts_at = changed_at
        for file in files_of(folder, ".json"):
            name, at = file[:-5], os.stat(under(folder, file))
            is_due = is_full and (at.st_size <= LARGE or self._taken % LARGE_FACTS_EVERY == 0)
            if at.st_mtime_ns == self._read.get(name) and not is_due:
                continue
            self._read[name] = at.st_mtime_ns
            told = read_json(under(folder, file))
            if not isinstance(told, dict):
                continue
            self._without.pop(name, None)
            if "value" not in told:
                self._without[name] = _why(told)
            for fact, value in told.get("value", {}).get("facts", {}).items():
                if self._is_new(fact, value, is_due):
                    check_in["facts"][fact] = value
        check_in["probes"].update(self._without)

    def _add_events(self, check_in: dict[str, Any]) -> None:
        found = read_json(under(self.home, "events.json"))
        if isinstance(found, dict):
            check_in["events"], check_in["bookmark"] = found.get("events", []), found.get("bookmark")
            self._bookmark = found.get("bookmark")

    def kept(self) -> None:
        """The check-in is in the spool: from now on the log is read from behind the events in it."""
        if self._bookmark is not None and keep_json(under(self.home, "bookmark.json"), self._bookmark):
            remove(under(self.home, "events.json"))
            self._bookmark = None

    def adopt(self, check_in: dict[str, Any]) -> None:
        """The newest check-in in the spool, at the start: if it tells of the events that lie here, it was a kill."""
        found = read_json(under(self.home, "events.json"))
        if isinstance(found, dict) and check_in.get("bookmark") == found.get("bookmark"):
            self._bookmark = found.get("bookmark")
            self.kept()

    def wants_slow_probes(self) -> bool:
        """Should the slow probes be asked? Every quarter of an hour, and when what they read has changed."""
        now = time.monotonic()
        if self._slow_asked_at is not None and now - self._slow_asked_at < SLOW_AT_MOST_EVERY:
            return False
        if self._taken % LOOK_EVERY != 1:
            return False
        seen = stamp()
        try:
            age = time.time() - os.stat(under(self.home, "slow.json")).st_mtime
        except FileNotFoundError:
            age = SLOW_EVERY
        is_changed, self._stamp = self._stamp not in {"", seen}, seen
        if 0 <= age < SLOW_EVERY and not is_changed:
            return False
        self._slow_asked_at = now
        return True


def _add(check_in: dict[str, Any], name: str, told: dict[str, Any]) -> None:
    """What one probe gave, in its place."""
    for part, figures in told.get("value", {}).items():
        check_in[part].update(figures)
    if "value" not in told:
        check_in["probes"][name] = _why(told)


def _why(told: dict[str, Any]) -> str:
    return "absent" if "absent" in told else f"error: {told.get('error', '')}"
