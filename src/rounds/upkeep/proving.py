"""Keeps evidence: what a technician ticked and wrote, what a machine's agent reported; good evidence closes a duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from rounds.clients.models import Machine
from rounds.core.money import Refused
from rounds.core.sampling import claim, judge
from rounds.people.models import User
from rounds.upkeep.models import Attempt, BackupRepository, Duty, Evidence, Retraction

PROOF_LASTS = timedelta(days=90)  # evidence is about the day on which it was taken


class Outcome(StrEnum):
    """What came of a duty, as a technician tells it."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Told:
    """What a technician leaves: the outcome, the items of the checklist that he ticked, and a note."""

    outcome: Outcome
    ticked: Sequence[str] = ()
    note: str = ""


@transaction.atomic
def leave_evidence(duty: Duty, told: Told, *, by: User | None, at: datetime) -> Evidence:
    """Keep what a technician tells of a duty; done or skipped closes it.

    Refused: a duty that is closed; done with items not ticked; failed or skipped without a word why.
    """
    checklist = list(duty.routine.checklist)
    missing = [item for item in checklist if item not in told.ticked]
    note = told.note.strip()
    if told.outcome is Outcome.DONE and missing:
        raise Refused(f"not ticked: {'; '.join(missing)}. If it could not be done, say so and why")
    if told.outcome is not Outcome.DONE and not note:
        raise Refused("say in the note why it was not done")
    if told.outcome is Outcome.FAILED and duty.closed_at is not None:
        raise Refused("this duty has been closed meanwhile")
    if told.outcome is not Outcome.FAILED and not _close(duty, at):
        raise Refused("this duty has been closed meanwhile")
    usual = {Outcome.DONE: "Done", Outcome.FAILED: "Could not be done", Outcome.SKIPPED: "Left out"}[told.outcome]
    return Evidence.objects.create(
        duty=duty,
        is_good=told.outcome is Outcome.DONE,
        is_skip=told.outcome is Outcome.SKIPPED,
        summary=(f"{usual}: {note}" if note else usual)[:200],
        details={"checklist": {item: item in told.ticked for item in checklist}, "note": note},
        by=by,
        at=at,
    )


def _close(duty: Duty, at: datetime) -> bool:
    """Close a duty for everybody; False if somebody else has."""
    is_closed = bool(Duty.objects.filter(pk=duty.pk, closed_at=None).update(closed_at=at))
    if is_closed:
        duty.closed_at = at
    return is_closed


@transaction.atomic
def take_back(evidence: Evidence, *, why: str, by: User | None, at: datetime) -> Retraction:
    """Take back what a person left by mistake: the duty is open again, if nothing else has closed it. Twice: once.

    Refused: what an agent reported, which is a measurement.
    """
    if evidence.job_key is not None:
        raise Refused("an agent reported this: what it measured stays")
    kept, is_new = Retraction.objects.get_or_create(evidence=evidence, defaults={"why": why[:200], "by": by, "at": at})
    if is_new and not _closing(evidence.duty_id):
        Duty.objects.filter(pk=evidence.duty_id).update(closed_at=None)
    return kept


def _closing(duty_id: int) -> bool:
    """Is there still something that closes a duty?"""
    standing = Evidence.objects.standing().filter(duty=duty_id)
    return standing.filter(Q(is_good=True) | Q(is_skip=True)).exists()


def pull() -> int:
    """Turn the results of agents' jobs into evidence, each once; say how many."""
    key = Concat(Value("job-"), Cast("job_id", CharField()))
    kept = Evidence.objects.filter(job_key=OuterRef("key"))
    attempts = Attempt.objects.filter(job__result__isnull=False).annotate(key=key).filter(~Exists(kept))
    return sum(_prove(attempt) for attempt in attempts.select_related("job__result", "duty__routine"))


@transaction.atomic
def _prove(attempt: Attempt) -> bool:
    job, result = attempt.job, attempt.job.result
    asked = job.params.get("count", 1)

    proof = judge(result.report, is_ok=result.is_ok, asked=asked)

    details = {
        "tried": proof.tried,
        "came_back": proof.came_back,
        "repository": job.params.get("repository"),
        "seed": job.params.get("seed"),
        "report": result.report,
    }
    told = {"duty": attempt.duty, "is_good": proof.is_good, "summary": proof.summary, "details": details}
    _, is_new = Evidence.objects.get_or_create(job_key=f"job-{job.pk}", defaults={**told, "at": result.check_in_at})
    if is_new and proof.is_good:
        _close(attempt.duty, result.check_in_at)
    return is_new


@dataclass(frozen=True, slots=True)
class Proved:
    """What the restores of a machine's present repository have shown so far."""

    tried: int
    came_back: int
    last: Evidence | None

    @property
    def claim(self) -> str:
        """What it proves, in words."""
        return claim(self.came_back, self.tried)


def proved(machine: Machine, at: datetime) -> Proved:
    """What the restores of the last 90 days, since the repository is the present one, prove of a machine's backup."""
    repository = BackupRepository.objects.filter(machine=machine, ended_at=None).first()
    restores = Evidence.objects.filter(duty__machine=machine, duty__routine__job="restore-files", job_key__isnull=False)
    if repository is None:
        return Proved(0, 0, restores.last())
    counted = restores.filter(at__gte=max(repository.since, at - PROOF_LASTS))
    rows = [(row.get("tried", 0), row.get("came_back", 0)) for row in counted.values_list("details", flat=True)]
    return Proved(sum(tried for tried, _ in rows), sum(back for _, back in rows), restores.last())
