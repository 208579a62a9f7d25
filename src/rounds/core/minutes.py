"""Billable minutes: an entry, or a visit and the entry that joins it, goes in; seconds billed and the steps come out.

billing-rules.md, "Billable minutes": minimum, increment (with grace), no charge, after hours, in this order. Where the
terms say so, minimum and increment count once for a visit: the work on one order, on one day, at one place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from rounds.core.account import Visit, VisitKey, Work
from rounds.core.calendars import Calendar, after_hours
from rounds.core.money import round_half_away, show_hours
from rounds.core.terms import Place, Shop


class Clocked(NamedTuple):
    """The minutes of an entry that are after hours, whether all of it is (one without time, too), and why."""

    late: int
    is_late: bool
    told: tuple[str, ...] = ()


def billable_seconds(work: Work, shop: Shop, calendar: Calendar | None = None) -> tuple[int, tuple[str, ...]]:
    """Count the seconds that are billed for an entry on its own, and the steps that led there, in words."""
    if work.is_no_charge:
        return 0, (f"{work.minutes} min", "no charge")
    minutes, steps = _rounded(work.minutes, work.place, shop)
    trace = [f"{work.minutes} min", *steps]
    seconds, clocked = minutes * 60, clock(work, calendar)
    # What minimum and rounding add to work that was partly within business hours is not after hours, as nobody worked
    # then; what grace takes off is taken off the time after hours.
    late = minutes if clocked.is_late else max(0, clocked.late - max(0, work.minutes - minutes))
    if late and shop.after_hours_multiplier != 1:
        seconds = round_half_away((minutes - late) * 60 + late * 60 * shop.after_hours_multiplier)
        part = "" if late == minutes else f"{late} of {minutes} min "
        trace += [*clocked.told, f"{part}after hours, {_times(shop)}: {show_hours(seconds)} h"]
    return seconds, tuple(trace)


def joined(visit: Visit, work: Work, clocked: Clocked) -> Visit:
    """Give the visit with an entry's time, before anything is billed for it."""
    return replace(
        visit,
        minutes=visit.minutes + work.minutes,
        late_minutes=visit.late_minutes + clocked.late,
        is_late=visit.is_late or clocked.is_late or clocked.late > 0,
    )


def visit_seconds(visit: Visit, place: Place, shop: Shop) -> tuple[int, tuple[str, ...]]:
    """Count the seconds that are billed for a whole visit, and the steps that led there, in words.

    It depends on nothing but the minutes within and after hours, and more of either never makes it cheaper: so neither
    the order in which its entries are recorded nor how they are split changes it. Therefore a visit costs no less than
    its time after hours would alone, and a multiplier below 1 counts as 1.
    """
    minutes, steps = _rounded(visit.minutes, place, shop)
    times = max(shop.after_hours_multiplier, Fraction(1))
    late = min(visit.late_minutes, minutes)
    if not visit.is_late or times == 1:
        return minutes * 60, steps
    alone, _ = _rounded(visit.late_minutes, place, shop)
    dearest = max(alone * 60 * times, (minutes - late) * 60 + late * 60 * times)
    seconds = round_half_away(dearest)
    part = "" if alone == minutes else f"{alone} min " if dearest == alone * 60 * times else f"{late} of {minutes} min "
    return seconds, (*steps, f"{part}after hours, {_times(shop)}: {show_hours(seconds)} h")


def clock(work: Work, calendar: Calendar | None) -> Clocked:
    """Count the minutes of an entry that are after hours; a word of the technician goes before the clock."""
    if work.is_after_hours is not None or calendar is None or work.started is None:
        is_late = bool(work.is_after_hours)
        return Clocked(work.minutes if is_late else 0, is_late)
    if not work.minutes:  # a visit without time: its moment decides on what a minimum makes of it
        why = calendar.why_closed(work.started)
        return Clocked(0, bool(why), (why,) if why else ())
    spans = after_hours(calendar, work.started, work.minutes)
    late = sum(span.minutes for span in spans)
    return Clocked(late, late == work.minutes, tuple(str(span) for span in spans))


def seconds_each(works: Iterable[Work], shop: Shop) -> Iterator[tuple[Work, int]]:
    """Count what each of some works would be billed under the shop's own terms, as each joins its visit."""
    calendar = Calendar(shop.week, shop.days_off) if shop.week is not None else None
    visits: dict[VisitKey | None, Visit] = {}
    for work in works:
        if work.is_no_charge or not shop.is_per_visit:
            yield work, billable_seconds(work, shop, calendar)[0]
            continue
        before = visits.get(work.visit, Visit()) if work.visit is not None else Visit()
        visit = joined(before, work, clock(work, calendar))
        whole, _steps = visit_seconds(visit, work.place, shop)
        visits[work.visit] = replace(visit, seconds=whole)
        yield work, whole - before.seconds


def name_place(place: Place) -> str:
    """A place as traces name it."""
    return "on-site" if place is Place.ONSITE else "remote"


@lru_cache(256)
def float_free(share: Fraction) -> str:
    """Write a share as people do: "1.5" where that is exact, else "4/3"."""
    scaled = share * 10_000
    return show_hours(int(share * 3600)) if scaled.denominator == 1 else str(share)


def _rounded(worked: int, place: Place, shop: Shop) -> tuple[int, tuple[str, ...]]:
    """Raise minutes to the minimum of their place and round them up to the increment, with its grace."""
    minutes, trace = worked, []
    minimum = shop.minimum_minutes(place)
    if minutes < minimum:
        minutes = minimum
        trace.append(f"raised to {minutes} min ({name_place(place)} minimum)")
    whole, rest = divmod(minutes, shop.increment_minutes)
    if rest and whole and rest <= shop.grace_minutes:
        minutes = whole * shop.increment_minutes
        trace.append(f"{rest} min over are within the grace of {shop.grace_minutes}: {minutes} min")
    elif rest:
        minutes = (whole + 1) * shop.increment_minutes
        trace.append(f"rounded up to {minutes} min (by {shop.increment_minutes})")
    return minutes, tuple(trace)


def _times(shop: Shop) -> str:
    return f"× {float_free(shop.after_hours_multiplier)}"
