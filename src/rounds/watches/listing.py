"""What each agent is to watch, as it is told in the answer to a check-in: a list with a name of its own.

The front asks from its event loop; the database is asked in a thread, a few times a minute, whatever many agents ask.
A list is sent only to an agent that names another one: one without watches costs nothing.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from django.db import close_old_connections, connections
from django.db.models import Max

from rounds.agents.asking import Once
from rounds.watches.models import Turn, Watch

ASKED_EVERY, STILL_FOR = 5.0, 5.0  # seconds; so long the old answer does while it is asked anew
NONE = "none"  # how an agent without a list names it

type Listed = Mapping[str, Any]


def in_force() -> dict[int, Listed]:
    """The lists of all machines that are to watch something."""
    turns = Turn.objects.in_force()
    lists: dict[int, list[dict[str, Any]]] = {}
    for watch in Watch.objects.current().order_by("pk"):
        if watch.pk in turns:
            lists.setdefault(turns[watch.pk], []).append(_told(watch))
    return {machine_id: _named(watches) for machine_id, watches in lists.items()}


def _told(watch: Watch) -> dict[str, Any]:
    return {
        "id": watch.pk,
        "kind": watch.kind,
        "target": watch.target,
        "settings": {**watch.settings, **watch.secrets},
        "every": watch.every_minutes * 60,
    }


def _named(watches: list[dict[str, Any]]) -> Listed:
    name = hashlib.sha256(msgspec.json.encode(watches, order="deterministic")).hexdigest()[:16]
    return {"version": name, "watches": watches}


EMPTY: Listed = {"version": "", "watches": []}


def _stamp() -> tuple[Any, ...]:
    close_old_connections()
    changed = Watch.objects.aggregate(changed=Max("changed_at"))["changed"]
    return changed, Turn.objects.aggregate(last=Max("pk"))["last"]


class Lists:
    """The lists as the front knows them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watches")
        self._lists: dict[int, Listed] = {}
        self._stamp: tuple[Any, ...] = ()
        self._until = 0.0
        self._asking = Once(self._ask_anew)

    async def news_for(self, machine_id: int, known: str) -> Listed | None:
        """What the answer to a machine's check-in says of its watches: nothing, if it knows its list already."""
        if known and self._clock() >= self._until:
            await self._asking.answered()
        return self.known_news_for(machine_id, known)

    @property
    def are_fresh(self) -> bool:
        """Can an answer be given without waiting? If it is time to ask again, that is begun."""
        late = self._clock() - self._until
        if 0 <= late < STILL_FOR:
            self._asking.begin()
        return late < STILL_FOR

    def known_news_for(self, machine_id: int, known: str) -> Listed | None:
        """The same, by what was last asked; nothing to an agent that names no list."""
        if not known:
            return None
        listed = self._lists.get(machine_id, EMPTY)
        return None if known == (listed["version"] or NONE) else listed

    async def _ask_anew(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._ask)
        self._until = self._clock() + ASKED_EVERY

    def _ask(self) -> None:
        stamp = _stamp()
        if stamp != self._stamp:
            self._lists, self._stamp = in_force(), stamp

    def close(self) -> None:
        """Stop asking."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=True)
