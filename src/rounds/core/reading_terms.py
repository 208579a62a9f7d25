"""Reads the shop's settings and a client's agreements from tables of a file (billing-rules.md, "Plans", "Refused")."""

import re
from datetime import date
from enum import StrEnum
from fractions import Fraction

from rounds.core import reading
from rounds.core.account import Kind
from rounds.core.calendars import Week, read_week
from rounds.core.money import SECONDS_PER_HOUR, Refused, round_half_away
from rounds.core.reading import Table, located
from rounds.core.taxing import one_tax
from rounds.core.terms import (
    USUAL_LATE_DAYS,
    Agreement,
    Lateness,
    Monitoring,
    NextBlock,
    Place,
    Plan,
    Shop,
    Spyware,
)  # fmt: skip

_INTEREST = re.compile(r"(.*?)\s*(?:a|per)\s+(year|month)")


class TimeCounts(StrEnum):
    """What minimum and increment count for."""

    PER_ENTRY = "per-entry"
    PER_VISIT = "per-visit"


_HOURS_A_MONTH = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?) hours?")


def read_shop(values: object, _what: str) -> Shop:
    """Read the shop's settings."""
    return located("shop", lambda: _shop(values))


def _shop(values: object) -> Shop:
    table = Table(values, "shop")
    remote, onsite = table.take("minimum_minutes", _minimum_minutes, default=(0, 0))
    shop = Shop(
        hourly_rate=table.need("hourly_rate", reading.amount),
        increment_minutes=table.take("increment_minutes", reading.whole, default=15),
        grace_minutes=table.take("grace_minutes", reading.whole, default=0),
        minimum_remote_minutes=remote,
        minimum_onsite_minutes=onsite,
        after_hours_multiplier=table.take("after_hours_multiplier", reading.multiplier, default=Fraction(3, 2)),
        monitoring_fee=table.take("monitoring_fee", reading.amount, default=10_000),
        parts_markup=table.take("parts_markup", reading.share, default=Fraction(0)),
        bonus_hours=table.take("bonus_hours", reading.each(_bonus), default=()),
        taxes=one_tax(
            table.take("tax_rate", reading.share, default=Fraction(0)),
            table.take("taxable", reading.each(reading.word(Kind)), default=()),
        ),
        net_days=table.take("net_days", reading.whole, default=10),
        week=table.take("business_hours", _week, default=None),
        days_off=frozenset(table.take("holidays", reading.each(reading.day), default=())),
        lateness=table.take("interest", _lateness, default=None),
        is_per_visit=table.take("time_counts", _time_counts, default=False),
        trip_fee=table.take("trip_fee", reading.amount, default=0),
    )
    table.finish()
    return shop


def _lateness(values: object, what: str) -> Lateness:
    """Read interest on late invoices: { rate = "12% a year", grace_days = 5, minimum = "1.00" }."""
    table = Table(values, what)
    rate, is_monthly = table.need("rate", read_interest)
    days = table.take("grace_days", reading.whole, default=0)
    least = table.take("minimum", reading.amount, default=0)
    table.finish()
    return located(what, lambda: Lateness(rate, is_monthly, days, least))


def read_interest(value: object, what: str) -> tuple[Fraction, bool]:
    """Read a rate of interest: a share, and whether it is for a month and not a year."""
    match = _INTEREST.fullmatch(reading.text(value, what).strip())
    if match is None:
        raise Refused(f'{what}: “{value}” is no rate of interest; write it like "12% a year" or "1.5% a month"')
    return reading.share(match[1], what), match[2] == "month"


def _week(value: object, what: str) -> Week | None:
    return read_week(reading.text(value, what), what)


def _days_off(values: object, what: str) -> frozenset[date] | None:
    return frozenset(reading.each(reading.day)(values, what)) or None


def _minimum_minutes(values: object, what: str) -> tuple[int, int]:
    table = Table(values, what)
    minutes = tuple(table.take(place, reading.whole, default=0) for place in (Place.REMOTE, Place.ONSITE))
    table.finish()
    return minutes[0], minutes[1]


def _bonus(values: object, what: str) -> tuple[Fraction, Fraction]:
    pair = reading.each(reading.number)(values, what)
    if len(pair) != 2:
        raise Refused(f"{what}: each is a pair, [size of the block, free hours]")
    return pair[0], pair[1]


