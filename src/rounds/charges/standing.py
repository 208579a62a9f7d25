"""What clients hold and have not been billed yet: hours, money on the retainer, and how long they will last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from rounds.charges.models import (
    Block,
    BroughtHours,
    Charge,
    Draw,
    Grant,
    Held,
    Lapse,
    Refund,
    RetainerMove,
)
from rounds.clients.agreeing import MANY, plans_on, shop_versions
from rounds.clients.exempting import on_day
from rounds.clients.models import Agreement, Client
from rounds.core.account import Kind
from rounds.core.money import show_hours
from rounds.core.taxing import tax_of
from rounds.core.terms import Plan, Shop, Terms

DAYS_LOOKED_BACK = 90
FURTHEST_FORECAST = 730  # days: what lasts longer than two years is not worth a date

PLAN_NAMES = {
    Plan.SERVICE_AGREEMENT: "service agreement",
    Plan.RETAINER: "retainer",
    Plan.BLOCK: "block of hours",
    Plan.CALL_FIRST: "call first",
    Plan.REACTIVE: "by the hour",
}
KIND_NAMES = {
    Kind.HOURS: "bought hours",
    Kind.FEE: "monthly fee",
    Kind.MONITORING: "monitoring",
    Kind.OVERAGE: "beyond the included hours",
    Kind.LABOUR: "work by the hour",
    Kind.PART: "parts",
    Kind.INTEREST: "interest",
    Kind.TRIP: "trips",
    Kind.RETAINER: "for the retainer",
    Kind.BROUGHT: "brought over",
}


@dataclass(frozen=True, slots=True)
class Holdings:
    """One client on one day: seconds and cents held, asked for, and worked but not yet billed.

    `retainer_available` is what he is shown if he has a retainer: the balance less everything not yet billed and its
    tax. `runs_out_on` is when the block's hours, or the retainer, are used up if the last 90 days go on; None where
    that cannot be said.
    """

    agreement: Agreement | None
    has_blocks: bool = False
    block_seconds: int = 0
    granted_seconds: int = 0
    included_seconds: int = 0
    retainer: int = 0
    retainer_asked: int = 0
    retainer_available: int = 0
    unbilled: int = 0
    unbilled_tax: int = 0
    held: int = 0
    runs_out_on: date | None = None

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return Plan(self.agreement.plan) if self.agreement else Plan.REACTIVE

    @property
    def plan_name(self) -> str:
        """The plan in force, in words."""
        return PLAN_NAMES[self.plan]

    @property
    def has_retainer(self) -> bool:
        """Is he on that plan, or is money held or asked for whatever his plan is now?"""
        return self.plan is Plan.RETAINER or bool(self.retainer or self.retainer_asked)

    @property
    def are_hours_low(self) -> bool:
        """Are the block's hours below what the agreement calls low, or used up?"""
        if not self.has_blocks or self.agreement is None or self.plan is not Plan.BLOCK:
            return False
        return self.block_seconds == 0 or self.block_seconds < (self.agreement.low_at_seconds or 0)

    @property
    def next_block(self) -> str:
        """What is bought by itself, and when, in words; empty: nothing."""
        hours = self.agreement.next_block_hours if self.agreement else None
        if self.agreement is None or hours is None:
            return ""
        own = self.agreement.next_block_below
        below = (self.agreement.low_at_seconds or 0) if own is None else own
        when = f"work would leave fewer than {show_hours(below)} h" if below else "work needs more than is left"
        return f"The next {hours} h are bought by themselves once {when}."

    @property
    def is_retainer_low(self) -> bool:
        """Is less available on the retainer than the agreement calls low, or nothing?"""
        if self.agreement is None or self.plan is not Plan.RETAINER:
            return False
        return self.retainer_available <= 0 or self.retainer_available < (self.agreement.low_at_amount or 0)

    @property
    def part_included_left(self) -> float:
        """The share of the month's included hours that is left, for a bar."""
        return self.included_seconds / self.granted_seconds if self.granted_seconds else 0.0


def holdings_of(client: Client, day: date) -> Holdings:
    """What one client holds on a day (today: later events are not taken out)."""
    return holdings([client], day)[client.pk]


def holdings(clients: Iterable[Client], day: date) -> dict[int, Holdings]:
    """What many clients hold, by their keys, in a fixed number of questions to the database."""
    shown = list(clients)
    sums = _Sums([client.pk for client in shown], day)
    plans = plans_on(shown, day)
    shop = Terms(shop_versions()).shop_on(day)
    others = on_day([client.pk for client in shown], shop, day)
    return {client.pk: sums.of(client.pk, plans.get(client.pk), others.get(client.pk, shop)) for client in shown}


