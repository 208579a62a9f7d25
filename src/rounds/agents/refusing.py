"""Counts, logs and tells what was refused of agents; equal refusals of a second share a line of the log."""

import logging
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections, connections, transaction
from django.db.models import F, Sum

from rounds.agents.models import Refusal

log = logging.getLogger(__name__)


def keep_refusal(code: str, reason: str, *, agent_id: int | None = None, at: datetime, count: int = 1) -> None:
    """Count refusals: one row an hour, code and agent."""
    who = f"agent {agent_id}" if agent_id else "nobody known"
    log.warning("refused ×%d of %s: %s: %s", count, who, code, reason)
    hour = at.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        same = Refusal.objects.filter(hour=hour, code=code)
        same = same.filter(agent=None) if agent_id is None else same.filter(agent=agent_id)
        row = same.first() or Refusal.objects.create(hour=hour, code=code, agent_id=agent_id, last_at=at)
        Refusal.objects.filter(pk=row.pk).update(count=F("count") + count, reason=reason[:200], last_at=at)


LATELY, KEPT_FOR = timedelta(hours=24), timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Lately:
    """How many check-ins of a machine were refused lately, and the last of them: when and why."""

    count: int
    last_at: datetime
    reason: str


def refused_lately(machine_id: int, at: datetime) -> Lately | None:
    """What was refused of a machine's agents in the last 24 hours; None: nothing."""
    rows = list(Refusal.objects.filter(agent__machine=machine_id, last_at__gt=at - LATELY).order_by("last_at", "pk"))
    return Lately(sum(row.count for row in rows), rows[-1].last_at, rows[-1].reason) if rows else None


def refused_by_code(at: datetime) -> dict[str, int]:
    """How much was refused in the last 24 hours, of agents and of strangers, by why."""
    rows = Refusal.objects.filter(last_at__gt=at - LATELY).order_by().values_list("code")
    return dict(rows.annotate(Sum("count")))


def age(at: datetime) -> int:
    """Let go of what was refused longer ago than events are kept; say how many rows went."""
    return Refusal.objects.filter(last_at__lt=at - KEPT_FOR).delete()[0]


class Refusals:
    """Gathers the front's refusals and keeps them once a second, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, int | None]] = Counter()
        self._last: dict[tuple[str, int | None], tuple[str, datetime]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_all, name="refusing", daemon=True)
        self._thread.start()

    def note(self, code: str, reason: str, *, agent_id: int | None, at: datetime) -> None:
        """One more."""
        with self._lock:
            self._counts[code, agent_id] += 1
            self._last[code, agent_id] = (reason, at)

    def _keep_all(self) -> None:
        while not self._stop.wait(1.0):
            self._keep_gathered()
        self._keep_gathered()
        connections.close_all()

    def _keep_gathered(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if counts:
            close_old_connections()
        for (code, agent_id), count in counts.items():
            reason, at = self._last[code, agent_id]
            try:
                keep_refusal(code, reason, agent_id=agent_id, at=at, count=count)
            except DatabaseError as error:
                log.warning("refusals are not counted: %s", error)

    def close(self) -> None:
        """Keep what was gathered, then stop."""
        self._stop.set()
        self._thread.join(10)
