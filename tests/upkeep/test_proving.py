"""Duties are done when there is evidence: what a technician ticks, and what an agent restores."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from rounds.agents.models import Agent, Job
from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.upkeep import ordering, proving
from rounds.upkeep.models import Attempt, BackupRepository, Duty, Evidence
from rounds.upkeep.ordering import set_repository, try_now
from rounds.upkeep.proving import Outcome, Told, leave_evidence, proved
from tests.upkeep.conftest import AT, DAY, MONDAY, Begin, answer


@pytest.fixture
def duty(agreed: Client, routine: Begin) -> Duty:
    return Duty.objects.create(routine=routine(checklist=["Looked", "Wrote"]), client=agreed, due_on=MONDAY)


def test_a_ticked_checklist_closes_the_duty_and_stays_as_evidence(duty: Duty, theo: User) -> None:
    leave_evidence(duty, Told(Outcome.DONE, ("Looked", "Wrote"), "all well"), by=theo, at=AT)

    kept = Evidence.objects.get()
    assert (kept.is_good, kept.summary, kept.by) == (True, "Done: all well", theo)
    assert kept.details == {"checklist": {"Looked": True, "Wrote": True}, "note": "all well"}
    assert Duty.objects.get().closed_at == AT


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (Told(Outcome.DONE, ("Looked",)), "not ticked: Wrote"),
        (Told(Outcome.FAILED, ()), "why it was not done"),
        (Told(Outcome.SKIPPED, ("Looked", "Wrote"), "  "), "why it was not done"),
    ],
)
def test_what_says_too_little_is_refused_and_keeps_nothing(duty: Duty, theo: User, told: Told, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        leave_evidence(duty, told, by=theo, at=AT)

    assert not Evidence.objects.exists()
    assert Duty.objects.get().closed_at is None


def test_failed_leaves_it_open_and_left_out_closes_it_without_its_being_done(duty: Duty, theo: User) -> None:
    leave_evidence(duty, Told(Outcome.FAILED, note="locked room"), by=theo, at=AT)
    assert Duty.objects.still_open().exists()

    skipped = leave_evidence(duty, Told(Outcome.SKIPPED, note="moves next week"), by=theo, at=AT)
    assert not Duty.objects.still_open().exists()
    assert not skipped.is_good


def test_two_technicians_cannot_both_have_done_it(duty: Duty, theo: User, olga: User) -> None:
    done = Told(Outcome.DONE, ("Looked", "Wrote"))
    same = Duty.objects.get()
    leave_evidence(duty, done, by=theo, at=AT)

    with pytest.raises(Refused, match="closed meanwhile"):
        leave_evidence(same, done, by=olga, at=AT)

    assert Evidence.objects.count() == 1


def run(at: Any = AT) -> list[Job]:
    """Order and prove as the ticker does, twice; the jobs so far."""
    proving.pull()
    ordering.pull(at)
    assert proving.pull() == 0
    assert ordering.pull(at) == 0
    return list(Job.objects.order_by("pk"))


def test_a_restore_is_ordered_once_with_a_seed_that_nobody_can_guess(restore: Duty, srv01: Machine) -> None:
    run()
    (job,) = run(AT)

    assert (job.machine, job.kind, job.cause) == (srv01, "restore-files", f"duty-{restore.pk}-1")
    assert job.params["repository"] == "/srv/backup"
    assert job.params["password_file"] == "/etc/restic.password"
    assert job.params["count"] == 3
    assert len(job.params["seed"]) == 64


def test_a_good_restore_is_evidence_and_closes_the_duty(restore: Duty, srv01: Machine) -> None:
    (job,) = run()
    answer(job, "same", "restored", "same")

    assert len(run()) == 1
    kept = Evidence.objects.get()
    assert (kept.is_good, kept.summary, kept.job_key) == (True, "3 of 3 random files came back", f"job-{job.pk}")
    assert kept.details["report"]["files"][0]["sha256"] == "ab"
    assert Duty.objects.get().closed_at == AT
    assert proved(srv01, AT).claim == "3 of 3 came back: at least 36 % can be restored (95 % sure)"


def test_a_bad_restore_is_evidence_and_is_tried_again_the_next_day(restore: Duty, srv01: Machine) -> None:
    (job,) = run()
    answer(job, "same", "failed", "same")

    assert len(run()) == 1  # not again on the same day
    assert len(run(AT + DAY)) == 2
    second = Job.objects.latest("pk")
    assert second.params["seed"] != job.params["seed"]
    answer(second, "same", "same", "same", at=AT + DAY)
    run(AT + DAY)

    assert [kept.is_good for kept in Evidence.objects.all()] == [False, True]
    assert not Duty.objects.still_open().exists()
    assert (proved(srv01, AT + DAY).came_back, proved(srv01, AT + DAY).tried) == (5, 6)


def test_a_job_that_lapsed_is_ordered_again(restore: Duty) -> None:
    run()

    assert len(run(AT + DAY)) == 1
    assert len(run(AT + 2 * DAY)) == 2
    assert Attempt.objects.count() == 2


def test_a_result_after_the_duty_was_left_out_is_kept_all_the_same(restore: Duty, theo: User) -> None:
    (job,) = run()
    leave_evidence(restore, Told(Outcome.SKIPPED, note="replaced"), by=theo, at=AT)
    answer(job, "same", "same", "same", at=AT + DAY)
    run(AT + DAY)

    assert Evidence.objects.count() == 2
    assert Duty.objects.get().closed_at == AT


def test_what_the_agent_could_not_try_proves_nothing(restore: Duty, srv01: Machine) -> None:
    (job,) = run()
    answer(job)
    run()

    assert Evidence.objects.get().summary == "The restore could not be tried: no-restic"
    assert proved(srv01, AT).claim == "Not proved: no file has been restored yet"


def test_without_an_agent_or_a_repository_it_waits_for_a_technician(restore: Duty, srv01: Machine) -> None:
    BackupRepository.objects.update(ended_at=AT)
    assert run() == []
    with pytest.raises(Refused, match="where the backups of SRV01 lie"):
        try_now(restore, at=AT)

    set_repository(srv01, "/srv/backup", "/etc/restic.password", by=None, at=AT)
    Agent.objects.update(revoked_at=AT)
    assert run() == []
    with pytest.raises(Refused, match="no agent"):
        try_now(restore, at=AT)


def test_a_technician_may_try_again_at_once_but_not_twice_at_a_time(restore: Duty) -> None:
    (job,) = run()
    assert try_now(restore, at=AT) == job

    answer(job, "failed", "same", "same")
    again = try_now(restore, at=AT)

    assert again != job
    assert try_now(restore, at=AT) == again


def test_another_repository_begins_the_proof_anew(restore: Duty, srv01: Machine) -> None:
    (job,) = run()
    answer(job, "same", "same", "same")
    run()
    kept = BackupRepository.objects.get()

    assert set_repository(srv01, " /srv/backup", "/etc/restic.password", by=None, at=AT + DAY) == kept
    assert proved(srv01, AT + DAY).tried == 3
    set_repository(srv01, "/mnt/other", "/etc/restic.password", by=None, at=AT + DAY)
    assert proved(srv01, AT + DAY).tried == 0


def test_evidence_is_about_its_day_and_not_for_ever(restore: Duty, srv01: Machine) -> None:
    (job,) = run()
    answer(job, "same", "same", "same")
    run()

    assert proved(srv01, AT + 90 * DAY).tried == 3
    assert proved(srv01, AT + 91 * DAY).tried == 0


def test_a_skip_is_never_good_evidence_in_the_database_either(duty: Duty) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(duty=duty, is_good=True, is_skip=True, summary="both", at=AT)


def test_what_was_left_by_mistake_is_taken_back_and_the_duty_is_open_again(duty: Duty, theo: User) -> None:
    kept = leave_evidence(duty, Told(Outcome.DONE, ("Looked", "Wrote")), by=theo, at=AT)

    first = proving.take_back(kept, why="ticked the wrong client", by=theo, at=AT + DAY)
    again = proving.take_back(kept, why="once more", by=theo, at=AT + 2 * DAY)

    assert first == again
    assert (again.why, again.by) == ("ticked the wrong client", theo)
    assert Duty.objects.still_open().get() == duty
    assert Evidence.objects.get() == kept
    assert not Evidence.objects.standing().exists()


def test_taking_back_leaves_a_duty_closed_that_something_else_closed(duty: Duty, theo: User) -> None:
    mistaken = leave_evidence(duty, Told(Outcome.DONE, ("Looked", "Wrote")), by=theo, at=AT)
    proving.take_back(mistaken, why="too soon", by=theo, at=AT)
    leave_evidence(Duty.objects.get(), Told(Outcome.DONE, ("Looked", "Wrote")), by=theo, at=AT + DAY)

    proving.take_back(mistaken, why="too soon", by=theo, at=AT + DAY)

    assert not Duty.objects.still_open().exists()


def test_what_an_agent_measured_is_not_taken_back(restore: Duty, theo: User) -> None:
    try_now(restore, at=AT)
    answer(Job.objects.get(), "same", "same", "same")
    proving.pull()

    with pytest.raises(Refused, match="what it measured stays"):
        proving.take_back(Evidence.objects.get(), why="no", by=theo, at=AT)

    assert Duty.objects.get().closed_at is not None
