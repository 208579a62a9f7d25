"""Orders: taken by hand when somebody called, finished, reopened, called off; what a deferral led to."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from rounds.clients.models import Client, Machine, Site
from rounds.core.days import first_of_month
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.work.answering import has_begun
from rounds.work.models import Answer, Consequence, Order, Part, Timer, Verdict


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody called about, in the words of whoever took the call."""

    client: Client
    title: str
    machine: Machine | None = None
    category: str = "support"
    note: str = ""
    site: Site | None = None


@transaction.atomic
def take_order(call: Call, *, by: User | None, at: datetime) -> Order:
    """Open an order for unplanned work. Refused: no words, a client who has left, another one’s machine or site."""
    if not call.title.strip():
        raise Refused("say what it is about")
    if call.client.left_at is not None:
        raise Refused(f"{call.client} is no longer a client: bring him back first")
    if call.machine is not None and call.machine.site.client_id != call.client.pk:
        raise Refused(f"{call.machine} is not a machine of {call.client}")
    if call.site is not None and call.site.client_id != call.client.pk:
        raise Refused(f"{call.site.name} is not a site of {call.client}")
    return Order.objects.create(
        client=call.client, machine=call.machine, site=call.site, title=call.title.strip()[:160],
        category=call.category, note=call.note, opened_at=at, opened_by=by,
    )  # fmt: skip


@transaction.atomic
def order_for_call(client: Client, today: date, *, by: User | None, at: datetime) -> Order:
    """The order on which this month's call about a client's list is timed; made when first asked for, open again."""
    month = first_of_month(today)
    order, _is_new = Order.objects.get_or_create(
        client=client, call_month=month,
        defaults={
            "title": f"Call about the list of {month:%B %Y}", "category": "maintenance", "is_planned": True,
            "opened_at": at, "opened_by": by,
        },
    )  # fmt: skip
    if not order.is_open:
        order.done_at = order.called_off_at = None
        order.save(update_fields=["done_at", "called_off_at", "changed_at"])
    return order


@transaction.atomic
def finish(order: Order, *, at: datetime) -> None:
    """Mark an order as done. Refused while somebody's timer runs on it, or when it was called off."""
    timer = Timer.objects.filter(order=order).select_related("who").first()
    if timer is not None:
        raise Refused(f"a timer of {timer.who} is running on it: stop it first")
    if order.called_off_at is not None:
        raise Refused("the order was called off")
    Order.objects.filter(pk=order.pk, done_at=None).update(done_at=at, changed_at=at)


@transaction.atomic
def reopen(order: Order) -> None:
    """Open an order again that was done or called off. Refused where the client has said no to it."""
    last = order.proposal.last_answer if order.proposal else None
    if order.called_off_at is not None and last is not None and last.verdict != Verdict.AGREE:
        raise Refused("the client has put it off or declined it: it opens again when he agrees")
    Order.objects.filter(pk=order.pk).update(done_at=None, called_off_at=None, changed_at=timezone.now())


@transaction.atomic
def call_off(order: Order, *, at: datetime) -> None:
    """Call off an order on which nothing has been done. Refused once work has begun."""
    if has_begun(order):
        raise Refused("work on it has begun: finish it instead")
    Order.objects.filter(pk=order.pk, called_off_at=None).update(called_off_at=at, changed_at=at)


@transaction.atomic
def write_note(order: Order, note: str) -> None:
    """Keep the order's note, which says what is known and what was arranged."""
    Order.objects.filter(pk=order.pk).update(note=note.strip(), changed_at=timezone.now())


@transaction.atomic
def use_part(order: Order, part: Part, *, by: User | None, at: datetime) -> Part:
    """Keep a part used on an order. Refused: no name, no quantity, both a price and a cost or neither, the future."""
    if not part.name.strip():
        raise Refused("say what was used")
    if part.quantity < 1:
        raise Refused("at least one is used")
    if (part.price is None) == (part.cost is None):
        raise Refused("give either the price to the client or what it cost the shop")
    if min(part.price or 0, part.cost or 0) < 0:
        raise Refused("an amount is not negative")
    if part.used_at > at:
        raise Refused("it cannot have been used in the future")
    if order.called_off_at is not None:
        raise Refused("the order was called off: open it again first")
    part.order, part.recorded_by, part.recorded_at = order, by, at
    part.save(force_insert=True)
    return part


@dataclass(frozen=True, slots=True)
class Standstill:
    """How long how many people could not work."""

    minutes: int = 0
    people: int = 0
    note: str = ""


@transaction.atomic
def link_consequence(answer: Answer, order: Order, idle: Standstill, *, by: User | None, at: datetime) -> Consequence:
    """Say that an order repaired what a deferral or refusal led to. Linking the same two twice keeps the first.

    Refused: an answer that agreed, an order of another client, one that was opened before the answer.
    """
    if answer.verdict == Verdict.AGREE:
        raise Refused("the client agreed: nothing came of leaving it")
    if order.client_id != answer.proposal.client_id:
        raise Refused("the order is another client's")
    if order.opened_at < answer.at:
        raise Refused("the order was opened before the client answered")
    kept, _is_new = Consequence.objects.get_or_create(
        answer=answer, order=order,
        defaults={
            "idle_minutes": idle.minutes, "idle_people": idle.people, "note": idle.note.strip(),
            "linked_at": at, "linked_by": by,
        },
    )  # fmt: skip
    return kept
