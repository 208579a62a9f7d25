"""Loads the visits that new entries join, and a visit entry by entry where something of it is taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Sum

from rounds.charges.accounts import Position, charge_value, load_position
from rounds.charges.facts import Fact, work_value
from rounds.charges.models import Charge, Draw, Forgone, Rated
from rounds.core import account as values
from rounds.core import voiding
from rounds.core.account import Key, Kind, VisitKey
from rounds.core.minutes import clock, joined
from rounds.core.terms import Place
from rounds.core.voiding import Entered, Rest, less_given_up
from rounds.work.models import Part, Stint, Void


def load_visits(positions: Iterable[Position], facts: Mapping[int, Sequence[Fact]]) -> None:
    """Give accounts the visits that their facts may join, in two questions; in none where visits never matter."""
    of = {one.client.pk: one for one in positions if one.account.terms.has_visits and facts.get(one.client.pk)}
    joining = {key: list(_visits_of(position, facts[key])) for key, position in of.items()}
    days = [day for keys in joining.values() for _order, day, _place in keys]
    if not days:
        return
    orders = {order for keys in joining.values() for order, _day, _place in keys}
    within = {"stint__order__in": orders, "done_on__range": (min(days), max(days))}
    found: dict[VisitKey, values.Visit] = {}
    rows = Rated.objects.filter(client__in=of, voided=None, stint__is_no_charge=False, **within)
    for row in rows.select_related("stint").annotate(more=Sum("rerated__seconds")).order_by("pk"):
        _join(found, row, of[row.client_id])
    _charge(found, {f"rated__{name}": value for name, value in within.items()} | {"client__in": of})
    for key, position in of.items():
        joined_by = {visit: found[visit] for visit in joining[key] if visit in found}
        position.account = replace(position.account, visits=joined_by)


def _visits_of(position: Position, facts: Iterable[Fact]) -> Iterable[VisitKey]:
    for fact in facts:
        if isinstance(fact.row, Stint) and not fact.row.is_no_charge:
            yield fact.row.order_id, fact.row.started_at.astimezone(position.zone).date(), Place(fact.row.place)


def _join(found: dict[VisitKey, values.Visit], row: Any, position: Position) -> None:
    """Add a rated stint (with what voids have changed of it as `more`) to its visit."""
    work, terms = work_value(row.stint, position), position.account.terms
    if work.visit is None:
        return
    before = found.get(work.visit, values.Visit())
    visit = joined(before, work, clock(work, terms.calendar_on(work.on)))
    billed = before.seconds + (row.billable_seconds or 0) + (row.more or 0)
    found[work.visit] = replace(visit, seconds=billed)


def _charge(found: dict[VisitKey, values.Visit], within: Mapping[str, Any]) -> None:
    """Add what was charged for the entries of some visits, and for the way to them."""
    fields = ("rated__stint__order", "rated__done_on", "rated__stint__place", "kind", "rate", "rated__voided")
    rows = Charge.objects.filter(returned=None, **within).order_by().values_list(*fields)
    for order, day, place, kind, rate, voided, seconds, amount in rows.annotate(Sum("seconds"), Sum("amount")):
        key = order, day, Place(place)
        if key not in found:
            continue  # nothing is left of it
        visit = found[key]
        if kind == Kind.TRIP:
            found[key] = replace(visit, trip=visit.trip + amount)
        elif voided is None:
            found[key] = replace(visit, money={**visit.money, (Kind(kind), rate or 0): (seconds or 0, amount)})


@dataclass(frozen=True, slots=True)
class Taken:
    """What a void takes back: the rated stint or part, what it drew, what it still costs, and the rest of its visit.

    `rated` None: it waited for approval. `rows` are the rated entries of the rest, by their keys.
    """

    rated: Rated | None
    draws: tuple[values.Draw, ...]
    charges: tuple[values.Charge, ...]
    rest: Rest
    rows: Mapping[Key, Rated]


def taken_by(void: Void, position: Position) -> Taken:
    """What a void gives back, from what is kept."""
    rated = Rated.objects.filter(stint=void.stint_id, part=void.part_id).select_related("stint").first()
    if rated is None:
        return Taken(None, (), (), Rest(), {})
    own, rest = _entered(rated, position), Rest()
    of_trip = _given_up(charge__rated=rated, charge__kind=Kind.TRIP)
    rows: dict[Key, Rated] = {}
    if rated.stint is not None and position.account.terms.has_visits:
        mine = {"stint__order": rated.stint.order_id, "done_on": rated.done_on, "stint__place": rated.stint.place}
        others = Rated.objects.filter(client=position.client, voided=None, stint__is_no_charge=False, **mine)
        left = [_entered(row, position) for row in others.exclude(pk=rated.pk).select_related("stint").order_by("pk")]
        rows = {f"stint:{row.stint_id}": row for row in others}
        way = {f"charge__rated__{name}": value for name, value in mine.items()}
        rest = Rest(own.work, tuple(left), _trip_of(mine), sum(_given_up(charge__kind=Kind.TRIP, **way).values()))
    charged = less_given_up(own.charges, {**own.given_up, **of_trip})
    return Taken(rated, own.draws, charged, rest, rows)


def foresee_void(row: Stint | Part, day: date) -> values.Outcome | None:
    """What taking a stint or part back would do now; nothing is kept. None: it is not rated, so nothing."""
    position = load_position(row.order.client)
    taken = taken_by(Void(stint=row) if isinstance(row, Stint) else Void(part=row), position)
    if taken.rated is None:
        return None
    return voiding.void(position.account, taken.draws, taken.charges, key="void", day=day, rest=taken.rest)


def _given_up(**which: object) -> dict[Kind, int]:
    """What of some charges was credited or written off, by kind."""
    sums = Forgone.objects.filter(**which).order_by().values_list("charge__kind").annotate(Sum("amount"))
    return {Kind(kind): amount for kind, amount in sums if amount}


def draws_of(row: Rated, cause: Key) -> tuple[values.Draw, ...]:
    """What a stint has drawn, and was given back, in order, as the rules see it."""
    return tuple(
        values.Draw(
            "block" if draw.grant is None else "grant", draw.seconds, cause, block=draw.block_id,
            grant=None if draw.grant is None else (draw.grant.agreement_id, draw.grant.month), earned=draw.earned,
        )
        for draw in Draw.objects.filter(rated=row).select_related("grant").order_by("pk")
    )  # fmt: skip


def _entered(row: Rated, position: Position) -> Entered:
    """A rated stint or part as it stands: with what voids have changed of it since."""
    work = work_value(row.stint, position) if row.stint else values.Work("part", date.min, date.min, 0)
    charges = Charge.objects.filter(rated=row).order_by("pk")
    more = row.rerated.aggregate(sum=Sum("seconds"))["sum"] or 0
    billed = (row.billable_seconds or 0) + more
    given_up = _given_up(charge__rated=row)
    given_up.pop(Kind.TRIP, None)
    charged = tuple(charge_value(charge) for charge in charges)
    return Entered(work, billed, draws_of(row, work.key), charged, given_up)


def _trip_of(visit: Mapping[str, object]) -> int:
    """Cents that are charged for the way of a visit."""
    of_visit = {f"rated__{name}": value for name, value in visit.items()}
    return Charge.objects.filter(kind=Kind.TRIP, **of_visit).aggregate(sum=Sum("amount"))["sum"] or 0
