"""Makes an offer: a client's own last twelve months, as they were and as each plan would have billed them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from rounds.charges.models import Charge, ClosingLine, Draw, Lapse
from rounds.charges.standing import PLAN_NAMES
from rounds.clients.agreeing import plan_on, shop_versions
from rounds.clients.models import Client
from rounds.core.account import Kind
from rounds.core.days import first_of_month
from rounds.core.minutes import seconds_each
from rounds.core.money import Refused, show_amount, show_hours
from rounds.core.rating import is_covered
from rounds.core.replay import Candidate, Replay, replay_year
from rounds.core.terms import Agreement, Monitoring, Plan, Shop, Terms
from rounds.offers.gathering import MONTHS, Downtime, Year, downtime_of, year_of
from rounds.offers.models import Offer
from rounds.offers.presets import OfferTerms, suggest
from rounds.people.models import User
from rounds.people.shop import local_day, the_shop

REALITY = (
    "What the year really cost counts in the same way: work in the month it was done, fees in the month they are for, "
    "bought hours as they are used; before tax and before credit notes."
)
SAME_WORK = "A plan with regular maintenance usually changes the work itself; that is not in these figures."
IDLE = (
    "An hour in which somebody could not work is worth what was said when the work was proposed; a repair is worth "
    "its hours at the client's rate, whatever paid for them."
)

type Row = dict[str, object]


def suggested_terms(client: Client, last: date) -> OfferTerms:
    """The terms to begin with, from the shop's prices and the client's year up to the end of a month."""
    year, shop = year_of(client, last), shop_on(last)
    everything = Agreement(1, Plan.SERVICE_AGREEMENT, year.first, included_seconds=0)
    return suggest(shop, year.covered_seconds(everything, shop), months=MONTHS)


def offer_for(client: Client, last: date, terms: OfferTerms, *, by: User | None, at: datetime) -> Offer:
    """Rate a client's twelve months up to the end of `last`'s month under each plan, and keep what came of it.

    Refused: a year that has not ended, terms that the rules refuse.
    """
    year = year_of(client, last)
    if year.last >= local_day(at):
        raise Refused(f"the month of {year.last:%B %Y} has not ended")
    agreements = terms.agreements(year.first, year.last)
    shop = shop_on(year.last)
    downtime = downtime_of(client, year.first, year.last)
    real = _real_months(client, year)

    candidates = {str(plan): Candidate(agreement, terms.block_hours) for plan, agreement in agreements.items()}
    replays = replay_year(year.works, year.parts, candidates, shop=shop, first=year.first)

    result = {
        "months": [str(month) for month in year.months],
        "seconds": _seconds_by_month(year, shop),
        "hourly_rate": shop.hourly_rate,
        "real": {"plan": PLAN_NAMES[plan_on(client, year.last)], **_figures(real)},
        "plans": [
            _plan_row(agreement, terms, replays[str(plan)], year, shop) for plan, agreement in agreements.items()
        ],
        "downtime": _downtime_row(downtime),
        "assumed": [
            *_common_assumptions(list(replays.values())),
            REALITY,
            SAME_WORK,
            *([IDLE] if downtime.titles else []),
        ],
    }
    return Offer.objects.create(
        client=client, first_day=year.first, last_day=year.last, currency=the_shop().currency,
        terms=terms.as_row(), result=result, made_at=at, made_by=by,
    )  # fmt: skip


def shop_on(day: date) -> Shop:
    """The shop's settings on a day."""
    return Terms(shop_versions()).shop_on(day)


def _real_months(client: Client, year: Year) -> dict[date, dict[str, int]]:
    """What the year cost as it was agreed, in cents by month and kind of line."""
    within = (year.first, year.last)
    charges = Charge.objects.filter(client=client, rated__done_on__range=within)
    lines = ClosingLine.objects.filter(closing__client=client, first_day__range=within)
    draws = Draw.objects.filter(client=client, block__isnull=False)
    lapses = Lapse.objects.filter(client=client, on__range=within)
    figures: list[tuple[date | None, str, int]] = [
        *charges.values_list("rated__done_on", "kind", "amount"),
        *lines.values_list("first_day", "kind", "amount"),
        *((day, Kind.HOURS, earned) for day, earned in _drawn(draws, "rated__done_on", within)),
        *((day, Kind.HOURS, earned) for day, earned in _drawn(draws, "opened_on", within)),
        *((day, Kind.HOURS, earned) for day, earned in lapses.values_list("on", "earned")),
    ]
    months: dict[date, dict[str, int]] = {month: {} for month in year.months}
    for day, kind, amount in figures:
        of_month = months[first_of_month(day or year.first)]
        of_month[str(kind)] = of_month.get(str(kind), 0) + amount
    return months


