"""Run inside an installation by test_check_ins.py: seals two days of a machine, killed (-9) at each statement in turn.

Prints how often it was killed, and whether the same figures were read after each time and when all was sealed.
"""

import json
import os
import signal
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.db import connection, connections  # noqa: E402 - Django is set up by now

from rounds.agents import history, reading, sealing  # noqa: E402
from rounds.agents.models import Agent, CheckIn, Chunk, OpenDay, SealedNumbers  # noqa: E402
from rounds.agents.storage import DAY, Asked  # noqa: E402
from rounds.core.packing import Table  # noqa: E402
from tests.faults.enrolling import enrolled  # noqa: E402

FIRST = datetime(2026, 11, 20, tzinfo=UTC)
AT = FIRST + timedelta(days=2, hours=3)
MINUTES = 200


def make() -> None:
    """Two days with check-ins that every reader has read."""
    enrolled()
    agent = Agent.objects.get()
    for number in range(1, 2 * MINUTES + 1):
        taken_at = FIRST + timedelta(days=(number - 1) // MINUTES, minutes=number % MINUTES)
        told = {
            "v": 1,
            "epoch": 1,
            "number": number,
            "taken_at": taken_at.isoformat(),
            "samples": {"load.1": number / 8},
        }
        CheckIn.objects.create(
            agent=agent, epoch=1, number=number, taken_at=taken_at, received_at=taken_at,
            body=zlib.compress(json.dumps(told).encode()),
        )  # fmt: skip
    reading.pull()


def read() -> Table:
    """All figures, wherever they lie."""
    begin = int(FIRST.timestamp() * 1000)
    return history.read(Agent.objects.get().machine_id, Asked(begin, begin + 2 * DAY))


def seal(killed_at: int, at: datetime) -> None:
    """Seal; killed by itself at a statement, or before a commit."""
    seen = 0

    def count(execute: Callable[..., Any], sql: str, params: object, many: bool, context: object) -> object:  # noqa: FBT001
        nonlocal seen
        seen += 1
        if seen == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        sealing.pull(at, seconds=600)


def is_killed(statement: int, at: datetime) -> bool:
    """Seal in a process of its own that is killed at a statement; False: there are not so many."""
    connections.close_all()
    child = os.fork()
    if not child:
        seal(statement, at)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main() -> None:
    make()
    whole, kills, same = read(), 0, []
    # A killed process has taken the turn to seal the machine; the next one comes when that has run out.
    while is_killed(kills + 1, AT + kills * sealing.TURN):
        kills += 1
        same.append(read() == whole)
    numbers = sum(last - first + 1 for first, last in SealedNumbers.objects.values_list("first", "last"))
    told = {"kills": kills, "same": all(same), "rows": CheckIn.objects.count(),
            "days": OpenDay.objects.count(), "numbers": numbers,
            "chunks": Chunk.objects.exists(), "whole": read() == whole, "figures": len(whole.times)}  # fmt: skip
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
