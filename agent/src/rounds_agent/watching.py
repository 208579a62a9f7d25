"""Takes a check-in: what every probe gave, told in full when it has changed and once an hour."""

import json
import time
from pathlib import Path
from typing import Any

from rounds_agent import __version__
from rounds_agent.clock import Clock, write_moment
from rounds_agent.home import read_json
from rounds_agent.probes import quick_probes
from rounds_agent.probes.changes import stamp
from rounds_agent.probes.outcome import outcome

ALL_FACTS_EVERY = 60  # check-ins: a server that lost some knows everything again within the hour
SLOW_AT_MOST_EVERY, SLOW_AT_LEAST_EVERY = 3600.0, 86_400.0


class Watcher:
    """Measures this machine; remembers which facts it has told."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self.home, self.clock = home, clock
        self._probes = quick_probes()
        self._told: dict[str, str] = {}
        self._taken = 0
        self._slow_asked_at: float | None = None

    def take(self) -> dict[str, Any]:
        """Measure everything; a check-in without its number."""
        taken_at = write_moment(self.clock.now())
        outcomes = {name: outcome(measure) for name, measure in self._probes.items()}
        outcomes.update((read_json(self.home / "slow.json") or {}).get("told", {}))
        outcomes["agent"] = {"value": {"facts": {"agent": {"version": __version__, "allows": self._allowed()}}}}
        check_in: dict[str, Any] = {"v": 1, "taken_at": taken_at, "samples": {}, "disks": {}, "facts": {}, "probes": {}}
        for name, told in outcomes.items():
            for part, figures in told.get("value", {}).items():
                check_in[part].update(figures)
            if "value" not in told:
                check_in["probes"][name] = "absent" if "absent" in told else f"error: {told.get('error', '')}"
        if self.clock.offset is not None:
            check_in["samples"]["clock.offset_seconds"] = round(self.clock.offset, 2)
        check_in["facts"] = self._worth_telling(check_in["facts"])
        self._taken += 1
        return check_in

    def _allowed(self) -> list[str]:
        policy = read_json(self.home / "policy.json")
        return sorted(policy) if isinstance(policy, dict) else []

    def _worth_telling(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Facts that differ from those told last; all of them at the start and every hour."""
        texts = {name: json.dumps(fact, sort_keys=True) for name, fact in facts.items()}
        told, self._told = self._told, texts
        if self._taken % ALL_FACTS_EVERY == 0:
            return facts
        return {name: fact for name, fact in facts.items() if told.get(name) != texts[name]}

    def wants_slow_probes(self) -> bool:
        """Should the slow probes be asked again? When what they read has changed, once a day, at most hourly."""
        now = time.monotonic()
        if self._slow_asked_at is not None and now - self._slow_asked_at < SLOW_AT_MOST_EVERY:
            return False
        told = self.home / "slow.json"
        age = time.time() - told.stat().st_mtime if told.exists() else SLOW_AT_LEAST_EVERY
        if 0 <= age < SLOW_AT_LEAST_EVERY and (read_json(told) or {}).get("stamp") == stamp():
            return False
        self._slow_asked_at = now
        return True
