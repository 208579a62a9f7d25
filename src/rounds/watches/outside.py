"""Says to the list of machines when a device was last answered by its watches, and how it is."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from rounds.agents.outside import Look, Outside
from rounds.clients.models import Machine
from rounds.watches.models import Sighting, Watch


def seen(machines: Collection[int] | None, at: datetime) -> dict[int, Outside]:
    """How devices are by their watches, the worst of each."""
    by_machine: dict[int, list[Sighting | None]] = {}
    watches = Watch.objects.current().filter(machine__isnull=False).select_related("sighting")
    if machines is not None:
        watches = watches.filter(machine__in=machines)
    for watch in watches:
        if watch.machine_id is not None:
            by_machine.setdefault(watch.machine_id, []).append(getattr(watch, "sighting", None))
    return {key: _of(sightings, at) for key, sightings in by_machine.items()}


def _of(sightings: list[Sighting | None], at: datetime) -> Outside:
    known = [one for one in sightings if one is not None]
    answered_at = max((one.answered_at for one in known if one.answered_at), default=None)
    fresh = [one for one in known if not one.is_old(at)]
    if any(one.is_ok is False for one in fresh):
        return Outside("trouble", "does not answer", answered_at)
    if not fresh:
        return Outside("unmeasured", "not asked of late" if known else "not asked yet", answered_at)
    return Outside("well", "answers", answered_at)


def answered() -> QuerySet[Machine]:
    """Machines that have answered one of their watches."""
    told = Sighting.objects.filter(watch__in=Watch.objects.current(), answered_at__isnull=False)
    return Machine.objects.filter(pk__in=told.values("watch__machine"))


LOOK = Look(seen, answered)