class _Sums:
    """Grouped sums over the rows of some clients."""

    def __init__(self, clients: list[int], day: date) -> None:
        self.day, month, self.since = day, day.replace(day=1), day - timedelta(days=DAYS_LOOKED_BACK)
        mine: dict[str, Any] = {} if len(clients) > MANY else {"client__in": clients}
        of_block = {f"block__{name}": keys for name, keys in mine.items()}
        this_month = {"month__lte": month, "last_month__gte": month}
        of_grant = {f"grant__{name}": value for name, value in this_month.items()}
        draws, grants = Draw.objects.filter(**mine), Grant.objects.filter(**mine, **this_month)
        blocks = Block.objects.filter(**mine, withdrawal=None)
        self.bought = _sum(blocks, "client", "seconds")
        self.before = _sum(blocks.filter(used_before__gt=0), "client", "used_before")
        self.drawn = _sum(draws.filter(block__isnull=False), "client", "seconds")
        self.lapsed = _sum(Lapse.objects.filter(**of_block), "block__client", "seconds")
        self.refunded = _sum(Refund.objects.filter(**of_block), "block__client", "seconds")
        self.granted = _sum(grants, "agreement", "seconds")
        brought = BroughtHours.objects.filter(**of_grant, **mine)
        for agreement, seconds in _sum(brought, "grant__agreement", "seconds").items():
            self.granted[agreement] = self.granted.get(agreement, 0) + seconds
        self.used = _sum(draws.filter(**of_grant), "grant__agreement", "seconds")
        moves = RetainerMove.objects.filter(**mine)
        self.retainer, self.asked = _sum(moves, "client", "amount"), _sum(moves.exclude(asked=0), "client", "asked")
        self.recent_draws = _sum(draws.filter(block__isnull=False, on__gt=self.since), "client", "seconds")
        charges = Charge.objects.filter(**mine)
        self.recent_charges = _sum(charges.filter(recorded_on__gt=self.since), "client", "amount")
        self.held: dict[int, int] = {}
        for client in Held.objects.filter(**mine, stint__approval=None, stint__void=None).values_list(
            "client", flat=True
        ):
            self.held[client] = self.held.get(client, 0) + 1
        self.unbilled: dict[int, list[tuple[str, int | None, int]]] = {}
        unbilled = charges.filter(line=None).order_by().values_list("client", "kind", "site").annotate(Sum("amount"))
        for client, kind, site, amount in unbilled:
            self.unbilled.setdefault(client, []).append((kind, site, amount))

    def of(self, client: int, agreement: Agreement | None, shop: Shop) -> Holdings:
        """What one of them holds."""
        block = self._left(client)
        unbilled, of = self.unbilled.get(client, []), shop.taxes.of
        tax = tax_of((of(kind, site), amount) for kind, site, amount in unbilled)
        retainer, amount = self.retainer.get(client, 0), sum(amount for _kind, _site, amount in unbilled)
        available = retainer - amount - tax
        granted, asked = self.granted.get(agreement.pk, 0) if agreement else 0, self.asked.get(client, 0)
        runs_out_on = None
        if agreement and agreement.plan == Plan.BLOCK:
            runs_out_on = self._runs_out(block, self.recent_draws.get(client, 0))
        elif agreement and agreement.plan == Plan.RETAINER:
            runs_out_on = self._runs_out(available, self.recent_charges.get(client, 0))
        return Holdings(
            agreement=agreement,
            has_blocks=client in self.bought,
            block_seconds=block,
            granted_seconds=granted,
            included_seconds=granted - self.used.get(agreement.pk, 0) if agreement else 0,
            retainer=retainer,
            retainer_asked=asked,
            retainer_available=available,
            unbilled=amount,
            unbilled_tax=tax,
            held=self.held.get(client, 0),
            runs_out_on=runs_out_on,
        )

    def _left(self, client: int) -> int:
        gone = sum(sums.get(client, 0) for sums in (self.before, self.drawn, self.lapsed, self.refunded))
        return self.bought.get(client, 0) - gone

    def _runs_out(self, left: int, used: int) -> date | None:
        """The day on which what is left is used up at the pace of the last 90 days."""
        if left <= 0 or used <= 0:
            return None
        days = left * DAYS_LOOKED_BACK // used
        return self.day + timedelta(days=days) if days <= FURTHEST_FORECAST else None


def _sum(rows: QuerySet[Any], by: str, field: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(Sum(field)))
