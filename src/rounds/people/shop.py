"""The shop itself: its one row, its days and moments."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rounds.core.clocks import as_shown, comes_twice, exists
from rounds.core.money import Refused
from rounds.people.models import Shop


def the_shop() -> Shop:
    """The shop that runs this installation; made with its defaults if this is the first look."""
    return Shop.objects.order_by("pk").first() or Shop.objects.get_or_create(pk=1)[0]


def shop_zone() -> ZoneInfo:
    """The shop's time zone."""
    return ZoneInfo(the_shop().time_zone)


def local_day(moment: datetime, zone: ZoneInfo | None = None) -> date:
    """The shop's day on which a moment falls; `zone` (from `shop_zone`) saves a query where there are many."""
    return moment.astimezone(zone or shop_zone()).date()


def local_moment(day: date, clock: time, zone: ZoneInfo | None = None) -> datetime:
    """The moment at which the shop's clock shows a time on a day, in UTC; of two, the earlier, unless `fold` is set.

    Refused: a time that the clock skips (the start of summer time), with the next time that exists.
    """
    zone = zone or shop_zone()
    shown = datetime.combine(day, clock, tzinfo=zone)
    if not exists(shown):
        following = _end_of_gap(shown).astimezone(zone)
        on = "" if following.date() == day else f" on {following.date()}"
        raise Refused(
            f"{clock:%H:%M} does not exist on {day}: the clock is put forward; the next is {following:%H:%M}{on}"
        )
    return shown.astimezone(UTC)


def day_exists(day: date, zone: ZoneInfo) -> bool:
    """Does the zone's clock show any moment of the day? Samoa skipped 30 December 2011."""
    noon = datetime.combine(day, time(12), tzinfo=zone)
    return as_shown(noon.astimezone(UTC), zone).date() == day


def told_twice(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """What to tell about a moment whose local time comes twice that day (the end of summer time); else nothing."""
    zone = zone or shop_zone()
    shown = moment.astimezone(zone)
    if not comes_twice(shown):
        return ""
    which = "second" if shown.fold else "first"
    return f"{shown:%H:%M} comes twice on {shown.date()}, as the clock is put back; the {which} one is meant"


def _end_of_gap(skipped: datetime) -> datetime:
    """The moment at which the clock is put forward over a local time, found by halving (zoneinfo lists no changes)."""
    before = skipped.replace(fold=1).astimezone(UTC)  # in a gap, fold=1 reads the clock of after it: an earlier moment
    after = skipped.replace(fold=0).astimezone(UTC)
    zone = skipped.tzinfo
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (before, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, after)
    return after.replace(microsecond=0)
