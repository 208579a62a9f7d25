"""Gathers what was recorded for clients and not yet rated: stints, approvals of held stints, and parts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from rounds.charges.accounts import Position
from rounds.charges.models import Held, Rated, Voided
from rounds.clients.models import Client
from rounds.core import account as values
from rounds.core import rating
from rounds.core.terms import Place
from rounds.work.models import Approval, Part, Stint, Verdict, Void


class Rank(IntEnum):
    """What comes first of what was recorded at the same moment."""

    STINT, APPROVAL, PART = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Fact:
    """A stint, its later approval, or a part, with the moment at which it counts as recorded."""

    moment: datetime
    rank: Rank
    row: Stint | Part
    is_approved: bool = False

    @property
    def order(self) -> tuple[datetime, int, int]:
        """Its place among the others: in the order recorded."""
        return self.moment, self.rank, self.row.pk

    def is_of(self, void: Void) -> bool:
        """Is it about the stint or part that a void takes back?"""
        return self.row.pk == (void.part_id if isinstance(self.row, Part) else void.stint_id)

    def rate(self, position: Position) -> values.Outcome:
        """Ask the rules what it draws and costs."""
        if isinstance(self.row, Part):
            part = replace(part_value(self.row, position), recorded_on=position.counts_on(self.moment))
            return rating.rate_part(position.account, part)
        return rating.rate_work(position.account, self.work(self.row, position))

    def work(self, stint: Stint, position: Position) -> values.Work:
        """Its stint as the rules see it when it is rated."""
        on = position.counts_on(self.moment)
        return replace(work_value(stint, position), recorded_on=on, is_approved=self.is_approved)


def unrated_stints() -> QuerySet[Stint]:
    """Stints that were not rated, and either never looked at or approved since they were held."""
    return (
        Stint.objects.with_said()
        .annotate(is_held=Exists(Held.objects.filter(stint=OuterRef("pk"))))
        .filter(~Exists(Rated.objects.filter(stint=OuterRef("pk"))))
        .filter(Q(is_held=False) | Q(approval__isnull=False))
        .filter(~Exists(Voided.objects.filter(void__stint=OuterRef("pk"))))
    )


def unrated_parts() -> QuerySet[Part]:
    """Parts that were not rated."""
    return Part.objects.filter(~Exists(Rated.objects.filter(part=OuterRef("pk"))))


def unplayed_voids() -> QuerySet[Void]:
    """Voids that were not played."""
    return Void.objects.filter(~Exists(Voided.objects.filter(void=OuterRef("pk"))))


def gather_voids(clients: Iterable[Client], until: datetime) -> dict[int, list[Void]]:
    """Voids that were recorded by a moment and are not played yet, by client, in the order recorded."""
    found: dict[int, list[Void]] = {}
    whose = Coalesce("stint__order__client", "part__order__client")
    mine = Q(stint__order__client__in=clients) | Q(part__order__client__in=clients)
    for void in unplayed_voids().filter(mine, at__lte=until).annotate(whose=whose).order_by("at", "pk"):
        found.setdefault(void.whose, []).append(void)
    return found


def gather_facts(clients: Iterable[Client], until: datetime) -> dict[int, list[Fact]]:
    """Facts that were recorded by a moment and are not rated yet, by client, in the order recorded."""
    found: dict[int, list[Fact]] = {}
    recorded = {"order__client__in": clients, "recorded_at__lte": until}
    for stint in unrated_stints().filter(**recorded).select_related("approval", "order__machine"):
        found.setdefault(stint.order.client_id, []).extend(_facts_of(stint, until))
    for part in unrated_parts().filter(**recorded).select_related("order__machine"):
        found.setdefault(part.order.client_id, []).append(Fact(part.recorded_at, Rank.PART, part))
    return {client: sorted(facts, key=lambda fact: fact.order) for client, facts in found.items()}


def _facts_of(stint: Stint, until: datetime) -> list[Fact]:
    """A stint as it was recorded, unless it is held already, and its approval, if that came later."""
    approval: Approval | None = getattr(stint, "approval", None)
    is_agreed: bool = stint.said == Verdict.AGREE  # type: ignore[attr-defined]
    is_later = approval is not None and approval.at > stint.recorded_at
    facts = []
    if not stint.is_held:  # type: ignore[attr-defined]
        is_approved = is_agreed or (approval is not None and not is_later)
        facts.append(Fact(stint.recorded_at, Rank.STINT, stint, is_approved))
    if approval is not None and approval.at <= until and (is_later or not facts):
        facts.append(Fact(approval.at, Rank.APPROVAL, stint, is_approved=True))
    return facts


def work_value(stint: Stint, position: Position) -> values.Work:
    """A stint as the rules see it."""
    return values.Work(
        f"stint:{stint.pk}",
        stint.started_at.astimezone(position.zone).date(),
        stint.recorded_at.astimezone(position.zone).date(),
        minutes=stint.minutes,
        category=stint.category,
        place=Place(stint.place),
        is_after_hours=stint.is_after_hours,
        is_no_charge=stint.is_no_charge,
        is_protected=stint.is_protected,
        cause=stint.cause,
        started=stint.started_at.astimezone(position.zone),
        site=stint.order.site_key,
        order=stint.order_id if position.account.terms.has_visits else None,
    )


def part_value(part: Part, position: Position) -> values.Part:
    """A part as the rules see it."""
    return values.Part(
        f"part:{part.pk}",
        part.used_at.astimezone(position.zone).date(),
        part.recorded_at.astimezone(position.zone).date(),
        quantity=part.quantity,
        price=part.price,
        cost=part.cost,
        site=part.order.site_key,
    )
