"""Stories: one client's terms and events as a file tells them, read into values; refuses what the rules refuse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from rounds.core import reading
from rounds.core.account import Key, Part, Work
from rounds.core.bringing import Brought
from rounds.core.clocks import Clock, in_order, read_zone
from rounds.core.happenings import (
    Approval,
    CreditNote,
    Deposit,
    Ending,
    Event,
    Expectation,
    Happening,
    Payment,
    Purchase,
    RefundOfHours,
    RefundOfMoney,
    To,
    Void,
    WriteOff,
)  # fmt: skip
from rounds.core.money import Refused
from rounds.core.reading import Table
from rounds.core.reading_opening import read_opening
from rounds.core.reading_taxes import read_codes, read_exemptions, read_sites, shops_over_time
from rounds.core.reading_terms import read_agreements, read_shop
from rounds.core.terms import Agreement, Place, Shops, Terms, shops_of_client

LONGEST_YEARS = 100

_KINDS = (
    "work", "part", "buy_hours", "deposit", "pay", "credit", "write_off", "expect_again", "void", "refund", "end"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Days:
    """What an event's work or part is known by, and its days on the shop's clock."""

    key: int
    on: date
    recorded_on: date
    at: datetime
    clock: Clock


@dataclass(frozen=True, slots=True)
class Story:
    """One client's terms, what happened in the order recorded, and the day through which the shop's clock runs."""

    title: str
    through: date
    terms: Terms
    events: tuple[Event, ...]
    opening: Brought | None = None
    scene: "Scene | None" = None
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What the terms of the story's client are made of, beside his agreements: the shop, his sites, exemptions.

    `shops` are the shop's settings as they hold for everybody; an exemption is its first and last day.
    """

    shops: Shops
    sites: tuple[str, ...] = ()
    billing_site: str | None = None
    exempt: tuple[tuple[date, date | None], ...] = ()

    @property
    def exempt_from(self) -> list[tuple[date, bool]]:
        """The days from which the client is exempt, or not any more."""
        days = [(first, True) for first, _last in self.exempt]
        return sorted(days + [(last + timedelta(days=1), False) for _first, last in self.exempt if last])


def read_story(values: Mapping[str, object]) -> Story:
    """Read a story from what its TOML file holds, and check all of it.

    Refused, with the reason: what the list "Refused" of billing-rules.md names. What can only be seen by playing (an
    invoice that does not exist at that moment) is refused by `rehearsing.perform`.
    """
    table = Table(values, "the story")
    title = table.take("title", reading.text, default="")
    through = table.need("through", reading.day)
    shop = table.need("shop", read_shop)
    sites = table.take("site", read_sites, default=())
    shops = shops_over_time(shop, table.take("tax", read_codes, default=()), sites)
    exempt = table.take("exempt", read_exemptions, default=())
    agreements = table.take("agreement", read_agreements, default=())
    zone = table.take("zone", read_zone, default=None)
    events = table.take("event", partial(_events, clock=Clock(zone)), default=())
    opening = table.take("opening", read_opening, default=None)
    table.finish()
    _refuse_long(through, agreements, events)
    _refuse_before(opening, through, events)
    _refuse_elsewhere({site.name for site in sites}, events)
    billing = next((site.name for site in sites if site.is_billing), None)
    scene = Scene(shops, tuple(site.name for site in sites), billing, exempt)
    terms = Terms(shops_of_client(shops, billing, scene.exempt_from), agreements)
    return Story(title, through, terms, events, opening, scene, zone)


def _events(values: object, what: str, *, clock: Clock) -> tuple[Event, ...]:
    """Read the events, in the order recorded; what was recorded at the same moment stays in the file's order."""
    if not isinstance(values, list):
        raise Refused(f"{what}: write each event under [[event]]")
    events = [event for key, value in enumerate(values, start=1) for event in _event(value, key, clock)]
    _refuse_strange_voids(events)
    _refuse_strange_refunds(events)
    return tuple(sorted(events, key=lambda event: (in_order(event.recorded), event.key)))


def _refuse_strange_voids(events: list[Event]) -> None:
    """Refuse a void of what is neither work nor a part, was not recorded before it, or was voided already."""
    known = {event.key: event for event in events if isinstance(event.what, Work | Part)}
    voided = set()
    for event in events:
        if not isinstance(event.what, Void):
            continue
        found = known.get(int(event.what.what))
        if found is None or in_order(found.recorded) >= in_order(event.recorded):
            raise Refused(f"event {event.key}: void names no work or part that was recorded before it")
        if found.key in voided:
            raise Refused(f"event {event.key}: event {found.key} is voided already")
        voided.add(found.key)


