"""Rows of terms turned into the values of `core`, and back."""

from datetime import date, datetime
from fractions import Fraction

from rounds.clients.days_off import parse_days_off, show_days_off
from rounds.clients.models import Agreement, AgreementEnd, Client, ShopTerms
from rounds.clients.reading import (
    parse_lateness,
    parse_monitoring,
    parse_share,
    show_lateness,
    show_monitoring,
    show_number,
    show_share,
)
from rounds.core import terms
from rounds.core.calendars import read_week, show_week
from rounds.core.money import Refused
from rounds.core.reading import multiplier
from rounds.core.taxing import UNTAXED, Taxes
from rounds.core.terms import Plan, Spyware


def shop_value(row: ShopTerms, taxes: Taxes = UNTAXED) -> terms.Shop:
    """The shop's settings of one row, as `core` reads them."""
    return terms.Shop(
        hourly_rate=row.hourly_rate,
        increment_minutes=row.increment_minutes,
        grace_minutes=row.grace_minutes,
        minimum_remote_minutes=row.minimum_remote_minutes,
        minimum_onsite_minutes=row.minimum_onsite_minutes,
        after_hours_multiplier=multiplier(row.after_hours_multiplier, "after hours"),
        monitoring_fee=row.monitoring_fee,
        parts_markup=parse_share(row.parts_markup, "markup on parts"),
        bonus_hours=tuple((Fraction(str(size)), Fraction(str(free))) for size, free in row.bonus_hours),
        taxes=taxes,
        net_days=row.net_days,
        week=read_week(row.business_hours),
        days_off=parse_days_off(row.holidays),
        lateness=parse_lateness(row.interest_rate, row.interest_grace_days, row.interest_minimum),
        is_per_visit=row.is_per_visit,
        trip_fee=row.trip_fee,
    )


def last_day(row: Agreement) -> date | None:
    """The last day of an agreement, as it is now: as agreed, or as it was ended; None is open."""
    ended: AgreementEnd | None = getattr(row, "end", None)
    return ended.ends if ended else row.ends


def next_block_value(row: Agreement) -> terms.NextBlock | None:
    """The block that is bought by itself; None: none is."""
    if row.next_block_hours is None:
        return None
    days = terms.USUAL_LATE_DAYS if row.next_block_late_days is None else row.next_block_late_days
    return terms.NextBlock(row.next_block_hours, row.next_block_below, row.next_block_rate, days)


def _noticed_at(row: Agreement) -> datetime | None:
    """From when it is known that an agreement is not gone on with; only asked where it buys blocks by itself."""
    if row.next_block_hours is None or row.goes_on:
        return None
    ended: AgreementEnd | None = getattr(row, "end", None)
    return ended.recorded_at if ended else None


def agreement_value(row: Agreement) -> terms.Agreement:
    """An agreement of one row, ended where it was ended, as `core` reads it. Refused: terms that the rules refuse."""
    try:
        plan, spyware = Plan(row.plan), Spyware(row.spyware)
    except ValueError as unknown:
        raise Refused(f"the agreement has a word that the rules do not know: {unknown}") from None
    return terms.Agreement(
        key=row.pk or 0,
        plan=plan,
        starts=row.starts,
        ends=last_day(row),
        hourly_rate=row.hourly_rate,
        net_days=row.net_days,
        discount=parse_share(row.discount, "discount"),
        overage_discount=parse_share(row.overage_discount, "overage discount") if row.overage_discount else None,
        included_seconds=row.included_seconds,
        fee=row.fee,
        roll_months=row.roll_months,
        low_at_seconds=row.low_at_seconds,
        low_at_amount=row.low_at_amount,
        top_up_to=row.top_up_to,
        hours_lapse_months=row.hours_lapse_months,
        monitoring=parse_monitoring(row.monitoring),
        hourly=frozenset(row.hourly),
        spyware=spyware,
        week=read_week(row.business_hours),
        days_off=parse_days_off(row.holidays) if row.holidays else None,
        waives_interest=row.waives_interest,
        is_per_visit=row.is_per_visit,
        trip_fee=row.trip_fee,
        next_block=next_block_value(row),
        noticed_at=_noticed_at(row),
    )


def shop_row(since: date, shop: terms.Shop, *, at: datetime) -> ShopTerms:
    """The row that keeps the shop's settings from a day on; not yet saved."""
    return ShopTerms(
        since=since,
        hourly_rate=shop.hourly_rate,
        increment_minutes=shop.increment_minutes,
        grace_minutes=shop.grace_minutes,
        minimum_remote_minutes=shop.minimum_remote_minutes,
        minimum_onsite_minutes=shop.minimum_onsite_minutes,
        after_hours_multiplier=show_number(shop.after_hours_multiplier),
        monitoring_fee=shop.monitoring_fee,
        parts_markup=show_share(shop.parts_markup),
        bonus_hours=[[show_number(Fraction(size)), show_number(Fraction(free))] for size, free in shop.bonus_hours],
        net_days=shop.net_days,
        business_hours=show_week(shop.week),
        holidays=show_days_off(shop.days_off),
        interest_rate=show_lateness(shop.lateness),
        interest_grace_days=shop.lateness.grace_days if shop.lateness else 0,
        interest_minimum=shop.lateness.minimum if shop.lateness else 0,
        is_per_visit=shop.is_per_visit,
        trip_fee=shop.trip_fee,
        recorded_at=at,
    )


def agreement_row(client: Client, value: terms.Agreement) -> Agreement:
    """The row that keeps an agreement; not yet saved."""
    block = value.next_block
    return Agreement(
        client=client,
        plan=value.plan.value,
        starts=value.starts,
        ends=value.ends,
        hourly_rate=value.hourly_rate,
        net_days=value.net_days,
        discount=show_share(value.discount),
        overage_discount="" if value.overage_discount is None else show_share(value.overage_discount),
        included_seconds=value.included_seconds,
        fee=value.fee,
        roll_months=value.roll_months,
        low_at_seconds=value.low_at_seconds,
        low_at_amount=value.low_at_amount,
        top_up_to=value.top_up_to,
        hours_lapse_months=value.hours_lapse_months,
        monitoring=show_monitoring(value.monitoring),
        hourly=sorted(value.hourly),
        spyware=value.spyware.value,
        business_hours=show_week(value.week),
        holidays=show_days_off(value.days_off),
        waives_interest=value.waives_interest,
        is_per_visit=value.is_per_visit,
        trip_fee=value.trip_fee,
        next_block_hours=block.hours if block else None,
        next_block_rate=block.rate if block else None,
        next_block_below=block.below if block else None,
        next_block_late_days=block.late_days if block else None,
    )
