"""A review is evidence of the day's duty, time where the plan pays by time, once; and it can be taken back."""

from datetime import date
from typing import Any

import pytest

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.findings import reporting
from rounds.people.models import User
from rounds.reports import choosing, making, reviewing
from rounds.reports.models import ClientChoice, Report, Review, ReviewOrder, ShopChoice
from rounds.reports.reviewing import Looked
from rounds.upkeep import proving, routines
from rounds.upkeep.models import Duty, Evidence, Routine
from rounds.upkeep.proving import Outcome, Told
from rounds.work.models import Order, Stint
from tests.reports.conftest import DAY, HOUR, MINUTE, MORNING, TODAY, watch
from tests.trade import agreed

NINE = MORNING + 3 * HOUR


@pytest.fixture
def report(watched: Client, look: Duty) -> Report:
    making.pull(MORNING)
    return Report.objects.get(day=TODAY)


def test_a_review_is_evidence_of_the_days_duty(report: Report, look: Duty, theo: User) -> None:
    kept = reviewing.review(report, Looked(note="talked to Nora"), by=theo, at=NINE)

    evidence = Evidence.objects.get()
    assert kept.evidence == evidence
    assert (evidence.duty, evidence.by, evidence.is_good) == (look, theo, True)
    assert evidence.summary == "Done: report of 2026-04-14 reviewed; talked to Nora"
    assert evidence.details["checklist"] == {"New findings looked at": True, "Disks looked at": True}
    assert not Duty.objects.still_open().exists()
    assert kept.stint is None


def test_it_is_reviewed_once_by_whoever_was_first(report: Report, theo: User, olga: User) -> None:
    first = reviewing.review(report, Looked(), by=theo, at=NINE)

    again = reviewing.review(report, Looked(minutes=30), by=olga, at=NINE + MINUTE)

    assert again == first
    assert Review.objects.get().by == theo
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("plan", "terms", "is_paid"),
    [
        ("block", {}, True),
        ("retainer", {}, True),
        ("block", {"monitoring": "75.00"}, False),
        ("block", {"monitoring": "2 hours"}, False),
        ("retainer", {"monitoring": "50.00"}, False),
        ("service-agreement", {"included_seconds": 3600}, False),
        ("call-first", {}, False),
    ],
)
def test_time_is_recorded_where_the_plan_pays_by_time(
    report: Report,
    theo: User,
    plan: str,
    terms: dict[str, Any],
    is_paid: bool,  # noqa: FBT001
) -> None:
    agreed(report.client, plan, date(2026, 4, 1), **terms)

    kept = reviewing.review(report, Looked(minutes=5), by=theo, at=NINE)

    assert Stint.objects.count() == is_paid
    if kept.stint is not None:
        assert (kept.stint.minutes, kept.stint.category, kept.stint.who) == (5, "monitoring", theo)
        assert kept.stint.ended_at == NINE
        assert kept.stint.order.title == "Daily reports of April 2026"
        assert not Order.objects.get().is_open


def test_reviews_of_a_month_are_on_one_order_and_no_minutes_are_no_stint(report: Report, theo: User) -> None:
    agreed(report.client, "block", date(2026, 4, 1))
    reviewing.review(report, Looked(minutes=5), by=theo, at=NINE)
    for number in (1, 2):
        making.pull(MORNING + number * DAY)
    second, third = Report.objects.filter(day__gt=TODAY).order_by("day")

    reviewing.review(second, Looked(minutes=7), by=theo, at=NINE + DAY)
    reviewing.review(third, Looked(minutes=0), by=theo, at=NINE + 2 * DAY)

    assert Order.objects.count() == ReviewOrder.objects.count() == 1
    assert list(Stint.objects.values_list("minutes", flat=True)) == [5, 7]


def test_the_shop_or_a_client_can_leave_time_out(report: Report, theo: User) -> None:
    agreed(report.client, "block", date(2026, 4, 1))
    choosing.choose_for_client(ClientChoice(client=report.client, records_time=False), by=None, at=MORNING)

    reviewing.review(report, Looked(minutes=5), by=theo, at=NINE)

    assert not Stint.objects.exists()


@pytest.mark.parametrize("minutes", [-1, 241])
def test_minutes_that_nobody_takes_are_refused(minutes: int) -> None:
    with pytest.raises(Refused, match="from 0 to 240"):
        Looked(minutes=minutes)


