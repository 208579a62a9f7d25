"""The ticker: runs every stage's pulls in the order of the stages, again and again.

Each pull can run twice, late or alone, so the ticker keeps nothing: it may be killed at any moment, and there may be
more than one of it.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import close_old_connections
from django.utils import timezone

from rounds.rows.collecting import collect_seldom

log = logging.getLogger("rounds.tick")

type Pull = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Step:
    """One pull of a stage, and how many seconds lie at least between two of its runs."""

    name: str
    pull: Pull
    every_seconds: float


def tick(steps: Sequence[Step], last_runs: dict[str, float], at: datetime) -> None:
    """Run every step whose time has come, in order; one that fails is logged and does not hold up the others."""
    for step in steps:
        now = time.monotonic()
        if now - last_runs.get(step.name, float("-inf")) < step.every_seconds:
            continue
        last_runs[step.name] = now
        try:
            step.pull(at)
        except Exception:  # the stages are independent of each other: one that fails must not stop the rest
            log.exception("%s failed; it is tried again in %s s", step.name, step.every_seconds)
        took = time.monotonic() - now
        if took > 5:
            log.info("%s took %.1f s", step.name, took)


def tick_for_ever(steps: Sequence[Step], *, pause_seconds: float = 1.0) -> None:
    """Tick until the process is ended."""
    collect_seldom()
    last_runs: dict[str, float] = {}
    while True:
        tick(steps, last_runs, timezone.now())
        close_old_connections()
        time.sleep(pause_seconds)
