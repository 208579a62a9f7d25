"""Orders jobs of agents for duties that an agent can do, and tries again on another day what did not go well."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from rounds.agents.models import Agent, Job
from rounds.agents.ordering import order
from rounds.clients.models import Machine
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.upkeep.models import Attempt, BackupRepository, Duty


def pull(at: datetime) -> int:
    """Order the jobs of all duties that agents can do now; say how many. Again, it orders none.

    A duty whose machine has no agent or no known repository waits for a technician.
    """
    today = local_day(at)
    duties = list(
        Duty.objects.still_open()
        .filter(due_on__lte=today, routine__job="restore-files", machine__isnull=False)
        .select_related("routine", "machine")
    )
    last = _last_attempts(duties)
    able = _able({duty.machine_id for duty in duties if duty.machine_id})
    there = ((duty, able.get(duty.machine_id or 0)) for duty in duties if _may_try(last.get(duty.pk), at))
    waiting = [(duty, repository) for duty, repository in there if repository]
    return sum(_order(duty, repository, at) is not None for duty, repository in waiting)


def try_now(duty: Duty, *, at: datetime) -> Job:
    """Order the job of one duty at once, because a technician asks for it. Refused: it cannot be, with the reason."""
    if duty.closed_at is not None:
        raise Refused("this duty is closed")
    if not duty.routine.job or duty.machine_id is None:
        raise Refused("this duty is done by hand")
    repository = BackupRepository.objects.filter(machine=duty.machine_id, ended_at=None).first()
    if repository is None:
        raise Refused(f"enter first where the backups of {duty.machine} lie, on the page of the machine")
    attempt = _last_attempts([duty]).get(duty.pk)
    if attempt is not None and _is_running(attempt, at):
        return attempt.job
    job = _order(duty, repository, at)
    if job is None:
        raise Refused("somebody else has just ordered it")
    return job


def set_repository(
    machine: Machine, path: str, password_file: str, *, by: User | None, at: datetime
) -> BackupRepository:
    """Say where a machine's backups lie. Another place begins a new proof; the same place changes nothing."""
    told = {"path": path.strip(), "password_file": password_file.strip()}
    with transaction.atomic():
        current = BackupRepository.objects.filter(machine=machine, ended_at=None)
        same = current.filter(**told).first()
        if same is not None:
            return same
        current.update(ended_at=at)
        return BackupRepository.objects.create(machine=machine, since=at, set_by=by, **told)


def _last_attempts(duties: Iterable[Duty]) -> dict[int, Attempt]:
    rows = Attempt.objects.filter(duty__in=list(duties)).select_related("job__result").order_by("number")
    return {attempt.duty_id: attempt for attempt in rows}


def _able(machines: set[int]) -> dict[int, BackupRepository]:
    """The machines that have an agent and a repository, with the repository."""
    with_agent = Agent.objects.current().filter(machine__in=machines).values("machine")
    rows = BackupRepository.objects.filter(machine__in=with_agent, ended_at=None)
    return {repository.machine_id: repository for repository in rows.select_related("machine")}


def _is_running(attempt: Attempt, at: datetime) -> bool:
    return not hasattr(attempt.job, "result") and attempt.job.expires_at > at


def _may_try(last: Attempt | None, at: datetime) -> bool:
    """Is it time for an attempt: the first, or another after one that lapsed or, on an earlier day, went badly?"""
    if last is None:
        return True
    if not hasattr(last.job, "result"):
        return last.job.expires_at <= at
    return local_day(last.job.result.check_in_at) < local_day(at)


@transaction.atomic
def _order(duty: Duty, repository: BackupRepository, at: datetime) -> Job | None:
    number = Attempt.objects.filter(duty=duty).count() + 1
    cause = f"duty-{duty.pk}-{number}"
    params = {
        "repository": repository.path,
        "password_file": repository.password_file,
        "snapshot": "latest",
        # Nobody can know it before the order is out, and whoever has the order can recompute the choice of files.
        "seed": salted_hmac("rounds.upkeep.restore", cause, algorithm="sha256").hexdigest(),
        "count": duty.routine.job_params.get("count", 3),
    }
    job = order(repository.machine, duty.routine.job, params, cause=cause, at=at)
    _, is_new = Attempt.objects.get_or_create(duty=duty, number=number, defaults={"job": job, "ordered_at": at})
    return job if is_new else None
