"""The shop itself: its one row, its days and moments."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rounds.core.money import Refused
from rounds.people.models import Shop


def the_shop() -> Shop:
    """The shop that runs this installation; made with its defaults if this is the first look."""
    return Shop.objects.order_by("pk").first() or Shop.objects.get_or_create(pk=1)[0]


def shop_zone() -> ZoneInfo:
    """The shop's time zone."""
    return ZoneInfo(the_shop().time_zone)


def local_day(moment: datetime) -> date:
    """The shop's day on which a moment falls."""
    return moment.astimezone(shop_zone()).date()


def local_moment(day: date, clock: time, zone: ZoneInfo | None = None) -> datetime:
    """The moment at which the shop's clock shows a time on a day, in UTC; of two such moments, the earlier one.

    Refused: a time that the clock skips (the start of summer time), with the next time that exists.
    """
    zone = zone or shop_zone()
    moment = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    shown = moment.astimezone(zone)
    if shown.replace(tzinfo=None) != datetime.combine(day, clock):
        later = (moment + timedelta(0)).astimezone(zone)
        raise Refused(f"{clock:%H:%M} does not exist on {day}: the clock is put forward; the next is {later:%H:%M}")
    return moment