def _refuse_strange_refunds(events: list[Event]) -> None:
    """Refuse a refund of hours that names no purchase recorded before it."""
    sold = {event.key: event for event in events if isinstance(event.what, Purchase)}
    for event in events:
        if isinstance(event.what, RefundOfHours):
            found = sold.get(int(event.what.purchase))
            if found is None or in_order(found.recorded) >= in_order(event.recorded):
                raise Refused(f"event {event.key}: refund names no hours that were bought before it")


def _event(values: object, key: int, clock: Clock) -> list[Event]:
    """Read an event, and the later approval of its work as a second one."""
    table = Table(values, f"event {key}")
    at = table.need("at", clock.moment)
    if table.take("second", reading.flag, default=False):
        at = clock.second(at, table.where)
    recorded = table.take("recorded", clock.moment, default=at)
    if recorded.date() < at.date():
        raise Refused(f"{table.where}: recorded on {recorded.date()}, before it happened on {at.date()}")
    kinds = [kind for kind in _KINDS if table.has(kind)]
    if len(kinds) != 1:
        raise Refused(f"{table.where} needs exactly one of {', '.join(_KINDS)}")
    told = table.need(kinds[0], reading.anything)
    table.finish()
    where, days = f"event {key}: {kinds[0]}", _Days(key, at.date(), recorded.date(), at, clock)
    if kinds[0] in {"refund", "end"}:
        read = _refund if kinds[0] == "refund" else _ending
        return [Event(key, at, recorded, read(told, where))]
    if kinds[0] != "work":
        return [Event(key, at, recorded, _happening(kinds[0], told, where, days))]
    work, approved_at = _work(told, where, days)
    if approved_at is None:
        return [Event(key, at, recorded, work)]
    if in_order(approved_at) <= in_order(recorded):
        return [Event(key, at, recorded, replace(work, is_approved=True))]
    return [Event(key, at, recorded, work), Event(key, approved_at, approved_at, Approval(key))]


def _happening(kind: str, told: object, where: str, days: "_Days") -> Happening:
    if kind == "part":
        return _part(told, where, days)
    if kind in {"buy_hours", "void", "expect_again"}:
        numbered: dict[str, Callable[[int], Happening]] = {
            "buy_hours": Purchase, "void": Void, "expect_again": Expectation
        }  # fmt: skip
        return numbered[kind](reading.whole(told, where))
    if kind == "deposit" or (kind == "pay" and isinstance(told, str)):
        amount = reading.amount(told, where)
        return Deposit(amount) if kind == "deposit" else Payment(amount)
    table = Table(told, where)
    invoice = table.need("invoice", reading.whole)
    readers: dict[str, Callable[[Table, int], Happening]] = {
        "pay": _payment, "credit": _credit, "write_off": _write_off
    }  # fmt: skip
    read = readers[kind](table, invoice)
    table.finish()
    return read


def _payment(table: Table, invoice: int) -> Payment:
    return Payment(table.need("amount", reading.amount), invoice)


def _credit(table: Table, invoice: int) -> CreditNote:
    """Read a credit note: of an amount, of a line or a part of it, or of all that is left."""
    line, is_whole = table.take("line", reading.whole, default=None), table.take("whole", reading.flag, default=False)
    stay, amount = table.take("hours_stay", reading.flag, default=False), None
    if table.has("amount") or (line is None and not is_whole):
        amount = table.need("amount", reading.amount)
    if is_whole and (amount is not None or line is not None):
        raise Refused(f"{table.where} is either whole, or of a line or an amount")
    return CreditNote(invoice, amount, line, do_hours_stay=stay)


def _write_off(table: Table, invoice: int) -> WriteOff:
    return WriteOff(invoice, table.take("amount", reading.amount, default=None))


