"""Keeps what each watch last gave, from the check-ins that tell of it, in whatever order they come.

The stage that reads check-ins for findings hands it on, so that they are not read once more for the few that have some.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rounds.agents.envelopes import Watched
from rounds.agents.reading import ReadCheckIn
from rounds.clients.models import Machine
from rounds.watches.models import Sighting, Watch

LONGEST = 300  # characters of a reason
LONGEST_ON_ITS_WAY = timedelta(minutes=10)  # from a look to the check-in that tells of it


def keep(told: Iterable["Told"]) -> None:
    """Keep what watches gave, the newest of each; call it in the transaction that takes their check-ins."""
    told = list(told)
    kept = Sighting.objects.select_for_update().in_bulk({one.watch.pk for one in told}) if told else {}
    for one in told:
        sighting = kept.get(one.watch.pk)
        if sighting is None:
            kept[one.watch.pk] = sighting = Sighting(watch=one.watch)
        elif one.at <= sighting.at:
            continue
        _learn(sighting, one)
    for sighting in kept.values():
        sighting.save()


@dataclass(frozen=True, slots=True)
class Told:
    """What a check-in tells of a watch, and the moment that counts."""

    watch: Watch
    machine_id: int
    at: datetime
    gave: Watched


def believed(check_ins: Iterable[ReadCheckIn]) -> list[Told]:
    """What check-ins tell of watches, in the order of time: a machine is believed about its own site alone."""
    said = [(check_in, gave) for check_in in check_ins for gave in check_in.watches]
    if not said:
        return []
    watches = Watch.objects.current().select_related("site").in_bulk({gave.watch for _, gave in said})
    machines = Machine.objects.filter(pk__in={check_in.machine_id for check_in, _ in said})
    sites = dict(machines.values_list("pk", "site_id"))
    told = [
        Told(watch, check_in.machine_id, moment_of(check_in, gave), gave)
        for check_in, gave in said
        if (watch := watches.get(gave.watch)) and watch.site_id == sites[check_in.machine_id]
    ]
    return sorted(told, key=lambda one: one.at)


def moment_of(check_in: ReadCheckIn, gave: Watched) -> datetime:
    """When it was looked: by the agent's clock, unless that is far off the check-in's, which was corrected by ours."""
    away = check_in.taken_at - gave.at
    return gave.at if timedelta(0) <= away <= LONGEST_ON_ITS_WAY else check_in.taken_at


def _learn(sighting: Sighting, told: Told) -> None:
    gave = told.gave
    sighting.machine_id, sighting.at, sighting.is_ok, sighting.why = (
        told.machine_id,
        told.at,
        gave.ok,
        gave.why[:LONGEST],
    )
    sighting.milliseconds = gave.figures.get("milliseconds")
    if gave.ok is not None:
        sighting.measured_at = told.at
    if gave.figures or gave.ok:
        sighting.figures, sighting.facts = dict(gave.figures), dict(gave.facts)
    if gave.ok:
        sighting.answered_at = told.at
