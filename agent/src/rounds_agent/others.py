"""What this machine is asked to watch for others: the list, kept on disk, and the results on their way to a check-in.

Here is only what the resident agent needs; the looking is done by a short-lived child (watches/).
"""

from __future__ import annotations

import os
import time

from rounds_agent.home import files_of, keep_json, read_json, remove, under

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LISTED, FOLDER = "watches.json", "watched"
EVERY = 60  # seconds, if a watch does not say
MOST_AT_ONCE, MOST_BYTES = 100, 256 * 1024  # results in one check-in


class Others:
    """The watches that the shop has listed. `version` is the list's own name, "" for none."""

    def __init__(self, home: str | os.PathLike[str]) -> None:
        self.home = os.fspath(home)
        self.version, self._every = "", 0
        self._started_at: float | None = None
        self._told: list[str] = []
        self._read(read_json(under(home, LISTED)))

    def _read(self, listed: Any) -> None:
        if not isinstance(listed, dict) or not isinstance(listed.get("version"), str):
            return
        watches = listed.get("watches")
        times = (
            [one.get("every", EVERY) for one in watches if isinstance(one, dict)] if isinstance(watches, list) else []
        )
        self.version = listed["version"][:64]
        self._every = min((one for one in times if isinstance(one, int) and one > 0), default=0)

    def accept(self, listed: object) -> None:
        """Keep the list that an answer brings, if it brings one; it takes the place of the old one."""
        if not isinstance(listed, dict) or not isinstance(listed.get("version"), str):
            return
        if keep_json(under(self.home, LISTED), listed):  # else the old one holds, and the next answer brings it again
            self._read(listed)
            self._started_at = None

    def are_due(self) -> bool:
        """Is it time to look? The child knows which of them are due."""
        now = time.monotonic()
        if not self._every or (self._started_at is not None and now - self._started_at < min(self._every, EVERY) - 20):
            return False
        self._started_at = now
        return True

    def results(self) -> list[dict[str, Any]]:
        """The results that are to be told, the oldest first."""
        told: list[dict[str, Any]] = []
        self._told, size = [], 0
        if not self._every and not os.path.isdir(under(self.home, FOLDER)):
            return []
        names = files_of(under(self.home, FOLDER), ".json")
        for name in sorted(names, key=lambda name: name.partition("-")[2])[:MOST_AT_ONCE]:
            path = under(self.home, FOLDER, name)
            size += os.stat(path).st_size
            if size > MOST_BYTES and told:
                break
            result = read_json(path)
            self._told.append(name)
            if isinstance(result, dict):
                told.append(result)
        return told

    def kept(self) -> None:
        """The check-in that tells of them is in the spool."""
        for name in self._told:
            remove(under(self.home, FOLDER, name))
        self._told = []

    def adopt(self, told: object) -> None:
        """The newest check-in of the spool, at the start: what it tells is not told again, if it was a kill."""
        known = {(one.get("watch"), one.get("at")) for one in told if isinstance(one, dict)} if told else set()  # type: ignore[attr-defined]
        if known:
            results = self.results()
            names, self._told = self._told, []
            same = {(one.get("watch"), one.get("at")) for one in results} & known
            for name in names:
                one = read_json(under(self.home, FOLDER, name))
                if isinstance(one, dict) and (one.get("watch"), one.get("at")) in same:
                    remove(under(self.home, FOLDER, name))
