"""The terms under which a shop works for a client: its settings, and the client's agreements, each from a day on."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from rounds.core.calendars import Calendar, Week
from rounds.core.days import add_days
from rounds.core.money import SECONDS_PER_HOUR, Refused
from rounds.core.taxing import UNTAXED, Site, Taxes

USUAL_LATE_DAYS = 14  # an invoice may be late before nothing more is bought by itself


class Plan(StrEnum):
    """A preset of terms (billing-rules.md, "Plans"); a client without an agreement in force is reactive."""

    SERVICE_AGREEMENT = "service-agreement"
    RETAINER = "retainer"
    BLOCK = "block"
    CALL_FIRST = "call-first"
    REACTIVE = "reactive"


class Category(StrEnum):
    """Kinds of work that a plan can cover; any other word is a category of the shop's own, which no plan covers."""

    MAINTENANCE = "maintenance"
    SUPPORT = "support"
    MONITORING = "monitoring"
    PROJECT = "project"
    SPYWARE = "spyware"


class Spyware(StrEnum):
    """Who pays for a spyware clean-up (billing-rules.md, "Plans")."""

    COVERED = "covered"
    HOURLY = "hourly"
    IF_PROTECTED = "if-protected"


class Place(StrEnum):
    """Where work was done; a shop may have a minimum for each."""

    REMOTE = "remote"
    ONSITE = "onsite"


@dataclass(frozen=True, slots=True)
class Monitoring:
    """How monitoring is paid a month: a fee in cents, or seconds off the block, or (both None) nothing extra."""

    fee: int | None = None
    seconds: int | None = None
    is_included: bool = False

    def __post_init__(self) -> None:
        if (self.fee or 0) < 0 or (self.seconds or 0) < 0:
            raise Refused("monitoring is negative")


@dataclass(frozen=True, slots=True)
class Lateness:
    """Interest on late invoices: a share a year or a month, days that bear none, cents below which none is charged."""

    rate: Fraction
    is_monthly: bool = False
    grace_days: int = 0
    minimum: int = 0

    def __post_init__(self) -> None:
        if self.rate < 0 or self.grace_days < 0 or self.minimum < 0:
            raise Refused("interest is negative")
        if self.rate > 1:
            raise Refused("interest is above 100 %")

    def in_words(self) -> str:
        """The rate as people say it."""
        return f"{float(self.rate * 100):g} % a {'month' if self.is_monthly else 'year'}"


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop's settings; rates in cents an hour, shares as fractions, sizes of blocks and what is free in hours."""

    hourly_rate: int
    increment_minutes: int = 15
    grace_minutes: int = 0
    minimum_remote_minutes: int = 0
    minimum_onsite_minutes: int = 0
    after_hours_multiplier: Fraction = Fraction(3, 2)
    monitoring_fee: int = 10_000
    parts_markup: Fraction = Fraction(0)
    bonus_hours: tuple[tuple[int | Fraction, int | Fraction], ...] = ()
    taxes: Taxes = UNTAXED
    net_days: int = 10
    week: Week | None = None  # business hours; None: work is after hours only where it is said
    days_off: Container[date] = frozenset()
    lateness: Lateness | None = None  # None: late invoices bear no interest
    is_per_visit: bool = False  # minimum and increment count once for an order's day at a place, not for each entry
    trip_fee: int = 0  # cents for an order's day with work on site

    def __post_init__(self) -> None:
        for what in ("hourly_rate", "grace_minutes", "minimum_remote_minutes", "minimum_onsite_minutes"):
            if getattr(self, what) < 0:
                raise Refused(f"{what} is negative")
        for what in ("after_hours_multiplier", "monitoring_fee", "parts_markup", "net_days", "trip_fee"):
            if getattr(self, what) < 0:
                raise Refused(f"{what} is negative")
        if self.increment_minutes < 1:
            raise Refused("increment_minutes must be at least 1")
        if any(size < 0 or free < 0 for size, free in self.bonus_hours):
            raise Refused("bonus_hours: neither sizes nor free hours are negative")

    def minimum_minutes(self, place: Place) -> int:
        """The least minutes that are charged for work at a place; 0: no minimum."""
        return self.minimum_onsite_minutes if place is Place.ONSITE else self.minimum_remote_minutes

    def free_hours(self, hours: int) -> int | Fraction:
        """Hours that come free with a purchase: those of the largest size reached, however the sizes are ordered."""
        return max(((size, free) for size, free in self.bonus_hours if size <= hours), default=(0, 0))[1]


type Shops = tuple[tuple[date, Shop], ...]


