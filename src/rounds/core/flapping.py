"""Tells a flapping cause from a steady one: when it opened and closed in, whether it flaps out.

While it flaps nobody is told of each change; what is open is still shown as open. It begins with so many changes within
a time and ends only when that time has gone by with few of them, so that it does not flap itself. Nothing is
remembered: the changes that a cause has had are all that is asked.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

WITHIN = timedelta(hours=3)
MANY = 6  # changes within it: three times open and closed
FEW = 2  # changes within it, until it is calm again


def is_flapping(changes: Iterable[datetime], at: datetime) -> bool:
    """Say whether a cause flaps at a moment; changes after it are not known yet."""
    known = sorted(change for change in changes if change <= at)
    flaps, lately = False, 0
    for place, change in enumerate(known):
        lately = sum(change - earlier < WITHIN for earlier in known[: place + 1])
        flaps = lately >= MANY or (flaps and lately > FEW)
    if not flaps:
        return False
    return sum(at - change < WITHIN for change in known) > FEW
