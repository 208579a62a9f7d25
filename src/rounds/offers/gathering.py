"""Gathers what an offer looks at: a client's year of work and parts, and what deferring work has led to."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rounds.clients.models import Client
from rounds.core import account as values
from rounds.core.days import add_months, first_of_month, last_of_month
from rounds.core.minutes import seconds_each
from rounds.core.rating import is_covered
from rounds.core.terms import Agreement, Place, Shop
from rounds.people.shop import local_moment, shop_zone
from rounds.work.estimating import damage_of
from rounds.work.models import Consequence, Part, Stint

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve whole months of a client's work: first and last day, the work and the parts, in the order done."""

    first: date
    last: date
    works: tuple[values.Work, ...]
    parts: tuple[values.Part, ...]

    @property
    def months(self) -> list[date]:
        """The firsts of its months."""
        return [add_months(self.first, number) for number in range(MONTHS)]

    def covered_seconds(self, agreement: Agreement, shop: Shop) -> int:
        """The billable seconds of the year that an agreement covers."""
        return sum(seconds for work, seconds in seconds_each(self.works, shop) if is_covered(agreement, work))


@dataclass(frozen=True, slots=True)
class Downtime:
    """What deferring or declining work came to in a year; time in minutes, worth in cents.

    `idle_minutes` are those of all the people who could not work; `proposed_minutes` the work that had been proposed.
    """

    titles: tuple[str, ...] = ()
    idle_minutes: int = 0
    idle_cost: int = 0
    proposed_minutes: int = 0
    repair_minutes: int = 0
    repair_cost: int = 0


def year_of(client: Client, last: date) -> Year:
    """A client's twelve months up to the end of `last`'s month: everything recorded, by the day it was done."""
    last = last_of_month(last)
    first = add_months(first_of_month(last), 1 - MONTHS)
    begin, end = _bounds(first, last)
    zone = shop_zone()
    stints = Stint.objects.filter(order__client=client, started_at__gte=begin, started_at__lt=end, void=None)
    parts = Part.objects.filter(order__client=client, used_at__gte=begin, used_at__lt=end, void=None)
    return Year(
        first,
        last,
        tuple(_work(stint, stint.started_at.astimezone(zone)) for stint in stints.order_by("started_at", "pk")),
        tuple(_part(part, part.used_at.astimezone(zone).date()) for part in parts.order_by("used_at", "pk")),
    )


def downtime_of(client: Client, first: date, last: date) -> Downtime:
    """What came of work that the client deferred or declined, by the day on which the repair began."""
    begin, end = _bounds(first, last)
    rows = list(
        Consequence.objects.filter(order__client=client, order__opened_at__gte=begin, order__opened_at__lt=end)
        .select_related("answer__proposal", "order__client")
        .order_by("order__opened_at", "pk")
    )
    by_order = {row.order_id: damage_of(row) for row in rows}  # two answers may have led to one incident
    proposals = {row.answer.proposal_id: row.answer.proposal for row in rows}
    return Downtime(
        titles=tuple(dict.fromkeys(row.order.title for row in rows)),
        idle_minutes=sum(row.idle_minutes * row.idle_people for row in rows),
        idle_cost=sum(damage_of(row).idle for row in rows),
        proposed_minutes=sum(proposal.minutes for proposal in proposals.values()),
        repair_minutes=sum(damage.minutes for damage in by_order.values()),
        repair_cost=sum(damage.worth + damage.parts for damage in by_order.values()),
    )


def _bounds(first: date, last: date) -> tuple[datetime, datetime]:
    return local_moment(first, time()), local_moment(last + timedelta(days=1), time())


def _work(stint: Stint, started: datetime) -> values.Work:
    """A stint as any plan would have seen it: agreed, and recorded on the day on which it was done."""
    day = started.date()
    return values.Work(
        f"stint:{stint.pk}", day, day, started=started,
        minutes=stint.minutes, category=stint.category, place=Place(stint.place),
        is_after_hours=stint.is_after_hours, is_approved=True, is_no_charge=stint.is_no_charge,
        is_protected=stint.is_protected, cause=stint.cause, order=stint.order_id,
    )  # fmt: skip


def _part(part: Part, day: date) -> values.Part:
    return values.Part(f"part:{part.pk}", day, day, quantity=part.quantity, price=part.price, cost=part.cost)
