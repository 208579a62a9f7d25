"""Decides which machine of a site looks: the one that was chosen, or, while that is silent, another that may.

A machine may look if its own policy says so (its agent tells in its check-ins what it may be asked for). While nobody
else is heard, all stays as it is: then either the site is cut off, or we are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rounds.agents.models import State
from rounds.agents.telling import SILENT_AFTER
from rounds.watches.models import Turn, Watch

MAY = "watches"


@dataclass(frozen=True, slots=True)
class Eye:
    """A machine of a site that could look: is it heard, and may it?"""

    machine_id: int
    is_heard: bool
    may: bool
    is_server: bool


def choose(chosen: int | None, looking: int | None, eyes: Iterable[Eye]) -> int | None:
    """Whose turn it is: of the chosen one while it is heard, else of who looks, else of the first server that may."""
    known = {eye.machine_id: eye for eye in eyes}
    able = {eye.machine_id for eye in known.values() if eye.is_heard and eye.may}
    if chosen in able:
        return chosen
    if looking in able:
        return looking
    if able:
        return min(able, key=lambda one: (not known[one].is_server, one))
    if looking in known and looking is not None:
        return looking
    return chosen if chosen in known else None


@transaction.atomic
def pull(at: datetime) -> int:
    """Give turns where they have to change; say how many."""
    watches, turns = list(Watch.objects.current()), Turn.objects.in_force()
    eyes = _eyes({watch.site_id for watch in watches}, at)

    new = []
    for watch in watches:
        whose = choose(watch.runner_id, turns.get(watch.pk), eyes.get(watch.site_id, ()))
        if whose is not None and whose != turns.get(watch.pk):
            new.append(Turn(watch=watch, machine_id=whose, from_at=at, why=_why(watch, whose)))

    Turn.objects.bulk_create(new)
    return len(new)


def _why(watch: Watch, whose: int) -> str:
    if whose == watch.runner_id:
        return "chosen"
    return "the chosen one is silent, or may not" if watch.runner_id else "it is heard, and may"


def _eyes(sites: set[int], at: datetime) -> dict[int, list[Eye]]:
    """The machines with agents of some sites."""
    rows = State.objects.filter(machine__site__in=sites, machine__retired_at=None, agent__revoked_at=None)
    found: dict[int, list[Eye]] = {}
    columns = ("machine", "machine__site", "machine__kind", "seen_at", "facts__agent__allows")
    for machine, site, kind, seen_at, allows in rows.values_list(*columns):
        may = isinstance(allows, list) and MAY in allows
        eye = Eye(machine, at - seen_at <= SILENT_AFTER, may, kind == "server")
        found.setdefault(site, []).append(eye)
    return found
