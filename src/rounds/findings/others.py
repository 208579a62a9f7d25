"""Opens and closes findings by what watches give of things without an agent, each result once; and where none comes."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from rounds.agents.models import State
from rounds.agents.telling import SILENT_AFTER
from rounds.clients.models import Machine
from rounds.core import watched
from rounds.core.detecting import Limit
from rounds.core.watched import Decided, Gave
from rounds.core.watching import WATCH_RULES
from rounds.findings import limits as limiting
from rounds.findings.limits import Scope, limits_in, limits_of
from rounds.findings.models import Finding, Listening, WatchMemory
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.watches.models import Sighting, Turn, Watch
from rounds.watches.reading import Told

UNMEASURED = "unmeasured"


def take(told_by_all: Iterable[Told]) -> None:
    """Hold what watches gave against their limits; call it in the transaction that takes their check-ins."""
    by_watch: dict[int, list[Told]] = {}
    for told in told_by_all:
        by_watch.setdefault(told.watch.pk, []).append(told)
    kept = WatchMemory.objects.select_for_update().in_bulk(list(by_watch)) if by_watch else {}
    limits = _limits_of([told[0].watch for told in by_watch.values()])

    for key, all_told in by_watch.items():
        row = kept.get(key) or WatchMemory(watch_id=key)
        memories = watched.from_json(row.memories)
        for told in all_told:
            gave = Gave(told.at, told.gave.ok, told.gave.why[:300], told.gave.figures, told.gave.facts)
            memories, decided = watched.examine(memories, gave, limits[key])
            _keep(told.watch, decided)
        row.memories = watched.as_json(memories)
        row.save()


def _limits_of(watches: Iterable[Watch]) -> dict[int, Mapping[str, Limit]]:
    """The limits in force for each watch: of the device that it is about, or else of its site."""
    watches = list(watches)
    of_machines = limits_of({watch.machine_id for watch in watches if watch.machine_id}) if watches else {}
    found: dict[int, Mapping[str, Limit]] = {}
    for watch in watches:
        in_force = of_machines[watch.machine_id] if watch.machine_id else limits_in(Scope(site=watch.site))
        found[watch.pk] = {rule: limit for rule, limit in limiting.watched(in_force).items() if rule in WATCH_RULES}
    return found


def subject_of(watch_id: int, part: str = "") -> str:
    """The subject of a finding about a watch, or about a part of what it watches."""
    return f"watch {watch_id}: {part}" if part else f"watch {watch_id}"


def _cause(watch: Watch, rule: str, part: str = "") -> Cause:
    return Cause(watch.site.client_id, watch.machine_id, rule, subject_of(watch.pk, part))


def _keep(watch: Watch, decided: Iterable[Decided]) -> None:
    for one in decided:
        evidence = {**one.event.evidence, "watch": watch.pk}
        cause = _cause(watch, one.rule, one.part)
        if one.event.is_opening:
            told = watched.title(one.rule, watch.name, one.part, evidence)
            open_once(cause, Seen(told, WATCH_RULES[one.rule].severity, one.event.at, evidence))
        elif kept := cause.open_finding():
            close(kept, evidence, at=one.event.at)


@transaction.atomic
def watch_watches(at: datetime) -> int:
    """Close what is of watches that were ended; open and close findings where no result comes; say how many."""
    watches = list(Watch.objects.current().select_related("site", "sighting"))
    live = {watch.pk for watch in watches}
    gone = [row for row in WatchMemory.objects.all() if row.pk not in live]
    ours = Finding.objects.still_open().filter(rule__in=[*WATCH_RULES, UNMEASURED], subject__startswith="watch ")
    ended = [one for one in ours if _watch_in(one.subject) not in live]
    changed = sum(close(one, {"why": "this is no longer watched"}, at=at) for one in ended)
    for row in gone:
        row.delete()
    return changed + _watch_unmeasured(watches, at)


def _watch_in(subject: str) -> int:
    number = subject.removeprefix("watch ").partition(":")[0]
    return int(number) if number.isdecimal() else 0


def _watch_unmeasured(watches: Iterable[Watch], at: datetime) -> int:
    """A watch without a result must not look well; where the machine that looks is silent, that is told already."""
    still_open = {one.subject: one for one in Finding.objects.still_open().filter(rule=UNMEASURED)}
    listening = Listening.objects.filter(deaf_since=None).first()
    turns = Turn.objects.in_force()
    heard = set(State.objects.filter(seen_at__gte=at - SILENT_AFTER).values_list("pk", flat=True))
    changed = 0
    for watch in watches:
        sighting = getattr(watch, "sighting", None)
        since = max(filter(None, (watch.made_at, sighting and sighting.measured_at)))
        kept = still_open.get(subject_of(watch.pk))
        if at - since <= watch.overdue_after:
            changed += close(kept, {"why": "it is measured again"}, at=since) if kept else 0
        elif kept is None and listening and at - listening.since > watch.overdue_after:
            looking = turns.get(watch.pk)
            if looking is None or looking in heard:
                changed += _open_unmeasured(watch, sighting, looking, at)
    return changed


def _open_unmeasured(watch: Watch, sighting: Sighting | None, looking: int | None, at: datetime) -> bool:
    if looking is None:
        why = "no agent of the site may watch for others"
    else:
        said = sighting.why if sighting and sighting.is_ok is None else ""
        why = f"{Machine.objects.get(pk=looking)} looks: {said or 'nothing has come'}"
    told = f"{watch.name}: nobody knows how it is"
    return open_once(_cause(watch, UNMEASURED), Seen(told, "soon", at, {"why": why, "watch": watch.pk}))[1]