def _refund(told: object, where: str) -> RefundOfHours | RefundOfMoney:
    table = Table(told, where)
    named = [name for name in ("block", "retainer", "credit") if table.has(name)]
    if len(named) != 1:
        raise Refused(f"{where} needs exactly one of block, retainer, credit")
    is_paid_out = table.take("to", reading.word(To), default=To.BANK) is To.BANK
    refund: RefundOfHours | RefundOfMoney
    if named == ["block"]:
        refund = RefundOfHours(
            table.need("block", reading.whole),
            table.take("hours", reading.seconds, default=None),
            table.take("at_list_rate", reading.flag, default=False),
            is_paid_out,
        )
    elif named == ["retainer"]:
        even_if_needed = table.take("even_if_needed", reading.flag, default=False)
        refund = RefundOfMoney("retainer", table.need("retainer", reading.amount), even_if_needed, is_paid_out)
    else:
        refund = RefundOfMoney("credit", table.need("credit", reading.amount))
    table.finish()
    return refund


def _ending(told: object, where: str) -> Ending:
    table = Table(told, where)
    ending = Ending(
        table.need("agreement", reading.whole),
        table.need("on", reading.day),
        table.take("to", reading.word(To), default=To.BANK) is To.BANK,
    )
    table.finish()
    return ending


def _work(told: object, where: str, days: "_Days") -> tuple[Work, datetime | None]:
    """Read work, and the moment at which it was approved, if it is one."""
    table = Table(told, where)
    approved = table.take("approved", partial(_approval, clock=days.clock), default=False)
    work = Work(
        days.key,
        days.on,
        days.recorded_on,
        minutes=_minutes(table, days),
        category=table.take("category", reading.text, default="support"),
        place=table.take("place", reading.word(Place), default=Place.REMOTE),
        is_after_hours=table.take("after_hours", reading.flag, default=None),
        is_approved=approved is True,
        is_no_charge=table.take("no_charge", reading.flag, default=False),
        is_protected=table.take("protected", reading.flag, default=False),
        cause=table.take("cause", reading.text, default="unknown"),
        started=days.at,
        site=table.take("site", reading.text, default=None),
        order=table.take("order", _order, default=None),
    )
    if work.site is not None and work.order is not None:
        work = replace(work, order=f"{work.order} at {work.site}")  # an order is at one site
    table.finish()
    return work, approved if isinstance(approved, datetime) else None


def _order(value: object, what: str) -> Key:
    """Read the order that work belongs to: its number or a word; work without one is an order of its own."""
    return value if isinstance(value, str) and value.strip() else reading.whole(value, what)


def _minutes(table: Table, days: "_Days") -> int:
    """Read how long work took: its minutes, or `until` when."""
    if not table.has("until"):
        return table.need("minutes", reading.whole)
    if table.has("minutes"):
        raise Refused(f"{table.where} needs its minutes or until when, one of the two")
    return table.need("until", partial(days.clock.minutes_until, days.at))


def _approval(value: object, what: str, *, clock: Clock) -> bool | datetime:
    return value if isinstance(value, bool) else clock.moment(value, what)


def _part(told: object, where: str, days: "_Days") -> Part:
    table = Table(told, where)
    if table.has("price") == table.has("cost"):
        raise Refused(f"{where} needs its price or its cost, one of the two")
    part = Part(
        days.key,
        days.on,
        days.recorded_on,
        quantity=table.take("quantity", reading.whole, default=1),
        price=table.take("price", reading.amount, default=None),
        cost=table.take("cost", reading.amount, default=None),
        site=table.take("site", reading.text, default=None),
    )
    table.finish()
    return part


def _refuse_elsewhere(sites: set[str], events: tuple[Event, ...]) -> None:
    """Refuse work or a part at a site that the story does not have."""
    for event in events:
        if isinstance(event.what, Work | Part) and event.what.site is not None and event.what.site not in sites:
            raise Refused(f"event {event.key}: there is no site “{event.what.site}”")


def _refuse_before(opening: Brought | None, through: date, events: tuple[Event, ...]) -> None:
    """Refuse what was recorded before the books were opened: it is in the old ones."""
    if opening is None:
        return
    if opening.on > through:
        raise Refused("the story ends before its opening day")
    for event in events:
        if event.recorded.date() < opening.on:
            raise Refused(f"event {event.key}: recorded before the opening day, {opening.on}")


def _refuse_long(through: date, agreements: tuple[Agreement, ...], events: tuple[Event, ...]) -> None:
    """Refuse a story that spans more than two centuries: a year was mistyped."""
    days = [
        through,
        *(a.starts for a in agreements),
        *(e.at.date() for e in events),
        *(e.recorded.date() for e in events),
    ]
    if max(days).year - min(days).year > LONGEST_YEARS:
        raise Refused(f"the story runs from {min(days)} to {max(days)}, more than {LONGEST_YEARS} years")
