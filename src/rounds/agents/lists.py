"""The list of machines: what the address asks for, read from machines and their latest states, never from history."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from rounds.agents import outside
from rounds.agents.models import State
from rounds.agents.telling import SILENT_AFTER
from rounds.clients.models import Machine, MachineKind

SORTS = {
    "name": ("name",),
    "client": ("site__client__name", "name"),
    "kind": ("kind", "name"),
    "seen": ("by_seen", "name"),
    "processor": ("-by_processor", "name"),
    "memory": ("-by_memory", "name"),
    "disk": ("-by_disk", "name"),
    "updates": ("-by_updates", "name"),
}
BY_STATE = {
    "seen": "seen_at",
    "processor": "processor_percent",
    "memory": "memory_percent",
    "disk": "fullest_disk_percent",
    "updates": "updates_pending",
}
FILTERS = {
    "": "All",
    "silent": "Silent",
    "never": "Never seen",
    "updates": "Updates pending",
    "restart": "Restart needed",
    "full": "A disk over 90 % full",
}


def asked_for(query: dict[str, str], at: datetime) -> QuerySet[Machine]:
    """The machines that an address asks for: `q`, `client`, `kind`, `state`, and what `sort` needs."""
    rows = Machine.objects.filter(retired_at=None, site__client__left_at=None).select_related("site__client")
    text = query.get("q", "").strip()
    if text:
        named = Q(name__icontains=text) | Q(site__name__icontains=text) | Q(site__client__name__icontains=text)
        rows = rows.filter(named)
    client = query.get("client", "")
    if client.isdecimal() and len(client) < 10:
        rows = rows.filter(site__client=int(client))
    if query.get("kind") in MachineKind.values:
        rows = rows.filter(kind=query["kind"])
    rows = _in_state(rows, query.get("state", ""), at)
    sort = query.get("sort", "").removeprefix("-")
    if sort in BY_STATE:
        figure = State.objects.filter(machine=OuterRef("pk")).values(BY_STATE[sort])
        # What was never measured stands where an engine puts it: at one end, whichever way it is sorted.
        rows = rows.alias(**{f"by_{sort}": Subquery(figure)})
    return rows


def _in_state(rows: QuerySet[Machine], wanted: str, at: datetime) -> QuerySet[Machine]:
    states = State.objects.filter(machine=OuterRef("pk"))
    if wanted == "never":
        return outside.unseen(rows.filter(~Exists(states)))
    which: dict[str, Callable[[], Any]] = {
        "silent": lambda: Exists(states.filter(seen_at__lt=at - SILENT_AFTER)),
        "updates": lambda: Exists(states.filter(updates_pending__gt=0)),
        "restart": lambda: Exists(states.filter(needs_reboot=True)),
        "full": lambda: Exists(states.filter(fullest_disk_percent__gt=90)),
    }
    return rows.filter(which[wanted]()) if wanted in which else rows


def states_of(rows: list[Machine] | None = None) -> dict[int, State]:
    """The states of some machines, or of all, with the columns of lists alone."""
    figures = State.objects.defer("samples", "disks", "facts", "facts_at", "probes")
    return figures.in_bulk([row.pk for row in rows]) if rows is not None else figures.in_bulk()


def is_silent(state: State, at: datetime) -> bool:
    """Has the machine not been heard of for longer than a few check-ins?"""
    return at - state.seen_at > SILENT_AFTER