def test_taken_back_the_duty_is_open_the_time_is_void_and_it_can_be_reviewed_again(
    report: Report, theo: User, olga: User
) -> None:
    agreed(report.client, "block", date(2026, 4, 1))
    kept = reviewing.review(report, Looked(minutes=5), by=theo, at=NINE)

    first = reviewing.undo(kept, by=theo, at=NINE + MINUTE)
    assert reviewing.undo(kept, by=olga, at=NINE + 2 * MINUTE) == first

    assert Duty.objects.still_open().count() == 1
    assert not Evidence.objects.standing().exists()
    assert Stint.objects.get().void.by == theo
    assert Report.objects.with_review().get().review_id is None

    again = reviewing.review(Report.objects.get(), Looked(), by=olga, at=NINE + HOUR)
    assert (again.number, again.by) == (2, olga)
    assert not Duty.objects.still_open().exists()


def test_what_was_taken_back_closes_no_finding(report: Report, look: Duty, theo: User) -> None:
    proving.leave_evidence(look, Told(Outcome.FAILED, note="no time"), by=theo, at=NINE - HOUR)
    reporting.pull()
    reviewing.undo(reviewing.review(report, Looked(), by=theo, at=NINE), by=theo, at=NINE + MINUTE)

    assert reporting.pull() == 0


def test_who_may_take_a_review_back(report: Report, theo: User, olga: User, bea: User) -> None:
    kept = reviewing.review(report, Looked(), by=theo, at=NINE)

    assert reviewing.may_undo(theo, kept, NINE + HOUR)
    assert not reviewing.may_undo(theo, kept, NINE + DAY)
    assert reviewing.may_undo(olga, kept, NINE + 9 * DAY)
    assert not reviewing.may_undo(bea, kept, NINE + HOUR)


def test_a_duty_that_was_ticked_by_hand_leaves_the_review_by_itself(report: Report, look: Duty, theo: User) -> None:
    ticked = Told(Outcome.DONE, ("New findings looked at", "Disks looked at"))
    proving.leave_evidence(look, ticked, by=theo, at=NINE)

    kept = reviewing.review(report, Looked(), by=theo, at=NINE + MINUTE)

    assert kept.evidence is None
    assert Evidence.objects.count() == 1


def test_an_old_report_does_not_do_todays_duty(report: Report, look: Duty, theo: User) -> None:
    Duty.objects.update(due_on=TODAY + DAY)

    kept = reviewing.review(report, Looked(), by=theo, at=NINE + DAY)

    assert kept.evidence is None
    assert Duty.objects.still_open().exists()


def test_a_routine_that_was_changed_is_still_the_one(report: Report, look: Duty, theo: User) -> None:
    choosing.choose_for_shop(ShopChoice(routine=look.routine), by=None, at=MORNING)
    changed = Routine(name="Morning rounds", cadence="daily", starts=TODAY, minutes=9)
    newer = routines.change(look.routine, changed, at=MORNING)
    Duty.objects.create(routine=newer, client=report.client, due_on=TODAY)

    kept = reviewing.review(report, Looked(), by=theo, at=NINE)

    assert kept.evidence is not None
    assert kept.evidence.duty.routine == newer


def test_without_a_routine_a_review_does_no_duty(report: Report, look: Duty, theo: User) -> None:
    choosing.choose_for_shop(ShopChoice(routine=None), by=None, at=MORNING)

    assert reviewing.review(report, Looked(), by=theo, at=NINE).evidence is None
    assert Duty.objects.still_open().get() == look


def test_many_are_reviewed_at_once_but_only_those_that_are_well(report: Report, theo: User, elm: Client) -> None:
    Client.objects.update(since=MORNING - 30 * DAY)
    choosing.choose_for_client(ClientChoice(client=elm, wanted="always"), by=None, at=MORNING)
    making.pull(MORNING + MINUTE)
    assert set(Report.objects.values_list("state", flat=True)) == {"well", "unmeasured"}

    assert reviewing.review_many(Report.objects.all(), Looked(), by=theo, at=NINE) == 1
    assert reviewing.review_many(Report.objects.all(), Looked(), by=theo, at=NINE + MINUTE) == 0

    assert Review.objects.get().report == report


def test_a_client_who_has_left_is_reviewed_without_time(report: Report, theo: User) -> None:
    agreed(report.client, "block", date(2026, 4, 1))
    Client.objects.update(left_at=MORNING + MINUTE)

    kept = reviewing.review(Report.objects.get(), Looked(minutes=5), by=theo, at=NINE)

    assert kept.stint is None


def test_the_machines_of_today_do_not_change_a_review_of_yesterday(report: Report, theo: User) -> None:
    kept = reviewing.review(report, Looked(), by=theo, at=NINE)
    for machine in report.client.sites.get().machines.all():
        watch(machine, disks={"/srv": {"used_percent": 99.0}})

    assert Report.objects.with_review().get().review_id == kept.pk
    assert Report.objects.get().is_well
