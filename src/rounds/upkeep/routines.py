"""Begins, changes and stops routines, and knows those that a new shop begins with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from rounds.core.cadence import BY_ENVIRONMENT, parse
from rounds.core.days import first_of_month
from rounds.core.money import Refused
from rounds.core.terms import Plan
from rounds.upkeep.models import Per, Routine

JOBS = {"restore-files": "restore random files from the backup"}
# A client without an agreement is served when he calls; all others have normal maintenance in their plan.
WITH_UPKEEP = [plan.value for plan in Plan if plan is not Plan.REACTIVE]


@dataclass(frozen=True, slots=True)
class Default:
    """A routine that a new shop begins with."""

    name: str
    cadence: str
    minutes: int
    checklist: tuple[str, ...]
    per: Per = Per.CLIENT
    more: dict[str, Any] = field(default_factory=dict)


DEFAULTS = (
    Default("Backup logs", "daily", 5, (
        "Every job of the last night is in the log and ended without an error",
        "Sizes and file counts are about the usual ones",
    ), more={"category": "monitoring"}),
    Default("Daily report", "daily", 5, (
        "New findings looked at",
        "Disks, memory and load of the servers looked at",
        "Alert mail that was not understood looked at",
    ), more={"category": "monitoring"}),
    Default("Restore random files", "weekly", 10, (
        "Three files chosen by chance restored from the last backup",
        "Restored files opened or compared with the originals",
    ), Per.SERVER, {"job": "restore-files", "job_params": {"count": 3}}),
    Default("Updates", "monthly", 20, (
        "A good backup is there",
        "Updates of the system and of programs installed",
        "Restarted if needed, and everything runs again",
    ), Per.MACHINE),
    Default("Anti-virus console", "monthly", 15, (
        "Patterns and program versions are current",
        "Every machine of the client is listed",
        "What was found is looked after",
    )),
    Default("Anti-virus of each machine", "monthly", 10, (
        "The program runs and its patterns are at most a day old",
        "A full scan has run this month",
    ), Per.MACHINE),
    Default("Spyware check", "monthly", 20, (
        "Scanned for spyware, malware and adware",
        "Browsers: extensions, start page and search looked at",
    ), Per.WORKSTATION),
    Default("Line-of-business programs", "monthly", 20, (
        "Vendors' notes looked at; updates that the season needs are in",
        "Support contracts and licences are in force",
    )),
    Default("Monthly report", "monthly", 20, ("Report read, and talked over with the client",)),
    Default("Hardware cleaning", BY_ENVIRONMENT, 30, (
        "Dust blown out, fans run freely",
        "Temperature looked at before and after",
        "Cables, battery of the UPS and air around the machine looked at",
    ), Per.MACHINE, {"is_floating": True}),
    Default("Network security analysis", "6 months", 120, (
        "Open ports of the network compared with the accepted ones",
        "Firewall, wireless network and remote access looked at",
        "Accounts with administrator rights looked at",
        "Report with what was found given to the client",
    )),
    Default("Seminar on spyware and safe use", "yearly", 90, (
        "Date agreed; all employees and the owners were invited",
        "Held; who took part is written down",
    ), more={"category": "project"}),
)  # fmt: skip


def add_default_routines(day: date) -> int:
    """Begin a new shop's routines, once: a shop that has any, running or ended, gets none. Say how many were begun.

    What is daily or weekly begins today, the rest so many months after the first day of this one.
    """
    if Routine.objects.exists():
        return 0
    made = [
        Routine(
            name=one.name, cadence=one.cadence, per=one.per, minutes=one.minutes, checklist=list(one.checklist),
            plans=WITH_UPKEEP, starts=_first_day(one.cadence, day), **one.more,
        )
        for one in DEFAULTS
    ]  # fmt: skip
    return len(Routine.objects.bulk_create(made))


def _first_day(cadence: str, day: date) -> date:
    every = parse(cadence, "dusty")  # the soonest that any environment needs
    return every.step(first_of_month(day), 1) if every.months else day


def begin(routine: Routine) -> Routine:
    """Begin a routine. Refused: a cadence or a job that nobody knows, a name that a running one has."""
    _check(routine)
    if Routine.objects.running().filter(name=routine.name).exists():
        raise Refused(f"there is a running routine “{routine.name}”: change it, or give this one another name")
    routine.save(force_insert=True)
    return routine


@transaction.atomic
def change(kept: Routine, changed: Routine, *, at: datetime) -> Routine:
    """End a routine and begin another in its place; a duty of the old one that is open stays, and counts for both."""
    _check(changed)
    if not Routine.objects.running().filter(pk=kept.pk).update(ended_at=at):
        raise Refused(f"“{kept.name}” has been changed or stopped meanwhile: look at the list of routines")
    changed.replaces = kept
    return begin(changed)


@transaction.atomic
def stop(routine: Routine, *, at: datetime) -> None:
    """Stop a routine for good: no duties are made any more, and those still open need not be done."""
    if not Routine.objects.running().filter(pk=routine.pk).update(ended_at=at):
        raise Refused(f"“{routine.name}” has been changed or stopped meanwhile: look at the list of routines")
    Routine.objects.filter(pk__in=lineage()[routine.pk]).update(is_stopped=True)


def _check(routine: Routine) -> None:
    parse(routine.cadence)
    if routine.job and routine.job not in JOBS:
        raise Refused(f"agents know no job “{routine.job}”; they know {', '.join(JOBS)}")
    if routine.job and routine.per == Per.CLIENT:
        raise Refused("a job is done by a machine's agent: choose servers, workstations or machines")
    count = routine.job_params.get("count", 3)
    if routine.job and (not isinstance(count, int) or not 1 <= count <= 100):
        raise Refused("a job restores from 1 to 100 files")


def lineage() -> dict[int, list[int]]:
    """Every routine's key, with those that it replaced, the oldest last."""
    replaced = dict(Routine.objects.values_list("pk", "replaces_id"))
    return {key: list(_back(key, replaced)) for key in replaced}


def _back(key: int | None, replaced: Mapping[int, int | None]) -> Iterable[int]:
    while key is not None:
        yield key
        key = replaced.get(key)


def horizon(routine: Routine) -> timedelta:
    """How far back the last duty of a routine can lie and still matter."""
    cadence = parse(routine.cadence)
    return timedelta(days=2 * (cadence.days + 31 * cadence.months) + 62)
