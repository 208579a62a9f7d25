"""Orders jobs of agents: typed duties from a fixed list, each once for its cause, and lists those still open."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from rounds.agents.models import Agent, Job
from rounds.clients.models import Machine
from rounds.core.money import Refused


def _check_restore_files(params: Mapping[str, Any]) -> None:
    for name in ("repository", "password_file", "seed"):
        if not isinstance(params.get(name), str) or not params[name]:
            raise Refused(f"restore-files needs “{name}”, a text")
    count = params.get("count")
    if not isinstance(count, int) or not 1 <= count <= 100:
        raise Refused("restore-files needs “count”, from 1 to 100")


KINDS: dict[str, Callable[[Mapping[str, Any]], None]] = {"restore-files": _check_restore_files}

OPEN_FOR = timedelta(days=2)


def order(
    machine: Machine,
    kind: str,
    params: Mapping[str, Any],
    *,
    cause: str,
    at: datetime,
    open_for: timedelta = OPEN_FOR,
) -> Job:
    """Order a job of a machine's agent; the same cause again gives the same job.

    It lapses if it is not done in time: after two days, unless said otherwise.

    The result comes as `JobResult`: `Job.result`, absent until it is in.
    """
    if kind not in KINDS:
        raise Refused(f"agents know no duty “{kind}”; they know {', '.join(KINDS)}")
    KINDS[kind](params)
    if not Agent.objects.current().filter(machine=machine).exists():
        raise Refused(f"{machine} has no agent that could do it")
    told = {"machine": machine, "kind": kind, "params": dict(params), "ordered_at": at}
    job, _ = Job.objects.get_or_create(cause=cause, defaults={**told, "expires_at": at + open_for})
    return job


def open_jobs(at: datetime) -> QuerySet[Job]:
    """Jobs whose result is not in and that have not lapsed, oldest first."""
    return Job.objects.filter(result=None, expires_at__gt=at).order_by("pk")