@dataclass(frozen=True, slots=True)
class NextBlock:
    """A block of whole hours that is bought by itself once work would leave fewer than `below` seconds (`next_block`).

    `below` None: the agreement's low limit. `rate` is cents an hour of its own, and then no hours come free; None: as
    in the price list. Nothing is bought while an invoice is more than `late_days` late.
    """

    hours: int
    below: int | None = None
    rate: int | None = None
    late_days: int = USUAL_LATE_DAYS

    def __post_init__(self) -> None:
        if self.hours < 1:
            raise Refused("next_block: a block has at least one hour")
        if (self.below or 0) < 0 or (self.rate or 0) < 0 or self.late_days < 0:
            raise Refused("next_block is negative")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One client's terms from `starts` to `ends`, both included; `ends` None is open. `key` names it to the caller.

    `noticed_at`: the moment on the shop's clock from which it is known that it is not gone on with after its last day.
    """

    key: int
    plan: Plan
    starts: date
    ends: date | None = None
    hourly_rate: int | None = None
    net_days: int | None = None
    discount: Fraction = Fraction(0)
    overage_discount: Fraction | None = None
    included_seconds: int | None = None
    fee: int | None = None
    roll_months: int = 0
    low_at_seconds: int | None = None
    low_at_amount: int | None = None
    top_up_to: int | None = None
    hours_lapse_months: int | None = None
    monitoring: Monitoring | None = None
    hourly: frozenset[str] = frozenset()
    spyware: Spyware = Spyware.COVERED
    week: Week | None = None  # business hours and days off of this client; None: the shop's
    days_off: Container[date] | None = None
    waives_interest: bool = False
    is_per_visit: bool | None = None  # these two: None is as in the shop; a fee of 0 is none
    trip_fee: int | None = None
    next_block: NextBlock | None = None
    noticed_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends is not None and self.ends < self.starts:
            raise Refused(f"the agreement ends on {self.ends}, before it starts on {self.starts}")
        for what in ("hourly_rate", "net_days", "included_seconds", "fee", "roll_months", "low_at_seconds",
                     "low_at_amount", "top_up_to", "hours_lapse_months", "discount", "overage_discount",
                     "trip_fee"):  # fmt: skip
            value = getattr(self, what)
            if value is not None and value < 0:
                raise Refused(f"{what} is negative")
        for what in ("discount", "overage_discount"):
            if (getattr(self, what) or 0) > 1:
                raise Refused(f"{what} is above 100 %")
        if self.plan is Plan.SERVICE_AGREEMENT and self.included_seconds is None:
            raise Refused("a service agreement needs included_hours")
        if self.top_up_to is not None and self.low_at_amount is None:
            raise Refused("top_up_to needs low_at, the amount below which the retainer is topped up")
        if self.top_up_to is not None and self.low_at_amount is not None and self.top_up_to < self.low_at_amount:
            raise Refused("top_up_to is below low_at")
        if self.hours_lapse_months == 0:
            raise Refused("hours_lapse_months must be at least 1; leave it out where hours never lapse")
        if self.noticed_at is not None and self.ends is None:
            raise Refused("notice_given needs ends, the last day")
        self._check_next_block()

    def _check_next_block(self) -> None:
        if self.next_block is None:
            return
        if self.plan is not Plan.BLOCK:
            raise Refused("next_block: only under a block plan is the next block bought by itself")
        if self.buys_below is None:
            raise Refused("next_block needs low_at, or below, the hours below which it is bought")
        if self.next_block.hours * SECONDS_PER_HOUR < self.buys_below:
            raise Refused("next_block has fewer hours than those below which it is bought")

    @property
    def buys_below(self) -> int | None:
        """The block seconds below which the next block is bought by itself; None: never."""
        if self.next_block is None:
            return None
        return self.low_at_seconds if self.next_block.below is None else self.next_block.below

    @property
    def is_watched(self) -> bool:
        """Does it pay for monitoring, by its plan or by what it says (billing-rules.md, "Plans")?"""
        if self.monitoring is None:
            return self.plan in {Plan.SERVICE_AGREEMENT, Plan.RETAINER}
        return self.monitoring.is_included or bool(self.monitoring.fee or self.monitoring.seconds)

    @property
    def pays_looks_by_time(self) -> bool:
        """Does time spent on watching draw on its hours or money? Not where a fee, or hours of their own, pay for it.

        Call first never: nobody is asked each morning.
        """
        has_own_pay = self.monitoring is not None and bool(self.monitoring.fee or self.monitoring.seconds)
        return self.plan in {Plan.BLOCK, Plan.RETAINER} and not has_own_pay

    def is_in_force(self, day: date) -> bool:
        """Is it in force on the day?"""
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of one client over time: the shop's settings by the day from which they hold, and his agreements."""

    shops: Shops
    agreements: tuple[Agreement, ...] = ()

    def __post_init__(self) -> None:
        if not self.shops:
            raise Refused("the shop has no settings")
        refuse_overlap(self.agreements)

    @property
    def has_visits(self) -> bool:
        """Does it ever matter which visit an entry belongs to?"""
        shops = any(shop.is_per_visit or shop.trip_fee for _, shop in self.shops)
        return shops or any(one.is_per_visit or one.trip_fee for one in self.agreements)

    def shop_on(self, day: date) -> Shop:
        """The shop's settings on a day; before the first day they are the first ones."""
        held = [shop for since, shop in self.shops if since <= day]
        return held[-1] if held else self.shops[0][1]

    def agreement_on(self, day: date) -> Agreement | None:
        """The agreement in force on a day; None: the client is reactive."""
        return next((a for a in self.agreements if a.is_in_force(day)), None)

    def plan_on(self, day: date) -> Plan:
        """The plan in force on a day."""
        agreement = self.agreement_on(day)
        return agreement.plan if agreement else Plan.REACTIVE

    def hourly_rate_on(self, day: date) -> int:
        """The standard rate on a day, in cents: the agreement's, or the shop's."""
        agreement = self.agreement_on(day)
        if agreement is not None and agreement.hourly_rate is not None:
            return agreement.hourly_rate
        return self.shop_on(day).hourly_rate

    def calendar_on(self, day: date) -> Calendar | None:
        """The business hours and days off on a day: the agreement's, or the shop's; None: after hours is said."""
        agreement, shop = self.agreement_on(day), self.shop_on(day)
        week = agreement.week if agreement is not None and agreement.week is not None else shop.week
        if week is None:
            return None
        own = agreement.days_off if agreement is not None else None
        return Calendar(week, shop.days_off if own is None else own)

    def is_per_visit_on(self, day: date) -> bool:
        """Do minimum and increment count once a visit on a day: as in the agreement, or in the shop?"""
        agreement = self.agreement_on(day)
        own = agreement.is_per_visit if agreement is not None else None
        return self.shop_on(day).is_per_visit if own is None else own

    def trip_fee_on(self, day: date) -> int:
        """What a visit on site costs beside its time on a day, in cents: as in the agreement, or in the shop."""
        agreement = self.agreement_on(day)
        own = agreement.trip_fee if agreement is not None else None
        return self.shop_on(day).trip_fee if own is None else own

    def due_on(self, day: date) -> date:
        """The day on which an invoice of a day is due: net days of the agreement in force, or the shop's."""
        agreement = self.agreement_on(day)
        if agreement is not None and agreement.net_days is not None:
            return add_days(day, agreement.net_days)
        return add_days(day, self.shop_on(day).net_days)


