"""Tells a silent machine from a site that is offline, and both from a deaf ear: when each was last heard in; which of
them it is, out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

OUR_GRACE = timedelta(minutes=10)
SITE_GRACE = timedelta(minutes=5)  # less than a server's, so that the site speaks before its machines


@dataclass(frozen=True, slots=True)
class Heard:
    """A machine: its site, when the server last heard it (by the server's clock), and how long it may be silent.

    `is_always_on`: a server or a device; a workstation may be switched off by whoever sits at it.
    """

    site: int
    last_at: datetime
    grace: timedelta
    is_always_on: bool = True


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


def offline(machines: Mapping[int, Heard], at: datetime, *, listening_since: datetime) -> dict[int, list[int]]:
    """Sites whose machines fell silent together, with these machines: one of them always on, and at least two.

    Together: within the site's grace of the last one heard there, so that those which were off anyway say nothing.
    """
    by_site: dict[int, dict[int, Heard]] = {}
    for key, heard in machines.items():
        by_site.setdefault(heard.site, {})[key] = heard
    found = {}
    for site, there in by_site.items():
        newest = max(heard.last_at for heard in there.values())
        together = [key for key, heard in there.items() if newest - heard.last_at <= SITE_GRACE]
        is_silent = at - max(newest, listening_since) >= SITE_GRACE
        if is_silent and len(together) >= 2 and any(there[key].is_always_on for key in together):
            found[site] = sorted(together)
    return found
