"""Puts planned work on hold, and lets it go on: because there is money for it again, or because the owner says so."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from rounds.core.money import Refused
from rounds.people.models import User
from rounds.work.models import Hold, Order, OrderSet, Part, Stint, Timer


def waiting_orders() -> OrderSet:
    """Planned orders on which nothing has been done: those that can wait. What somebody let go on, goes on."""
    begun = (
        Stint.objects.filter(order=OuterRef("pk"), void=None),
        Part.objects.filter(order=OuterRef("pk"), void=None),
        Timer.objects.filter(order=OuterRef("pk")),
    )
    released = Hold.objects.filter(order=OuterRef("pk"), lifted_by__isnull=False)
    planned = Order.objects.still_open().filter(is_planned=True, call_month=None)
    return planned.filter(*(~Exists(rows) for rows in begun), ~Exists(released))


def holds_now() -> QuerySet[Hold]:
    """Holds on open orders that nobody and nothing has lifted."""
    return Hold.objects.filter(lifted_at=None, order__done_at=None, order__called_off_at=None)


@transaction.atomic
def hold(orders: Collection[Order], why: str, *, at: datetime) -> list[Hold]:
    """Put orders on hold; those that are on hold stay so. Gives the new holds."""
    kept = Hold.objects.select_for_update().filter(order__in=orders, lifted_at=None).values_list("order", flat=True)
    held = set(kept)
    return Hold.objects.bulk_create(
        Hold(order=order, why=why[:200], since=at) for order in orders if order.pk not in held
    )


def lift(holds: QuerySet[Hold], reason: str, *, at: datetime) -> int:
    """Let orders go on by themselves, as what held them is over; says how many."""
    return holds.filter(lifted_at=None).update(lifted_at=at, reason=reason[:200])


@transaction.atomic
def release(order: Order, reason: str, *, by: User, at: datetime) -> None:
    """Let an order go on though what held it is not over; it is not held again. Refused: no reason, or no hold."""
    if not reason.strip():
        raise Refused("say why it goes on all the same: it stands on the order")
    lifted = order.holds.filter(lifted_at=None).update(lifted_at=at, lifted_by=by, reason=reason.strip()[:200])
    if not lifted:
        raise Refused("it is not on hold any more")
