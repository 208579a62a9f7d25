"""Opens and closes findings by what is usual of a machine in an hour of the week: learned once a day, judged hourly.

Check-ins are not held up by it: the ticker reads the means of the hour that has ended, and holds them against ranges
that were made ready before. A machine that was not heard in the hour is not judged.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.db import transaction

from rounds.agents import history
from rounds.agents.figures import Names
from rounds.agents.models import State
from rounds.agents.reading import EPOCH, milliseconds
from rounds.agents.storage import HOUR, Asked
from rounds.core.packing import Damaged
from rounds.core.rolling import column_of
from rounds.core.usual import CALM_HOURS, FIGURES, MEMORY, Past, Range, Standing, Unusual
from rounds.core.watching import RULES, title
from rounds.findings.limits import limits_of
from rounds.findings.models import Finding, UsualHours
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.people.shop import shop_zone

log = logging.getLogger(__name__)

RULE = "unusual"
AN_HOUR = timedelta(hours=1)
GRACE = timedelta(minutes=10)  # for check-ins that come a little late
ENOUGH = timedelta(minutes=44)  # from the first to the last sample of an hour, before their mean is an hour's
FEWEST_SAMPLES = 3
READY = 24  # hours for which ranges are made ready; after a day the same hour of the day before is known
AT_ONCE = 100
SECONDS = 2.0  # that one pull may take, so that the ticker's other stages are not held up


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour that is judged: when it began, and the clock by which people keep their hours."""

    start: datetime
    zone: tzinfo

    @property
    def until(self) -> datetime:
        """When it was over."""
        return self.start + AN_HOUR

    @property
    def key(self) -> str:
        """Under which ranges are kept."""
        return key_of(self.start)

    @property
    def coming(self) -> list[str]:
        """The keys of the hours from this one on for which ranges are made ready."""
        return [key_of(self.start + number * AN_HOUR) for number in range(READY)]


@dataclass(frozen=True, slots=True)
class Turned:
    """A figure that has become unusual, or usual again, and what shows it."""

    figure: str
    is_unusual: bool
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """What comes of a machine's hour: how it stands with each figure now, and which have turned."""

    standings: dict[str, Any] = field(default_factory=dict)
    turned: list[Turned] = field(default_factory=list)


def pull(at: datetime, *, seconds: float = SECONDS) -> int:
    """Judge the hour that ended last, as many machines as there is time for; say how many findings changed."""
    stop_at = time.monotonic() + seconds
    until = (at - GRACE).replace(minute=0, second=0, microsecond=0)
    hour, changed = Hour(until - AN_HOUR, shop_zone()), 0
    while time.monotonic() < stop_at and (due := _due(until)):
        limits = limits_of(machine_id for machine_id, _ in due)
        for machine_id, client_id in due:
            limit = limits[machine_id][RULE].limit
            try:
                changed += _judge(machine_id, client_id, limit if isinstance(limit, Unusual) else None, hour)
            except Damaged as why:
                log.warning("an hour of machine %d is not judged: %s", machine_id, why)
                UsualHours.objects.update_or_create(pk=machine_id, defaults={"judged_until": hour.until})
            if time.monotonic() > stop_at:
                break
    return changed


def _due(until: datetime) -> list[tuple[int, int]]:
    """Machines that were heard since the hour began and have not been judged, and their clients."""
    heard = State.objects.filter(
        seen_at__gte=until - AN_HOUR,
        agent__revoked_at=None,
        machine__retired_at=None,
        machine__site__client__left_at=None,
    )
    judged = UsualHours.objects.filter(judged_until__gte=until).values("pk")
    rows = heard.exclude(pk__in=judged).order_by("pk").values_list("machine_id", "machine__site__client_id")
    return list(rows[:AT_ONCE])


def _judge(machine_id: int, client_id: int, limit: Unusual | None, hour: Hour) -> int:
    """Judge one machine's hour once, whoever else is at it; what takes long is done before the transaction."""
    kept = UsualHours.objects.filter(pk=machine_id).first() or UsualHours(machine_id=machine_id)
    told: dict[str, Any] = {"judged_until": hour.until}
    if limit is not None and (kept.width != limit.width or hour.key not in kept.hours_ready):
        kept.ranges, kept.hours_ready = learn(machine_id, hour, limit), hour.coming
        told |= {"ranges": kept.ranges, "hours_ready": kept.hours_ready, "width": limit.width}
    judged = _held_against(kept, _means(machine_id, hour), hour, limit) if limit is not None else Judged()

    with transaction.atomic():
        UsualHours.objects.get_or_create(pk=machine_id, defaults={"judged_until": hour.start})
        mine = UsualHours.objects.filter(pk=machine_id, judged_until__lt=hour.until)
        if not mine.update(**told, standings=judged.standings):
            return 0
        if limit is None:
            return _close_unwatched(machine_id, hour.until)
        return sum(_keep(Cause(client_id, machine_id, RULE, one.figure), one, hour.until) for one in judged.turned)


