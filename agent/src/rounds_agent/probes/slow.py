"""Measurements that cost too much for every minute: a short-lived child makes them and leaves them in a file."""

from pathlib import Path

from rounds_agent.home import write_json
from rounds_agent.probes import updates
from rounds_agent.probes.changes import stamp
from rounds_agent.probes.outcome import outcome


def measure_slowly(home: Path) -> int:
    """Measure, and leave in `slow.json` what each probe gave, with the stamp from before."""
    before = stamp()
    write_json(home / "slow.json", {"stamp": before, "told": {"updates": outcome(updates.measure)}})
    return 0