def shops_of_client(shops: Shops, site: Site | None, exempt: Sequence[tuple[date, bool]]) -> Shops:
    """Give the shop's settings over time as they hold for a client.

    He pays the taxes of his billing `site`, and none from a day on which he is `exempt` until one on which he is not.
    """
    if not exempt:
        return tuple((day, shop_of_client(shop, site, is_exempt=False)) for day, shop in shops)
    as_they_are = Terms(shops)
    days = sorted({shops[0][0], *(since for since, _shop in shops), *(since for since, _is_exempt in exempt)})
    return tuple(
        (day, shop_of_client(as_they_are.shop_on(day), site, is_exempt=is_exempt_on(exempt, day))) for day in days
    )


def shop_of_client(shop: Shop, site: Site | None, *, is_exempt: bool) -> Shop:
    """Give the shop's settings of a day as they hold for a client on that day."""
    taxes = UNTAXED if is_exempt else shop.taxes.billed_at(site)
    return shop if taxes is shop.taxes else replace(shop, taxes=taxes)


def is_exempt_on(exempt: Sequence[tuple[date, bool]], day: date) -> bool:
    """Is a client exempt on a day? `exempt` is in the order in which it holds."""
    held = [is_exempt for since, is_exempt in exempt if since <= day]
    return bool(held) and held[-1]


def refuse_overlap(agreements: Iterable[Agreement]) -> None:
    """Refuse two agreements of one client that are in force on the same day."""
    ordered = sorted(agreements, key=lambda a: a.starts)
    for earlier, later in pairwise(ordered):
        if earlier.ends is None or later.starts <= earlier.ends:
            until = earlier.ends or "an open end"
            raise Refused(
                f"the {later.plan} from {later.starts} overlaps the {earlier.plan} from {earlier.starts} to {until}"
            )
