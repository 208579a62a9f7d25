"""A client's trade in a few words, through the public verbs: worked, used a part, agreed."""

from datetime import UTC, date, datetime, time, timedelta

from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client, Site, TaxChoice, TaxCode, TaxRate
from rounds.people.models import User
from rounds.people.shop import local_moment
from rounds.work import ordering, timing
from rounds.work.models import Part, Stint


def worked(client: Client, day: date, minutes: int, *, by: User, **more: object) -> Stint:
    """Work on an order of its own, begun at ten and entered that evening."""
    at = local_moment(day, time(10))
    order = ordering.take_order(ordering.Call(client, "Mail does not arrive"), by=by, at=at)
    return timing.enter(order, timing.Worked(at, minutes, **more), who=by, at=at + timedelta(hours=11))  # type: ignore[arg-type]


def used(client: Client, day: date, price: int, *, by: User, name: str = "SSD") -> Part:
    """A part used on an order of its own, at noon."""
    at = local_moment(day, time(12))
    order = ordering.take_order(ordering.Call(client, "New disk"), by=by, at=at)
    return ordering.use_part(order, Part(order=order, name=name, quantity=1, price=price, used_at=at), by=by, at=at)


def agreed(client: Client, plan: str, starts: date, **terms: object) -> Agreement:
    """An agreement signed on the morning of the day on which it starts."""
    at = local_moment(starts, time(8))
    return sign(Agreement(client=client, plan=plan, starts=starts, **terms), by=None, at=at)


def taxed(rate: str, *kinds: str, since: date = date(2005, 1, 1), code: str = "tax", **more: str) -> None:
    """From a day on, a code has a rate, and these kinds of line the code, beside those that others have by then."""
    row, _is_new = TaxCode.objects.get_or_create(name=code)
    TaxRate.objects.create(code=row, since=since, rate=rate, **{"words": "Tax", **more})
    if kinds:
        last = TaxChoice.objects.filter(site=None, since__lte=since).order_by("since", "pk").last()
        codes = {kind: one for kind, one in (last.codes if last else {}).items() if one != code}
        TaxChoice.objects.create(since=since, codes={**codes, **dict.fromkeys(kinds, code)})


def taxed_at(site: Site, codes: dict[str, str], since: date = date(2005, 1, 1)) -> None:
    """From a day on, kinds of line have other codes at a site, or ("") none."""
    TaxChoice.objects.create(site=site, since=since, codes=codes)


def moment(year: int, month: int, day: int, hour: int = 15) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)
