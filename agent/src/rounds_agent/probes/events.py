"""Important events of the machine's log since the last look: journald from a cursor, Windows from a record's number.

What is new is left in `events.json` with the bookmark behind it; the agent puts both into a check-in, and the bookmark
counts only when that is in the spool. So a kill loses no event, and sends at most some of them twice; `id` tells.
"""

from __future__ import annotations

import json
import os

from rounds_agent.clock import write_moment
from rounds_agent.home import read_json, under, write_json
from rounds_agent.probes.asking import find, run
from rounds_agent.probes.reading import IS_WINDOWS
from rounds_agent.probes.windows import event_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST, MAX_TEXT = 100, 500
LEVELS = {"0": "critical", "1": "critical", "2": "critical", "3": "error"}
FIRST_LOOK = "-1 hour"


def parse(line: str) -> dict[str, Any]:
    """One line of `journalctl --output=json`: fields are texts, or lists of bytes where they are no UTF-8."""
    row = json.loads(line)
    text = row.get("MESSAGE")
    if isinstance(text, list):
        text = bytes(part for part in text if isinstance(part, int)).decode("utf-8", "replace")
    source = row.get("_SYSTEMD_UNIT") or row.get("SYSLOG_IDENTIFIER") or row.get("_COMM") or ""
    return {
        "id": row["__CURSOR"],
        "at": write_moment(int(row["__REALTIME_TIMESTAMP"]) / 1_000_000),
        "source": str(source)[:100],
        "level": LEVELS.get(str(row.get("PRIORITY")), "error"),
        "text": str(text or "")[:MAX_TEXT],
    }


def _journal(cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """The next events behind a cursor, no more than a hundred, and the cursor behind them."""
    program = find("journalctl")
    since = [f"--after-cursor={cursor}"] if cursor else [f"--since={FIRST_LOOK}"]
    command = [program, "--output=json", "--priority=err", "--no-pager", "--quiet", *since]
    told = run(command, seconds=120, lines=MOST)
    lines = told.said.splitlines()[:MOST]
    if not lines and told.status:
        if cursor:  # it is of a journal that is gone
            return _journal(None)
        raise OSError(f"journalctl: exit status {told.status}")
    found = [parse(line.decode("utf-8", "replace")) for line in lines]
    return found, found[-1]["id"] if found else cursor


def measure(home: str) -> dict[str, object]:
    """Leave what is new for the agent, unless what was left before still waits for it; no fact of its own."""
    if os.path.exists(under(home, "events.json")):
        return {}
    bookmark = read_json(under(home, "bookmark.json"))
    found: list[dict[str, Any]]
    behind: object
    if IS_WINDOWS:
        found, behind = event_log.newer_than(bookmark if isinstance(bookmark, dict) else {})
    else:
        found, behind = _journal(bookmark if isinstance(bookmark, str) else None)
    if found:
        write_json(under(home, "events.json"), {"events": found, "bookmark": behind})
    return {}