def read_agreements(values: object, what: str) -> tuple[Agreement, ...]:
    """Read a client's agreements; their keys are their places, from 1."""
    if not isinstance(values, list):
        raise Refused(f"{what}: write each agreement under [[agreement]]")
    return tuple(_located_agreement(value, key) for key, value in enumerate(values, start=1))


def _located_agreement(values: object, key: int) -> Agreement:
    return located(f"agreement {key}", lambda: _agreement(values, key))


def _agreement(values: object, key: int) -> Agreement:
    table = Table(values, f"agreement {key}")
    plan = table.need("plan", reading.word(Plan))
    low_at_seconds, low_at_amount = _low_at(table, plan)
    agreement = Agreement(
        key,
        plan,
        starts=table.need("starts", reading.day),
        ends=table.take("ends", reading.day, default=None),
        hourly_rate=table.take("hourly_rate", reading.amount, default=None),
        net_days=table.take("net_days", reading.whole, default=None),
        discount=table.take("discount", reading.share, default=Fraction(0)),
        overage_discount=table.take("overage_discount", reading.share, default=None),
        included_seconds=table.take("included_hours", reading.seconds, default=None),
        fee=table.take("fee", reading.amount, default=None),
        roll_months=table.take("roll_months", reading.whole, default=0),
        low_at_seconds=low_at_seconds,
        low_at_amount=low_at_amount,
        top_up_to=table.take("top_up_to", reading.amount, default=None),
        hours_lapse_months=table.take("hours_lapse_months", reading.whole, default=None),
        monitoring=table.take("monitoring", _monitoring, default=None),
        hourly=frozenset(table.take("hourly", reading.each(reading.text), default=())),
        spyware=table.take("spyware", reading.word(Spyware), default=Spyware.COVERED),
        week=table.take("business_hours", _week, default=None),
        days_off=table.take("holidays", _days_off, default=None),
        waives_interest=table.take("waives_interest", reading.flag, default=False),
        is_per_visit=table.take("time_counts", _time_counts, default=None),
        trip_fee=table.take("trip_fee", _trip_fee, default=None),
        next_block=table.take("next_block", _next_block, default=None),
        noticed_at=table.take("notice_given", reading.moment, default=None),
    )
    table.finish()
    return agreement


def _next_block(values: object, what: str) -> NextBlock:
    """Read the block that is bought by itself: { hours = 10, below = 2, rate = "95.00", late_days = 14 }."""
    table = Table(values, what)
    block = NextBlock(
        table.need("hours", reading.whole),
        table.take("below", reading.seconds, default=None),
        table.take("rate", reading.amount, default=None),
        table.take("late_days", reading.whole, default=USUAL_LATE_DAYS),
    )
    table.finish()
    return block


def _time_counts(value: object, what: str) -> bool:
    """Read what minimum and increment count for: "per-entry", or "per-visit" (an order's day at a place)."""
    return reading.word(TimeCounts)(value, what) is TimeCounts.PER_VISIT


def _trip_fee(value: object, what: str) -> int:
    """Read what a trip costs a client: an amount, or "included"."""
    return 0 if value == "included" else reading.amount(value, what)


def _low_at(table: Table, plan: Plan) -> tuple[int | None, int | None]:
    """Read low_at: hours for a block, an amount for a retainer; it means nothing to the other plans."""
    if plan is Plan.BLOCK:
        return table.take("low_at", reading.seconds, default=None), None
    if plan is Plan.RETAINER:
        return None, table.take("low_at", reading.amount, default=None)
    table.take("low_at", _hours_or_amount, default=None)
    return None, None


def _hours_or_amount(value: object, what: str) -> None:
    _ = reading.amount(value, what) if isinstance(value, str) else reading.seconds(value, what)


def _monitoring(value: object, what: str) -> Monitoring | None:
    """Read how monitoring is paid: "none", "included", a fee a month, or hours a month like "2 hours"."""
    said = reading.text(value, what).strip()
    if said == "none":
        return None
    if said == "included":
        return Monitoring(is_included=True)
    if match := _HOURS_A_MONTH.fullmatch(said):
        return Monitoring(seconds=round_half_away(Fraction(match[1]) * SECONDS_PER_HOUR))
    try:
        return Monitoring(fee=reading.amount(said, what))
    except Refused as refusal:
        raise Refused(f'{refusal}, or "none", "included", or like "2 hours"') from None
