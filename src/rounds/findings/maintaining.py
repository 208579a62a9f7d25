"""Maintenance windows: planned by a person, or open while somebody works on a machine; which holds for whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rounds.clients.models import Client, Machine, Site
from rounds.core.money import Refused
from rounds.core.windows import Window, next_span, span_at
from rounds.findings.quiet_models import CallingOff, MaintenanceWindow, WorkWindow
from rounds.people.models import User
from rounds.people.shop import shop_zone

LONGEST_WORK = timedelta(hours=12)  # a timer that was forgotten must not keep a machine quiet


@dataclass(frozen=True, slots=True)
class Of:
    """Whom a window is for: the whole shop where nothing is named."""

    client: Client | None = None
    site: Site | None = None
    machine: Machine | None = None


def plan(of: Of, window: Window, why: str, *, by: User, at: datetime) -> MaintenanceWindow:
    """Plan a window. Refused: no reason, and one that has passed for good."""
    if not why.strip():
        raise Refused("say what the window is for")
    if next_span(window, at, shop_zone()) is None:
        raise Refused("that has passed, or does not come within a year")
    return MaintenanceWindow.objects.create(
        client=of.client, site=of.site, machine=of.machine, why=why.strip()[:200], first_on=window.first_on,
        starts=window.starts, minutes=window.minutes, repeats=window.repeats, last_on=window.last_on, by=by, at=at,
    )  # fmt: skip


def call_off(window: MaintenanceWindow, *, by: User, at: datetime) -> None:
    """Call a window off from now on; what began inside it is told."""
    CallingOff.objects.get_or_create(window=window, defaults={"by": by, "at": at})


def open_for_work(machine: Machine, cause: str, why: str, *, at: datetime) -> None:
    """Say that a machine is being worked on; again for the same cause it changes nothing."""
    WorkWindow.objects.get_or_create(cause=cause, defaults={"machine": machine, "why": why[:200], "opened_at": at})


def close_for_work(cause: str, *, at: datetime) -> None:
    """Say that the work on a machine has stopped."""
    for row in WorkWindow.objects.filter(cause=cause, closed_at=None):
        WorkWindow.objects.filter(pk=row.pk, closed_at=None).update(closed_at=max(at, row.opened_at))


@dataclass(frozen=True, slots=True)
class Holding:
    """A window that holds now: why, and until when; None: until the work is done."""

    why: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that hold at one moment, by whom they are for."""

    of_all: Holding | None
    of_client: dict[int, Holding]
    of_site: dict[int, Holding]
    of_machine: dict[int, Holding]

    def of(self, client: int, machine: Machine | None) -> Holding | None:
        """The window that holds for a machine, or (None) for a client as a whole."""
        found = self.of_all or self.of_client.get(client)
        if found is not None or machine is None:
            return found
        return self.of_site.get(machine.site_id) or self.of_machine.get(machine.pk)


def windows_at(at: datetime) -> Windows:
    """All windows that hold at a moment; of two for the same, the one that ends last."""
    zone, by_scope = shop_zone(), dict[tuple[str, int | None], Holding]()
    rows = [(row, span_at(row.value, at, zone)) for row in MaintenanceWindow.objects.standing()]
    for row, span in sorted(((row, span[1]) for row, span in rows if span is not None), key=lambda one: one[1]):
        by_scope[_scope(row)] = Holding(row.why, span)
    working = WorkWindow.objects.filter(closed_at=None, opened_at__gt=at - LONGEST_WORK)
    worked_on = working.values_list("machine_id", "why")
    of_work = {machine: Holding(why, None) for machine, why in worked_on}

    def among(scope: str) -> dict[int, Holding]:
        return {key: holding for (name, key), holding in by_scope.items() if name == scope and key is not None}

    whole = by_scope.get(("shop", None))
    return Windows(whole, among("client"), among("site"), of_work | among("machine"))


def _scope(row: MaintenanceWindow) -> tuple[str, int | None]:
    if row.machine_id:
        return "machine", row.machine_id
    if row.site_id:
        return "site", row.site_id
    return ("client", row.client_id) if row.client_id else ("shop", None)
