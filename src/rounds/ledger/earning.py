"""What was earned, and in how many hours, from day to day: by client, by the plan in force, and by technician.

Revenue is what the books say. Work that was charged or drawn from a block belongs to who did it; a fee belongs to those
who worked on its included hours in its month, in proportion to them, and to nobody where nobody did.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from fractions import Fraction

from django.db.models import CharField, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from rounds.charges.models import ClosingLine, Draw, Rated
from rounds.clients.models import Agreement
from rounds.clients.rows import last_day
from rounds.core.money import round_half_away
from rounds.core.terms import Plan
from rounds.ledger.models import Posting
from rounds.people.shop import local_day, local_moment, shop_zone
from rounds.work.models import Stint

type Key = tuple[int, str, int]  # client, plan, technician; 0: none
type Cents = int


@dataclass(slots=True)
class Earned:
    """Revenue in cents, and minutes worked."""

    cents: int = 0
    minutes: int = 0

    @property
    def hourly(self) -> int | None:
        """Cents earned for each hour worked; None: nobody worked."""
        return round_half_away(Fraction(self.cents * 60, self.minutes)) if self.minutes else None


def earnings(first: date, last: date) -> dict[Key, Earned]:
    """What was earned, and worked, by client, plan and technician; the sum is all income of the books."""
    plans, found = PlansOnDays(), defaultdict[Key, Earned](Earned)
    for client, day, who, cents in _attributed(list(_income(first, last))):
        found[client, plans.plan(client, day), who].cents += cents
    for client, day, who, minutes in _worked(first, last):
        found[client, plans.plan(client, day), who].minutes += minutes
    return dict(found)


def grouped(found: dict[Key, Earned], place: int) -> dict[int | str, Earned]:
    """Add earnings up by one part of their keys: 0 client, 1 plan, 2 technician."""
    sums = defaultdict[int | str, Earned](Earned)
    for key, one in found.items():
        sums[key[place]].cents += one.cents
        sums[key[place]].minutes += one.minutes
    return dict(sums)


def causes_of(who: int) -> QuerySet[Rated, str]:
    """The causes of the entries of a technician's work, for a filter on entries."""
    name = Concat(Value("rated:"), Cast("pk", CharField()))
    return Rated.objects.filter(stint__who=who).order_by().annotate(name=name).values_list("name", flat=True)


class PlansOnDays:
    """Which plan a client was under on a day, from all agreements, read once."""

    def __init__(self) -> None:
        self.spans = defaultdict[int, list[tuple[date, date, str]]](list)
        for row in Agreement.objects.select_related("end").order_by("starts", "pk"):
            self.spans[row.client_id].append((row.starts, last_day(row) or date.max, row.plan))

    def plan(self, client: int, day: date) -> str:
        """The plan in force; without an agreement, a client is reactive."""
        return next((plan for begins, ends, plan in self.spans[client] if begins <= day <= ends), Plan.REACTIVE.value)


def _income(first: date, last: date) -> Iterator[tuple[int, date, str, Cents]]:
    """Each entry's revenue: client, day, cause, cents."""
    income = Posting.objects.filter(account__startswith="income:", entry__on__gte=first, entry__on__lte=last)
    sums = income.order_by().values_list("entry__client", "entry__on", "entry__cause").annotate(sum=Sum("amount"))
    for client, day, cause, amount in sums.iterator():
        yield client or 0, day, cause, -int(amount)


def _attributed(income: Sequence[tuple[int, date, str, Cents]]) -> Iterator[tuple[int, date, int, Cents]]:
    """Each entry's revenue by who earned it, on the day on which the work was done, or the entry's own."""
    rated = Rated.objects.select_related("stint").in_bulk(_numbers("rated", income))
    fees = ClosingLine.objects.in_bulk(_numbers("fee", income))
    covered = _covered(fees.values())
    for client, day, cause, cents in income:
        kind, _, number = cause.partition(":")
        if kind == "rated" and int(number) in rated:
            row = rated[int(number)]
            yield client, row.done_on, (row.stint.who_id or 0) if row.stint else 0, cents
        elif kind == "fee" and int(number) in fees:
            month = (fees[int(number)].last_day or day).replace(day=1)
            for who, share in shared(cents, covered.get((client, month), {0: 1})).items():
                yield client, day, who, share
        else:
            yield client, day, 0, cents


def _numbers(kind: str, income: Sequence[tuple[int, date, str, Cents]]) -> list[int]:
    return [int(cause.split(":")[1]) for _, _, cause, _ in income if cause.startswith(f"{kind}:")]


def _covered(fees: Iterable[ClosingLine]) -> dict[tuple[int, date], dict[int, int]]:
    """Seconds of included hours that each technician worked, by client and month, in the months of some fees."""
    months = [fee.last_day.replace(day=1) for fee in fees if fee.last_day]
    if not months:
        return {}
    before = max(months) + timedelta(days=31)
    draws = Draw.objects.filter(
        grant__isnull=False, rated__stint__isnull=False, rated__done_on__gte=min(months), rated__done_on__lte=before
    )
    found = defaultdict[tuple[int, date], dict[int, int]](dict)
    rows = draws.order_by("pk").values_list("client", "rated__done_on", "rated__stint__who", "seconds")
    for client, day, who, seconds in rows.iterator():
        month = found[client, day.replace(day=1)]
        month[who or 0] = month.get(who or 0, 0) + seconds
    return dict(found)


def shared(cents: int, weights: dict[int, int]) -> dict[int, int]:
    """Share cents by weights, cumulatively and rounded once each, so that the shares add up to all of them."""
    whole, so_far, given = sum(weights.values()), 0, 0
    if not whole:  # what they worked was taken back
        return {0: cents}
    shares = {}
    for key, weight in weights.items():
        so_far += weight
        due = round_half_away(Fraction(cents * so_far, whole))
        shares[key], given = due - given, due
    return shares


def _worked(first: date, last: date) -> Iterator[tuple[int, date, int, int]]:
    """Every stint done from day to day: client, day, technician, minutes."""
    zone = shop_zone()
    begins, ends = (local_moment(day, time(), zone) for day in (first, last + timedelta(days=1)))
    rows = Stint.objects.filter(started_at__gte=begins, started_at__lt=ends, void=None).order_by()
    for client, at, who, minutes in rows.values_list("order__client", "started_at", "who", "minutes").iterator():
        yield client, local_day(at, zone), who or 0, minutes