def learn(machine_id: int, hour: Hour, limit: Unusual) -> dict[str, dict[str, list[Any]]]:
    """The ranges of the coming hours from one on, by what was before it."""
    hours = [hour.start + number * AN_HOUR for number in range(READY)]
    found: dict[str, dict[str, list[Any]]] = {}
    for name, past in pasts(machine_id, hour.start, tuple(FIGURES), hour.zone).items():
        ranges = {key_of(one): past.usual(wall(one, hour.zone), limit.width) for one in hours}
        found[name] = {key: usual.as_json() for key, usual in ranges.items() if usual is not None}
    return {name: ranges for name, ranges in found.items() if ranges}


def pasts(machine_id: int, until: datetime, names: tuple[str, ...], zone: tzinfo) -> dict[str, Past]:
    """The means of a machine's hours of eight weeks, of each figure that is measured on it."""
    since = milliseconds(until - MEMORY - 2 * AN_HOUR)
    asked = Asked(since, milliseconds(until), HOUR, Names(exact=names), ("avg",))
    table = history.read(machine_id, asked)
    starts = [wall(EPOCH + timedelta(milliseconds=at), zone) for at in table.times]
    found = {}
    for name in names:
        if column := table.columns.get(column_of(name, "avg")):
            means = ((start, mean) for start, mean in zip(starts, column, strict=True) if mean is not None)
            found[name] = Past(FIGURES[name], means)
    return found


def key_of(hour: datetime) -> str:
    """An hour as the number of hours since 1970."""
    return str(milliseconds(hour) // HOUR)


def wall(moment: datetime, zone: tzinfo) -> datetime:
    """A moment as the shop's clock shows it."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _means(machine_id: int, hour: Hour) -> dict[str, float]:
    """The mean of each figure in an hour; what was measured for too little of it is left out."""
    asked = Asked(milliseconds(hour.start), milliseconds(hour.until), 0, Names(exact=tuple(FIGURES)))
    table = history.read(machine_id, asked)
    found = {}
    for name in FIGURES:
        series = table.series(name)
        if len(series) >= FEWEST_SAMPLES and series[-1][0] - series[0][0] >= ENOUGH.total_seconds():
            found[name] = sum(value for _, value in series) / len(series)
    return found


def _held_against(kept: UsualHours, means: Mapping[str, float], hour: Hour, limit: Unusual) -> Judged:
    """Hold the means of an hour against its ranges; of what was not measured, it stands as it stood."""
    judged = Judged(dict(kept.standings))
    for name, mean in means.items():
        if hour.key not in kept.ranges.get(name, {}):
            continue
        usual, before = Range(*kept.ranges[name][hour.key]), Standing(*judged.standings.get(name, ()))
        now = before.after(is_usual=usual.holds(mean), limit=limit)
        judged.standings[name] = [now.is_open, now.strange, now.calm]
        if now.is_open != before.is_open:
            clock = f"{wall(hour.start, hour.zone):%H:%M}"
            evidence = {
                "value": float(f"{mean:.4g}"), "low": usual.low, "middle": usual.middle, "high": usual.high,
                "when": usual.when, "hour": clock, "known_days": usual.days,
                "hours": CALM_HOURS if before.is_open else limit.hours,
            }  # fmt: skip
            judged.turned.append(Turned(name, now.is_open, evidence))
    return judged


def _keep(cause: Cause, turned: Turned, at: datetime) -> bool:
    if turned.is_unusual:
        told = title(RULE, cause.subject, turned.evidence)
        return open_once(cause, Seen(told, RULES[RULE].severity, at, turned.evidence))[1]
    kept = cause.open_finding()
    return kept is not None and close(kept, turned.evidence, at=at)


def _close_unwatched(machine_id: int, at: datetime) -> int:
    ours = Finding.objects.still_open().filter(machine=machine_id, rule=RULE)
    return sum(close(one, {"why": "this is no longer watched"}, at=at) for one in ours)


def usual_in(machine_id: int, name: str, span: tuple[datetime, datetime], width: float) -> list[tuple[float, Range]]:
    """What is usual of a figure in each hour of a span, by what was before the span; for its chart."""
    since, until = span
    zone, first = shop_zone(), since.replace(minute=0, second=0, microsecond=0)
    past = pasts(machine_id, first, (name,), zone).get(name)
    hours = [first + number * AN_HOUR for number in range(int((until - first) / AN_HOUR) + 1)]
    ranges = ((hour.timestamp(), past.usual(wall(hour, zone), width)) for hour in hours) if past else ()
    return [(at, usual) for at, usual in ranges if usual is not None]
