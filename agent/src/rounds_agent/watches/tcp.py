"""Does a port take connections, and how long does that take?"""

from __future__ import annotations

import time

from rounds_agent.watches.asking import Asked, place_of
from rounds_agent.watches.outcomes import CannotAsk, Outcome


def watch(asked: Asked) -> Outcome:
    """Connect, and hang up."""
    host, port = place_of(asked.target, 0)
    if not port:
        raise CannotAsk(f"“{asked.target}” names no port")
    asked.address(host)  # the name's own time is not the port's
    began = time.perf_counter()
    asked.connect(host, port).close()
    return Outcome({"milliseconds": round((time.perf_counter() - began) * 1000, 2)})
