"""What work takes and costs, told before it is done; and what it costs a client when his people cannot work."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from rounds.clients.agreeing import terms_of
from rounds.clients.models import Client
from rounds.core.account import Account, Work
from rounds.core.money import price, round_half_away
from rounds.core.rating import billable_seconds, does_block_pay, is_covered, work_rate
from rounds.core.terms import Place, Plan, Terms
from rounds.people.shop import local_day, shop_zone
from rounds.work.models import Consequence, Proposal, Stint


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a client is told: the seconds billed, and their price in cents; None: hours he has paid for pay for it."""

    seconds: int
    price: int | None


def estimate(terms: Terms, work: Work) -> Estimate:
    """Find what work is going to cost under the terms of its day (billing-rules.md, "Plans").

    Covered work under a service agreement, and what a block pays for under a block plan, is told in hours.
    """
    seconds, _trace = billable_seconds(work, terms.shop_on(work.on), terms.calendar_on(work.on))
    agreement = terms.agreement_on(work.on)
    pays_with_hours = agreement is not None and (
        (agreement.plan is Plan.SERVICE_AGREEMENT and is_covered(agreement, work))
        or (agreement.plan is Plan.BLOCK and does_block_pay(agreement, work))
    )
    _kind, rate, _why = work_rate(Account(terms), work)
    return Estimate(seconds, None if pays_with_hours else price(seconds, rate))


def estimate_for(client: Client, minutes: int, category: str, day: date) -> Estimate:
    """Find what so many minutes of a category are going to cost a client on a day."""
    return estimate(terms_of(client), Work(0, day, day, minutes, category, is_approved=True))


@dataclass(frozen=True, slots=True)
class Downtime:
    """People who cannot work if it fails: the hours, how many people, and what that costs, each from low to high."""

    hours: tuple[int, int]
    people: int
    amounts: tuple[int, int]


def downtime_of(proposal: Proposal) -> Downtime | None:
    """What leaving the work may cost the client, in cents rounded to two digits; None if it was not estimated."""
    low, high, people = proposal.idle_hours_low, proposal.idle_hours_high, proposal.idle_people
    if not high or not people:
        return None
    low = low or 0
    each = proposal.idle_hour_cost * people
    return Downtime((low, high), people, (roughly(low * each), roughly(high * each)))


def roughly(cents: int) -> int:
    """An amount as an estimate should look: whole units, two digits that count. 108000 is 110000."""
    units = round_half_away(Fraction(cents, 100))
    step = int(10 ** max(0, len(str(abs(units))) - 2))
    return round_half_away(Fraction(units, step)) * step * 100


@dataclass(frozen=True, slots=True)
class Damage:
    """What came of leaving work undone: minutes worked, their worth, parts, idle people; amounts in cents.

    `worth` is at the rate at which the client pays for such work by the hour, whatever paid for it then.
    """

    minutes: int
    worth: int
    parts: int
    idle: int

    @property
    def total(self) -> int:
        """All of it, in cents."""
        return self.worth + self.parts + self.idle


def damage_of(consequence: Consequence) -> Damage:
    """What the incident cost: work and parts of its order, and the people who stood idle."""
    order = consequence.order
    terms = terms_of(order.client)
    stints, parts = list(order.stints.filter(void=None)), list(order.parts.filter(void=None))
    worth = sum(_worth(terms, stint) for stint in stints)
    markup = terms.shop_on(local_day(order.opened_at)).parts_markup
    material = sum(_part_price(part.price, part.cost, markup) * part.quantity for part in parts)
    each = consequence.answer.proposal.idle_hour_cost * consequence.idle_people
    idle = price(consequence.idle_minutes * 60, each)
    return Damage(sum(stint.minutes for stint in stints), worth, material, idle)


def _worth(terms: Terms, stint: Stint) -> int:
    day = local_day(stint.started_at)
    work = Work(
        stint.pk, day, day, stint.minutes, stint.category, Place(stint.place), stint.is_after_hours,
        is_approved=True, is_protected=stint.is_protected, cause=stint.cause,
        started=stint.started_at.astimezone(shop_zone()),
    )  # fmt: skip
    seconds, _trace = billable_seconds(work, terms.shop_on(work.on), terms.calendar_on(work.on))
    _kind, rate, _why = work_rate(Account(terms), work)
    return price(seconds, rate)


def _part_price(its_price: int | None, cost: int | None, markup: Fraction) -> int:
    return its_price if its_price is not None else round_half_away((cost or 0) * (1 + markup))
