"""Opens and closes findings by what check-ins say, of machines and of what they watch; each is read once."""

from collections.abc import Iterable

from django.db import transaction

from rounds.agents import reading
from rounds.agents.reading import ReadCheckIn
from rounds.clients.models import Machine
from rounds.core.examining import Chart, Decided
from rounds.core.runs import examine_run
from rounds.core.watching import RULES, title
from rounds.findings import others, remembering
from rounds.findings.limits import watched_of
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.watches import reading as seeing
from rounds.watches.reading import believed

READER = "findings"


def pull(limit: int = reading.AT_ONCE) -> int:
    """Bring findings up to date with all check-ins; say how many were new."""
    total = 0
    while count := pull_some(limit):
        total += count
    return total


@transaction.atomic
def pull_some(limit: int = reading.AT_ONCE) -> int:
    """Read so many check-ins at the most; say how many there were."""
    check_ins = reading.take(READER, limit)
    by_machine: dict[int, list[ReadCheckIn]] = {}
    for check_in in check_ins:
        by_machine.setdefault(check_in.machine_id, []).append(check_in)
    charts = remembering.charts_of(by_machine)
    limits = watched_of(by_machine)
    machines = Machine.objects.filter(pk__in=by_machine, retired_at=None, site__client__left_at=None)
    clients = dict(machines.values_list("pk", "site__client_id"))

    kept = []
    for machine_id in (key for key in by_machine if key in clients):
        seen = [check_in.looked_at() for check_in in by_machine[machine_id]]
        chart, decided = examine_run(charts.get(machine_id) or Chart(), seen, limits[machine_id])
        _keep(clients[machine_id], machine_id, decided)
        kept.append((machine_id, chart))

    remembering.keep(kept)
    told = believed(check_ins)
    seeing.keep(told)
    others.take(told)
    return len(check_ins)


def _keep(client_id: int, machine_id: int, decided: Iterable[Decided]) -> None:
    for one in decided:
        cause, evidence = Cause(client_id, machine_id, one.rule, one.subject), dict(one.event.evidence)
        if one.event.is_opening:
            told = title(one.rule, one.subject, evidence)
            open_once(cause, Seen(told, RULES[one.rule].severity, one.event.at, evidence))
        elif kept := cause.open_finding():
            close(kept, evidence, at=one.event.at)
