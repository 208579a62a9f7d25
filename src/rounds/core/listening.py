"""Tells a silent machine from a deaf ear: when each was last heard in; who is silent, or that we are deaf, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

OUR_GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heard:
    """A machine: its site, when the server last heard it (by the server's clock), and how long it may be silent."""

    site: int
    last_at: datetime
    grace: timedelta


def is_deaf(machines: Mapping[int, Heard], at: datetime) -> bool:
    """Did the machines of at least two sites fall silent together? Then the fault is ours.

    Together: within our grace of the last one heard, so that workstations that were off anyway say nothing.
    """
    if not machines:
        return False
    newest = max(heard.last_at for heard in machines.values())
    together = {heard.site for heard in machines.values() if newest - heard.last_at <= OUR_GRACE}
    return at - newest >= OUR_GRACE and len(together) >= 2


def silent(machines: Mapping[int, Heard], at: datetime, *, listening_since: datetime) -> set[int]:
    """Machines not heard for longer than their grace, counted from when we have been listening without a break."""
    return {key for key, heard in machines.items() if at - max(heard.last_at, listening_since) >= heard.grace}
