"""The shapes of what is sent and answered. Requests are checked against them, and the description is made of them.

Amounts are text with their currency, hours text, days ISO dates, moments have their offset.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

Amount = Annotated[str, Meta(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["979.50"], description="Two decimals.")]
Hours = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]{1,4})?$", examples=["1.75"])]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", examples=["USD"])]
Id = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Moment = Annotated[datetime, Meta(tz=True)]
NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
Line = Annotated[str, Meta(max_length=120, pattern=NO_CONTROL)]
Text = Annotated[str, Meta(max_length=4000, pattern=NO_CONTROL)]
Words = Annotated[str, Meta(max_length=100, pattern=NO_CONTROL)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Kind = Literal["business", "residential"]
Plan = Literal["service-agreement", "retainer", "block", "call-first", "reactive"]


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount and its currency."""

    amount: Amount
    currency: Currency


class Wrong(Struct, frozen=True):
    """What is wrong, and where."""

    where: str
    what: str


class Problem(Struct, frozen=True):
    """Why a request was not answered as it was asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong]


class Page[Row](Struct, frozen=True):
    """A part of a list; `next` is the address of the part that follows, null on the last."""

    rows: list[Row]
    next: str | None


class Ref(Struct, frozen=True):
    """Something named by its id."""

    id: int
    name: str


# the shop


class You(Struct, frozen=True):
    """Whom the token acts as, and for what it may be used."""

    name: str
    role: Literal["owner", "technician", "bookkeeper"]
    scope: Literal["read", "work", "write"]
    expires_on: date | None


class Shop(Struct, frozen=True):
    """The shop that is asked, and whoever asks."""

    name: str
    currency: Currency
    time_zone: str
    today: date
    categories: list[str]
    you: You


# clients


class Contact(Struct, frozen=True):
    """A person at a client."""

    id: int
    name: str
    email: str
    phone: str
    best_time: str
    may_decide: bool
    gets_invoices: bool
    left_at: Moment | None


class Client(Struct, frozen=True):
    """Whom the shop serves; `plan` is the one in force today."""

    id: int
    name: str
    kind: Kind
    plan: Plan
    billing_address: str
    country: str
    tax_number: str
    note: str
    since: Moment
    left_at: Moment | None
    changed_at: Moment


class ClientWhole(Client, frozen=True):
    """A client, with his sites, machines and contacts."""

    contacts: list[Contact]
    sites: list[Ref]
    machines: list[Ref]


class NewClient(Struct, frozen=True, forbid_unknown_fields=True):
    """A client to be kept."""

    name: Line
    kind: Kind = "business"
    billing_address: Text = ""
    country: Line = ""
    tax_number: Line = ""
    note: Text = ""


class ClientChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What changes of a client; what is left out stays."""

    name: Line | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    billing_address: Text | UnsetType = UNSET
    country: Line | UnsetType = UNSET
    tax_number: Line | UnsetType = UNSET
    note: Text | UnsetType = UNSET


class NewContact(Struct, frozen=True, forbid_unknown_fields=True):
    """A person at a client to be kept."""

    name: Line
    email: Line = ""
    phone: Line = ""
    best_time: Line = ""
    may_decide: bool = False
    gets_invoices: bool = False


class ContactChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What changes of a contact; what is left out stays."""

    name: Line | UnsetType = UNSET
    email: Line | UnsetType = UNSET
    phone: Line | UnsetType = UNSET
    best_time: Line | UnsetType = UNSET
    may_decide: bool | UnsetType = UNSET
    gets_invoices: bool | UnsetType = UNSET


class Signature(Struct, frozen=True):
    """Who signed an agreement, when, and how."""

    name: str
    at: Moment
    channel: Literal["portal", "paper"]


class NextBlock(Struct, frozen=True):
    """The block of whole hours that is bought by itself once work would leave fewer than `below_hours`.

    `rate` is its price an hour, null: as in the price list. Nothing is bought while an invoice is more than `late_days`
    late.
    """

    hours: int
    below_hours: Hours
    rate: Money | None
    late_days: int


class Agreement(Struct, frozen=True):
    """One client's terms from a day on; null where the shop's own hold, or the plan knows no such term.

    `ends` is the last day as it is now; `was_ended`: earlier than agreed, or replaced.
    """

    id: int
    client: Ref
    plan: Plan
    starts: date
    ends: date | None
    was_ended: bool
    hourly_rate: Money | None
    discount: str
    overage_discount: str | None
    fee: Money | None
    included_hours: Hours | None
    roll_months: int
    low_at_hours: Hours | None
    low_at_amount: Money | None
    top_up_to: Money | None
    next_block: NextBlock | None
    hours_lapse_months: int | None
    monitoring: str | None
    always_hourly: list[str]
    spyware: Literal["covered", "hourly", "if-protected"]
    business_hours: str | None
    holidays: str | None
    net_days: int | None
    notice_days: int | None
    renew_months: int | None
    replaces: int | None
    recorded_at: Moment
    signature: Signature | None


# work


class Order(Struct, frozen=True):
    """Agreed work, planned or not."""

    id: int
    client: Ref
    site: Ref | None
    machine: Ref | None
    title: str
    category: str
    note: str
    is_planned: bool
    state: Literal["open", "on-hold", "done", "called-off"]
    minutes_worked: int
    opened_at: Moment
    done_at: Moment | None
    called_off_at: Moment | None
    changed_at: Moment


class NewOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Work that somebody called about; a site is said where it is neither the machine's nor the client's usual one."""

    client: Id
    title: Annotated[str, Meta(min_length=1, max_length=160, pattern=NO_CONTROL)]
    machine: Id | None = None
    site: Id | None = None
    category: Line = "support"
    note: Text = ""


class TakenBack(Struct, frozen=True):
    """That something was taken back, why and when."""

    why: str
    at: Moment


class Stint(Struct, frozen=True):
    """Time worked. `billable_hours` is what the rules made of it; null until it is rated."""

    id: int
    order: Ref
    client: Ref
    who: Ref | None
    started_at: Moment
    ended_at: Moment
    minutes: int
    category: str
    place: Literal["remote", "onsite"]
    after_hours: bool | None
    no_charge: bool
    cause: Literal["unknown", "user", "other"]
    note: str
    state: Literal["kept", "waits-for-approval", "void"]
    billable_hours: Hours | None
    recorded_at: Moment
    approved_at: Moment | None
    void: TakenBack | None


class NewStint(Struct, frozen=True, forbid_unknown_fields=True):
    """Time worked on an order: from a moment, for minutes or until another. It is kept for good.

    `after_hours` null: business hours decide. `keep_anyway` keeps time that overlaps other time of the same person.
    """

    order: Id
    started_at: Moment
    minutes: Annotated[int, Meta(ge=0, le=1440)] | None = None
    ended_at: Moment | None = None
    category: Line | None = None
    place: Literal["remote", "onsite"] = "remote"
    after_hours: bool | None = None
    no_charge: bool = False
    cause: Literal["unknown", "user", "other"] = "unknown"
    note: Text = ""
    keep_anyway: bool = False


class NewVoid(Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is taken back."""

    why: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_CONTROL)]


class Part(Struct, frozen=True):
    """Material used on an order, at a price or at cost plus the shop's markup."""

    id: int
    order: Ref
    client: Ref
    name: str
    quantity: int
    price: Money | None
    cost: Money | None
    used_at: Moment
    recorded_at: Moment
    void: TakenBack | None


class NewPart(Struct, frozen=True, forbid_unknown_fields=True):
    """Material used: either its price to the client or its cost to the shop, each."""

    order: Id
    name: Annotated[str, Meta(min_length=1, max_length=160, pattern=NO_CONTROL)]
    quantity: Annotated[int, Meta(ge=1, le=100_000)] = 1
    price: Money | None = None
    cost: Money | None = None
    used_at: Moment | None = None


# what lists are asked with


class Paged(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much of a list is asked for, from where."""

    limit: Limit = 50
    cursor: Annotated[str, Meta(max_length=600, pattern=r"^[A-Za-z0-9_=-]*$")] | None = None


class Changed(Paged, frozen=True, kw_only=True):
    """Lists that can be followed: only what was made or changed at or after a moment."""

    updated_since: Moment | None = None


class Days(Changed, frozen=True, kw_only=True):
    """Lists by days of the shop's calendar, both included."""

    first: date | None = field(default=None, name="from")
    last: date | None = field(default=None, name="to")


class OnDay(Struct, frozen=True, forbid_unknown_fields=True):
    """A day; left out, it is today."""

    on: date | None = None
