"""Time worked: a timer a person, kept on the server, and stints, which are kept for good once they are entered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from rounds.clients.agreeing import plan_on
from rounds.core.clocks import between
from rounds.core.money import Refused
from rounds.core.terms import Plan
from rounds.findings import maintaining
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work.asking import midnight
from rounds.work.models import Answer, Channel, Order, Stint, Timer, Verdict

FORGOTTEN_AFTER = timedelta(hours=12)
LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Worked:
    """What was worked: when, how long, and what the agreement asks about it."""

    started_at: datetime
    minutes: int
    category: str = "support"
    place: str = "remote"
    is_after_hours: bool | None = None  # None: business hours decide
    is_no_charge: bool = False
    cause: str = "unknown"
    note: str = ""


def whole_minutes(started_at: datetime, ended_at: datetime) -> int:
    """The whole minutes between two moments, to the nearest; at least one."""
    return max(1, int(between(started_at, ended_at).total_seconds() + 30) // 60)


def timer_of(who: User) -> Timer | None:
    """The timer that a person has running."""
    return Timer.objects.filter(who=who).select_related("order__client", "order__machine").first()


def is_forgotten(timer: Timer, at: datetime) -> bool:
    """Has it been running for so long that nobody can have worked all that time?"""
    return at - timer.started_at > FORGOTTEN_AFTER


def as_timed(timer: Timer, at: datetime) -> Worked:
    """What a timer has measured so far, with the order's category; a call about the list costs the client nothing."""
    order = timer.order
    minutes = whole_minutes(timer.started_at, at)
    return Worked(timer.started_at, minutes, order.category, is_no_charge=order.call_month is not None)


@transaction.atomic
def start(order: Order, *, who: User, at: datetime) -> Timer:
    """Start a person's timer on an order; one that runs on another order is stopped into a stint first.

    Starting again on the same order lets it run. Refused: an order that is not open or on hold, and a forgotten
    timer, whose true end only the person can say.
    """
    running = Timer.objects.select_for_update().filter(who=who).select_related("order").first()
    if running is not None and running.order_id == order.pk:
        return running
    if not order.is_open:
        raise Refused(f"order {order.pk} is not open: open it again first")
    held = order.holds.filter(lifted_at=None).first()
    if held is not None:
        raise Refused(f"order {order.pk} is on hold: {held.why}. The owner can let it go on")
    if running is not None:
        if is_forgotten(running, at):
            raise Refused(f"your timer on order {running.order_id} is still running: say first when that work ended")
        stop(running, as_timed(running, at), at=at)
    timer = Timer.objects.create(who=who, order=order, started_at=at)
    if order.machine is not None:
        maintaining.open_for_work(order.machine, _cause(timer), f"order {order.pk}, by {who}", at=at)
    return timer


@transaction.atomic
def stop(timer: Timer, worked: Worked, *, at: datetime) -> Stint:
    """Stop a timer into a stint. Refused: a timer that was stopped already, and what `enter` refuses."""
    if not Timer.objects.filter(pk=timer.pk, started_at=timer.started_at).delete()[0]:
        raise Refused("this timer has been stopped already")
    maintaining.close_for_work(_cause(timer), at=at)
    return enter(timer.order, worked, who=timer.who, at=at)


@transaction.atomic
def discard(timer: Timer, *, at: datetime) -> None:
    """Throw away what a timer measured: no work is recorded."""
    Timer.objects.filter(pk=timer.pk, started_at=timer.started_at).delete()
    maintaining.close_for_work(_cause(timer), at=at)


def _cause(timer: Timer) -> str:
    """What a maintenance window is open for while the timer runs."""
    return f"timer:{timer.order_id}:{timer.who_id}:{timer.started_at.timestamp():.6f}"


@transaction.atomic
def enter(order: Order, worked: Worked, *, who: User | None, at: datetime) -> Stint:
    """Keep time worked on an order, for good. Whether the machine is protected is kept as it is now.

    A visit without time has 0 minutes: billing-rules.md raises it to the minimum of its place, if the shop has one.
    Refused: less than no time, more than a day at once, the future, an order that was called off.
    """
    if worked.minutes < 0:
        raise Refused("a stint takes no less than 0 minutes")
    if worked.minutes > LONGEST_MINUTES:
        raise Refused(f"{worked.minutes} minutes are more than a day: enter each day's work by itself")
    if worked.started_at > at:
        raise Refused("it cannot have started in the future")
    if worked.started_at + timedelta(minutes=worked.minutes) > at + timedelta(minutes=1):
        raise Refused("it would end in the future: correct the start or the minutes")
    if order.called_off_at is not None:
        raise Refused("the order was called off: open it again first")
    if not worked.category.strip():
        raise Refused("say what kind of work it was")
    return Stint.objects.create(
        order=order, who=who, started_at=worked.started_at, minutes=worked.minutes, category=worked.category.strip(),
        place=worked.place, is_after_hours=worked.is_after_hours, is_no_charge=worked.is_no_charge,
        is_protected=bool(order.machine and order.machine.is_protected), cause=worked.cause, note=worked.note.strip(),
        needs_approval=not worked.is_no_charge and not is_agreed(order, worked.started_at), recorded_at=at,
    )  # fmt: skip


def is_agreed(order: Order, done_at: datetime) -> bool:
    """Has the client agreed to work done at a moment? Under call first only his own yes is one, else his agreement.

    billing-rules.md, "Call first": a yes by an agreement of before, under which he was not asked, is none.
    """
    if plan_on(order.client, local_day(done_at)) is not Plan.CALL_FIRST:
        return True
    said = Answer.objects.filter(proposal=order.proposal_id).exclude(channel=Channel.AGREEMENT).order_by("-pk").first()
    return said is not None and said.verdict == Verdict.AGREE


def overlapping(who: User, worked: Worked) -> list[Stint]:
    """A person's stints that overlap what he wants to enter."""
    ends_at = worked.started_at + timedelta(minutes=worked.minutes)
    near = Stint.objects.filter(
        who=who,
        void=None,
        started_at__lt=ends_at,
        started_at__gt=worked.started_at - timedelta(minutes=LONGEST_MINUTES),
    ).select_related("order__client")
    return [stint for stint in near if stint.ended_at > worked.started_at]


def minutes_on(who: User, day_of: datetime) -> int:
    """The minutes that a person has worked on the shop's day of a moment until then, running timer aside."""
    since = midnight(local_day(day_of))
    rows = Stint.objects.filter(who=who, started_at__gte=since, started_at__lte=day_of, void=None).order_by()
    return rows.aggregate(sum=Sum("minutes"))["sum"] or 0