def _drawn(draws: QuerySet[Draw], field: str, within: tuple[date, date]) -> Iterable[tuple[date, int]]:
    return draws.filter(**{f"{field}__range": within}).values_list(field, "earned")


def _figures(months: dict[date, dict[str, int]]) -> Row:
    totals = [sum(kinds.values()) for kinds in months.values()]
    kinds: dict[str, int] = {}
    for of_month in months.values():
        for kind, amount in of_month.items():
            kinds[kind] = kinds.get(kind, 0) + amount
    return {"months": totals, "kinds": kinds, "total": sum(totals)}


def _plan_row(agreement: Agreement, terms: OfferTerms, replay: Replay, year: Year, shop: Shop) -> Row:
    figures = _figures({month.first: {str(k): v for k, v in month.amounts.items()} for month in replay.months})
    return {
        "plan": str(agreement.plan),
        "name": PLAN_NAMES[agreement.plan],
        "terms": described(agreement, terms, shop),
        **figures,
        "total": replay.total,
        "unused": replay.unused,
        "unused_seconds": unused_included(agreement, year, shop),
        "assumed": [one for one in replay.assumed if one not in _common_assumptions([replay])],
    }


def _common_assumptions(replays: list[Replay]) -> list[str]:
    """What is assumed of every plan; what only one plan assumes stands with it."""
    return list(replays[0].assumed[:2])


def described(agreement: Agreement, terms: OfferTerms, shop: Shop) -> list[str]:
    """A plan's terms in words, one thing a line."""
    rate = show_amount(shop.hourly_rate)
    monitoring = _monitoring(agreement.monitoring)
    match agreement.plan:
        case Plan.SERVICE_AGREEMENT:
            included = agreement.included_seconds or 0
            return [
                f"{show_hours(included)} hours a month for maintenance, support and monitoring",
                f"{terms.agreement_discount} off the rate of {rate}; work beyond the hours at the same rate",
                monitoring,
            ]
        case Plan.RETAINER:
            return [
                f"{terms.retainer_level} kept on the retainer, topped up when less than half is there",
                f"{terms.retainer_discount} off the rate of {rate}",
                monitoring,
            ]
        case Plan.BLOCK:
            free = shop.free_hours(terms.block_hours)
            gift = f", {float(free):g} of them free" if free else ""
            hours = f"{float(terms.block_hours + free):g}"
            return [f"blocks of {hours} hours{gift}, paid before they are used", monitoring]
        case Plan.CALL_FIRST:
            return [f"asked before any work, by the hour at {rate}", monitoring]
        case _:
            return [f"when something is wrong, by the hour at {rate}", monitoring]


def _monitoring(monitoring: Monitoring | None) -> str:
    if monitoring is None:
        return "no monitoring"
    if monitoring.fee is not None:
        return f"monitoring for {show_amount(monitoring.fee)} a month"
    if monitoring.seconds is not None:
        return f"monitoring for {show_hours(monitoring.seconds)} hours a month"
    return "monitoring included" if monitoring.is_included else "no monitoring"


def unused_included(agreement: Agreement, year: Year, shop: Shop) -> int:
    """The included seconds that the year would not have used, month by month."""
    if not agreement.included_seconds:
        return 0
    used = dict.fromkeys(year.months, 0)
    for work, seconds in seconds_each(year.works, shop):
        if is_covered(agreement, work):
            used[first_of_month(work.on)] += seconds
    return sum(max(0, agreement.included_seconds - seconds) for seconds in used.values())


def _seconds_by_month(year: Year, shop: Shop) -> list[int]:
    months = dict.fromkeys(year.months, 0)
    for work, seconds in seconds_each(year.works, shop):
        months[first_of_month(work.on)] += seconds
    return list(months.values())


def _downtime_row(downtime: Downtime) -> Row:
    return {
        "titles": list(downtime.titles),
        "idle_seconds": downtime.idle_minutes * 60,
        "idle_cost": downtime.idle_cost,
        "proposed_seconds": downtime.proposed_minutes * 60,
        "repair_seconds": downtime.repair_minutes * 60,
        "repair_cost": downtime.repair_cost,
    }


def last_whole_month(today: date) -> date:
    """The last day of the last month that has ended."""
    return today.replace(day=1) - timedelta(days=1)
