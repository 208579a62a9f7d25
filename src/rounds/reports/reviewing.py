"""A technician's review of a report: evidence of the day's duty, and time where the client's plan pays by time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from rounds.clients.agreeing import plans_on
from rounds.clients.models import Client
from rounds.clients.rows import agreement_value
from rounds.core.days import first_of_month
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.reports import choosing
from rounds.reports.models import Report, Review, ReviewOrder, ReviewUndoing, ShopChoice
from rounds.upkeep import proving
from rounds.upkeep.models import Duty, Evidence
from rounds.upkeep.proving import Outcome, Told
from rounds.work import ordering, timing, voiding
from rounds.work.models import Order, Stint

USUAL_MINUTES, MOST_MINUTES = 5, 240
CATEGORY = "monitoring"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a review leaves: the minutes that it took (0: no time is recorded), and a note."""

    minutes: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.minutes <= MOST_MINUTES:
            raise Refused(f"a review takes from 0 to {MOST_MINUTES} minutes")


def usual_minutes(shop: ShopChoice) -> int:
    """The minutes that a review usually takes: those of its routine."""
    return shop.routine.minutes if shop.routine else USUAL_MINUTES


def paying_by_time(clients: Iterable[Client], at: datetime) -> set[int]:
    """The keys of the clients on whom the time of a review is recorded: their plan pays by time, and they choose so."""
    asked = [client for client in clients if client.left_at is None]
    wishes, plans = choosing.wishes(asked), plans_on(asked, local_day(at))
    pays = {key for key, row in plans.items() if agreement_value(row).pays_looks_by_time}
    return {key for key in pays if wishes[key].records_time}


@transaction.atomic
def review(report: Report, looked: Looked, *, by: User, at: datetime) -> Review:
    """Keep that somebody looked at a report. One that stands stays as it is: a report is reviewed once.

    It is evidence of the client's duty that was due by then, if that is still open: everything on its checklist.
    """
    Client.objects.select_for_update().get(pk=report.client_id)  # one review of a client's reports at a time
    before = list(Review.objects.filter(report=report).order_by("number").select_related("undoing", "by"))
    if before and not hasattr(before[-1], "undoing"):
        return before[-1]
    evidence = _prove(report, looked, by=by, at=at)
    is_paid = looked.minutes and paying_by_time([report.client], at)
    stint = _record_time(report, looked, by=by, at=at) if is_paid else None
    return Review.objects.create(
        report=report, number=len(before) + 1, note=looked.note, evidence=evidence, stint=stint, by=by, at=at
    )


def _prove(report: Report, looked: Looked, *, by: User, at: datetime) -> Evidence | None:
    """Leave the evidence of a review; None if there is no duty that is open."""
    duty = duty_of(report)
    if duty is None:
        return None
    said = f"report of {report.day} reviewed" + (f"; {looked.note}" if looked.note else "")
    try:
        return proving.leave_evidence(duty, Told(Outcome.DONE, tuple(duty.routine.checklist), said), by=by, at=at)
    except Refused:  # somebody has just closed it by hand: it is done
        return None


def duty_of(report: Report) -> Duty | None:
    """The duty that a review of a report does: the client's open one of the chosen routine, due by then."""
    routines = choosing.review_routines(choosing.shop_choice())
    mine = Duty.objects.still_open().filter(routine__in=routines, client=report.client_id, machine=None)
    by_then = mine.filter(due_on__lte=local_day(report.made_at)).select_related("routine")
    return by_then.order_by("-due_on", "-pk").first()


def _record_time(report: Report, looked: Looked, *, by: User, at: datetime) -> Stint:
    worked = timing.Worked(
        at - timedelta(minutes=looked.minutes), looked.minutes, CATEGORY, note=f"Daily report of {report.day}"
    )
    return timing.enter(_order_of(report.client, at), worked, who=by, at=at)


def _order_of(client: Client, at: datetime) -> Order:
    """The order on which the month's reviews are kept: done from its beginning, so that it is in nobody's way."""
    month = first_of_month(local_day(at))
    kept = ReviewOrder.objects.filter(client=client, month=month).select_related("order").first()
    if kept is not None:
        return kept.order
    call = ordering.Call(client, f"Daily reports of {month:%B %Y}", category=CATEGORY)
    order = ordering.take_order(call, by=None, at=at)
    ordering.finish(order, at=at)
    ReviewOrder.objects.create(client=client, month=month, order=order)
    return order


def may_undo(user: User, kept: Review, at: datetime) -> bool:
    """Whoever reviewed it may take it back on the same day; the owner at any time."""
    return user.is_owner or (user.is_technician and kept.by_id == user.pk and local_day(kept.at) == local_day(at))


@transaction.atomic
def undo(kept: Review, *, by: User, at: datetime) -> ReviewUndoing:
    """Take a review back, with its evidence and its time. Twice takes it back once."""
    Client.objects.select_for_update().get(pk=kept.report.client_id)
    undoing, is_new = ReviewUndoing.objects.get_or_create(review=kept, defaults={"by": by, "at": at})
    if is_new:
        why = f"the review of the daily report of {kept.report.day} was taken back"
        if kept.evidence is not None:
            proving.take_back(kept.evidence, why=why, by=by, at=at)
        if kept.stint is not None:
            voiding.void(kept.stint, why=why, by=by, at=at)
    return undoing


def review_many(reports: Iterable[Report], looked: Looked, *, by: User, at: datetime) -> int:
    """Review several reports on which all is well, each by itself; say how many were new. Others are left alone."""
    new = 0
    for report in reports:
        if report.is_well:
            kept = review(report, looked, by=by, at=at)
            new += (kept.by_id, kept.at) == (by.pk, at)
    return new
