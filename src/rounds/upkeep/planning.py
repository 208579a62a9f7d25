"""Makes the duties that fall due, for clients by their plan; `core.cadence` says which."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Max, Q
from django.utils import timezone

from rounds.clients.agreeing import plans_on
from rounds.clients.models import Client, Machine, MachineKind
from rounds.core.cadence import Past, falls_due, parse
from rounds.core.terms import Plan
from rounds.people.shop import local_day, shop_zone
from rounds.upkeep.models import Duty, Per, Routine
from rounds.upkeep.routines import horizon, lineage

KINDS: Mapping[str, tuple[str, ...]] = {
    Per.SERVER: (MachineKind.SERVER,),
    Per.WORKSTATION: (MachineKind.WORKSTATION,),
    Per.MACHINE: (MachineKind.SERVER, MachineKind.WORKSTATION),
}

OWN = "own"  # in place of a plan: the shop itself

type Key = tuple[int, int | None]  # client and machine


@dataclass(frozen=True, slots=True)
class Subject:
    """A client, or one of his machines, for whom a routine may fall due: since when he is there, where he stands."""

    client_id: int
    machine_id: int | None
    since: date
    kind: str = ""
    environment: str = "office"

    @property
    def key(self) -> Key:
        """What names it among all."""
        return self.client_id, self.machine_id


def pull(day: date) -> int:
    """Make the duties that fall due on a day of the shop; say how many. Again, it makes none."""
    clients = list(Client.objects.current())
    plans = {key: agreement.plan for key, agreement in plans_on(clients, day).items()}
    plans |= {client.pk: OWN for client in clients if client.is_own}
    zone = shop_zone()
    subjects = [*_clients(clients, zone), *_machines(zone)]
    made = 0
    before = lineage()
    for routine in Routine.objects.running().filter(starts__lte=day):
        pasts = _pasts(routine, before[routine.pk], day, zone)
        due = list(_falling_due(routine, pasts, _open(before[routine.pk]), _whose(routine, subjects, plans), day))
        Duty.objects.bulk_create(due, ignore_conflicts=True)
        made += len(due)
    return made


def _clients(clients: Iterable[Client], zone: ZoneInfo) -> Iterator[Subject]:
    for client in clients:
        yield Subject(client.pk, None, local_day(client.since, zone))


def _machines(zone: ZoneInfo) -> Iterator[Subject]:
    rows = Machine.objects.filter(retired_at=None, site__client__left_at=None).values_list(
        "site__client_id", "pk", "added_at", "kind", "site__environment"
    )
    for client_id, machine_id, added_at, kind, environment in rows:
        yield Subject(client_id, machine_id, local_day(added_at, zone), kind, environment)


def _whose(routine: Routine, subjects: Iterable[Subject], plans: Mapping[int, str]) -> list[Subject]:
    """The clients or machines that a routine is for, by kind and by plan; the shop looks after its own by every one."""
    kinds = KINDS.get(routine.per)
    fitting = (one for one in subjects if (one.kind in kinds if kinds else one.machine_id is None))
    if not routine.plans:
        return list(fitting)
    return [one for one in fitting if plans.get(one.client_id, Plan.REACTIVE) in (*routine.plans, OWN)]


def _falling_due(
    routine: Routine,
    pasts: Mapping[Key, tuple[date, date]],
    open_keys: set[Key],
    subjects: Sequence[Subject],
    day: date,
) -> Iterator[Duty]:
    at = timezone.now()
    cadences = {environment: parse(routine.cadence, environment) for environment in {s.environment for s in subjects}}
    for subject in subjects:
        if subject.key in open_keys:
            continue
        last_due, last_closed = pasts.get(subject.key, (None, None))
        past = Past(since=subject.since, last_due=last_due, last_closed=last_closed)
        cadence = cadences[subject.environment]
        due = falls_due(cadence, routine.starts, past, day, is_floating=routine.is_floating)
        if due:
            yield Duty(
                routine=routine, client_id=subject.client_id, machine_id=subject.machine_id,
                due_on=due.on, missed=due.missed, made_at=at,
            )  # fmt: skip


def _open(versions: Sequence[int]) -> set[Key]:
    rows = Duty.objects.filter(routine__in=versions, closed_at=None)
    return set(rows.values_list("client_id", "machine_id"))


def _pasts(routine: Routine, versions: Sequence[int], day: date, zone: ZoneInfo) -> dict[Key, tuple[date, date]]:
    """When each one's last duty under the routine, or one it replaced, was due, and when the last was closed."""
    recent = Q(due_on__gte=day - horizon(routine)) if day - date.min > horizon(routine) else Q()
    rows = (
        Duty.objects.filter(recent, routine__in=versions, closed_at__isnull=False)
        .values("client_id", "machine_id")
        .annotate(last_due=Max("due_on"), last_closed=Max("closed_at"))
        .order_by()
    )
    return {
        (row["client_id"], row["machine_id"]): (row["last_due"], local_day(row["last_closed"], zone)) for row in rows
    }
