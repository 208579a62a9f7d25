"""What a client has bought, used and owes for, as values; every rule takes an Account and returns an Outcome.

An Account is the whole state that rating needs. The rules (`rating`, `opening`, `buying`) never change it: they return
an Outcome that says what happened, and `Account.after` gives the account that follows. The stored shop loads an
Account from its rows, asks the same rules, and keeps the Outcome as new rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from rounds.core.kinds import Kind, NoticeKind
from rounds.core.money import round_half_away
from rounds.core.recorded import Key, Part, VisitKey, Work
from rounds.core.taxing import Site, Tax, TaxRow, tax_of
from rounds.core.terms import Terms

__all__ = ["Key", "Kind", "NoticeKind", "Part", "VisitKey", "Work"]  # beside what stands here


@dataclass(frozen=True, slots=True)
class Block:
    """Hours bought at once: all its seconds (free ones included), what is left, its price in cents, when it lapses.

    `credited` are the cents before tax that credit notes on its invoice took back, `refunded` those of them that were
    for hours given back; the others were for hours that had been used.
    """

    key: Key
    bought_on: date
    seconds: int
    left: int
    price: int
    lapses_on: date | None = None
    credited: int = 0
    refunded: int = 0

    def earned_at(self, left: int) -> int:
        """Cents earned in all once so many seconds are left: rounded once (billing-rules.md, "The books")."""
        return round_half_away(Fraction(self.price * (self.seconds - left), self.seconds)) if self.seconds else 0

    def earns(self, seconds: int) -> int:
        """Cents that drawing so many of the seconds left would earn now."""
        return self.earned_at(self.left - seconds) - self.earned_at(self.left)


@dataclass(frozen=True, slots=True)
class Grant:
    """Hours that an agreement includes for one month; usable for work of `month` to `last_month` (firsts of months).

    What is left of a past month stays here: work of that month that is recorded late draws on it.
    """

    agreement: int
    month: date
    last_month: date
    seconds: int
    left: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Seconds taken from a block (by its key) or a grant (by agreement and month), for the work or opening `cause`."""

    source: Literal["block", "grant"]
    seconds: int
    cause: Key
    block: Key | None = None
    grant: tuple[int, date] | None = None
    earned: int = 0  # cents of revenue that this draw earns (blocks only, cumulative: billing-rules.md, "The books")


@dataclass(frozen=True, slots=True)
class Charge:
    """What is left to bill: one line of the next invoice. `trace` explains it to a person, step by step.

    `rate` (cents an hour, or a piece) is for show and rounded; `amount` was computed from the exact rate.
    """

    kind: Kind
    amount: int
    cause: Key
    recorded_on: date
    seconds: int | None = None
    rate: int | None = None
    quantity: int | None = None
    trace: tuple[str, ...] = ()
    site: Site | None = None  # whose tax it has; None: that of the client's billing site


@dataclass(frozen=True, slots=True)
class Visit:
    """What the entries of one visit come to so far; those that are no charge are not among them.

    `minutes` were worked, `late_minutes` of them after hours; `is_late`: some entry was, be it without time. `seconds`
    are billed, `trip` cents are charged for the way; `money` tells seconds and cents charged by kind and rate shown.
    """

    minutes: int = 0
    late_minutes: int = 0
    is_late: bool = False
    seconds: int = 0
    trip: int = 0
    money: Mapping[tuple[Kind, int], tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rerated:
    """Billed seconds that a void adds to (or takes off) another entry of the visit, named by its key, and why."""

    work: Key
    seconds: int
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lapse:
    """Seconds of a block that lapsed at the start of a day, and the revenue that is earned as breakage, in cents."""

    block: Key
    on: date
    seconds: int
    earned: int


@dataclass(frozen=True, slots=True)
class Refund:
    """Unused seconds of a block that are given back on a day, and the deferred cents that are given back for them.

    `earned` are the deferred cents that are kept instead, where the hours used before are charged at the list rate.
    `was_credited`: a credit note had given the money back before, when the hours were still used.
    """

    block: Key
    on: date
    seconds: int
    amount: int
    earned: int = 0
    was_credited: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What a credit note gives back of the hours that work drew (named by its key), in words; see `Outcome.draws`."""

    work: Key
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """Included seconds of a month that nobody has used and that go, as their agreement ended early."""

    agreement: int
    month: date
    seconds: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the shop and the client are told on a day."""

    on: date
    kind: NoticeKind
    cause: Key


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a closing; `charge` is the place in `Account.unbilled` of the charge that it bills, if it bills one."""

    kind: Kind
    amount: int
    seconds: int | None = None
    rate: int | None = None
    quantity: int | None = None
    agreement: int | None = None
    period: tuple[date, date] | None = None  # first and last day that a fee or monitoring is for
    charge: int | None = None
    site: Site | None = None
    tax: Tax | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What one invoice will show. `asked` is its retainer line's amount; `is_paid_at_once` a deposit received."""

    on: date
    due: date
    reason: Literal["month", "start", "purchase", "deposit", "opening"]
    lines: tuple[Line, ...]
    taxes: tuple[TaxRow, ...]
    from_retainer: int
    asked: int
    is_paid_at_once: bool = False

    @property
    def tax(self) -> int:
        """All its tax, in cents."""
        return sum(row.amount for row in self.taxes)

    @property
    def total(self) -> int:
        """Lines and tax, in cents; what the retainer pays is not taken off."""
        return sum(line.amount for line in self.lines) + self.tax

    @property
    def open(self) -> int:
        """What the client has to pay when it is issued, before his credit pays for any of it."""
        return 0 if self.is_paid_at_once else self.total - self.from_retainer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule found to happen, in order; nothing in it has happened until it is kept.

    `warned` holds only what changes: "hours" or "retainer" to the agreement under which low has been raised, "stop" or
    "back" to that of `Account.low_stop_told` or `low_back_told`, or None when it may be raised again. `charged` are the
    (agreement, first day) periods whose fee, monitoring and included hours this outcome settles, with or without a
    closing.
    """

    billable_seconds: int | None = None
    is_held: bool = False
    trace: tuple[str, ...] = ()
    draws: tuple[Draw, ...] = ()
    charges: tuple[Charge, ...] = ()
    blocks: tuple[Block, ...] = ()
    grants: tuple[Grant, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    refunds: tuple[Refund, ...] = ()
    cuts: tuple[Cut, ...] = ()
    notices: tuple[Notice, ...] = ()
    closing: Closing | None = None
    retainer_change: int = 0  # cents received (+) or paid out of the retainer (-)
    asked_change: int = 0  # cents asked for on an invoice (+), or received or credited (-)
    charged: tuple[tuple[int, date], ...] = ()
    warned: Mapping[str, int | None] = field(default_factory=dict)
    visit: tuple[VisitKey, Visit] | None = None  # what the visit comes to with it
    rerated: tuple[Rerated, ...] = ()
    returned: tuple[Returned, ...] = ()
    credited: tuple[tuple[Key, int], ...] = ()  # blocks, and cents before tax credited on their invoices


@dataclass(frozen=True, slots=True)
class Account:
    """One client's state between two events. `unbilled` is in the order recorded; `asked` is not yet received.

    `low_hours_told` and `low_retainer_told` are the key of the agreement under which low was last raised, if it has
    not been well since: a new agreement starts unwarned. `blocks` are in the order bought.
    """

    terms: Terms
    blocks: tuple[Block, ...] = ()
    grants: tuple[Grant, ...] = ()
    unbilled: tuple[Charge, ...] = ()
    retainer: int = 0
    asked: int = 0
    low_hours_told: int | None = None
    low_retainer_told: int | None = None
    low_stop_told: int | None = None
    low_back_told: int | None = None
    charged_in_advance: frozenset[tuple[int, date]] = frozenset()  # (agreement, first day charged for)
    visits: Mapping[VisitKey, Visit] = field(default_factory=dict)  # those that may get another entry

    @property
    def block_seconds(self) -> int:
        """Block seconds held."""
        return sum(block.left for block in self.blocks)

    def usable_blocks(self, day: date) -> list[Block]:
        """Blocks with hours on a day, in the order drawn: soonest to lapse, then oldest; never lapsing ones last."""
        held = [b for b in self.blocks if b.left and (b.lapses_on is None or b.lapses_on > day)]
        return sorted(held, key=lambda b: (b.lapses_on or date.max, b.bought_on))

    def usable_grants(self, agreement: int, day: date) -> list[Grant]:
        """Grants of an agreement with hours for work done on a day, soonest to lapse first."""
        month = day.replace(day=1)
        held = [g for g in self.grants if g.agreement == agreement and g.left and g.month <= month <= g.last_month]
        return sorted(held, key=lambda g: (g.last_month, g.month))

    def included_seconds(self, day: date) -> int:
        """Included seconds still usable in the day's month, of the agreement in force on the day."""
        agreement = self.terms.agreement_on(day)
        return sum(g.left for g in self.usable_grants(agreement.key, day)) if agreement else 0

    def unbilled_amount(self) -> int:
        """Cents waiting for the next first of the month, before tax."""
        return sum(charge.amount for charge in self.unbilled)

    def available_retainer(self, day: date) -> int:
        """What client and technician are shown: the balance less everything not yet billed and its tax, as of a day."""
        taxes = self.terms.shop_on(day).taxes
        tax = tax_of((taxes.of(charge.kind, charge.site), charge.amount) for charge in self.unbilled)
        return self.retainer - self.unbilled_amount() - tax

    def after(self, outcome: Outcome) -> "Account":
        """Give the account that follows when the outcome is kept."""
        warned = outcome.warned
        return replace(
            self,
            blocks=_blocks_after(self.blocks, outcome),
            grants=_grants_after(self.grants, outcome),
            unbilled=_unbilled_after(self.unbilled, outcome),
            retainer=self.retainer + outcome.retainer_change,
            asked=self.asked + outcome.asked_change,
            low_hours_told=warned.get("hours", self.low_hours_told),
            low_retainer_told=warned.get("retainer", self.low_retainer_told),
            low_stop_told=warned.get("stop", self.low_stop_told),
            low_back_told=warned.get("back", self.low_back_told),
            charged_in_advance=self.charged_in_advance | set(outcome.charged),
            visits={**self.visits, outcome.visit[0]: outcome.visit[1]} if outcome.visit else self.visits,
        )


def _blocks_after(blocks: tuple[Block, ...], outcome: Outcome) -> tuple[Block, ...]:
    gone: dict[Key | None, int] = {}
    for key, seconds in [
        *((draw.block, draw.seconds) for draw in outcome.draws if draw.source == "block"),
        *((lapse.block, lapse.seconds) for lapse in outcome.lapses),
        *((refund.block, refund.seconds) for refund in outcome.refunds),
    ]:
        gone[key] = gone.get(key, 0) + seconds
    if not gone and not outcome.credited:
        return (*blocks, *outcome.blocks)
    credited, refunded = dict[Key, int](), dict[Key, int]()
    for block, cents in outcome.credited:
        credited[block] = credited.get(block, 0) + cents
    for refund in outcome.refunds:
        refunded[refund.block] = refunded.get(refund.block, 0) + refund.amount
    return tuple(
        replace(
            b,
            left=b.left - gone.get(b.key, 0),
            credited=b.credited + credited.get(b.key, 0),
            refunded=b.refunded + refunded.get(b.key, 0),
        )
        for b in (*blocks, *outcome.blocks)
    )


def _grants_after(grants: tuple[Grant, ...], outcome: Outcome) -> tuple[Grant, ...]:
    gone: dict[tuple[int, date] | None, int] = {}
    for draw in outcome.draws:
        if draw.source == "grant":
            gone[draw.grant] = gone.get(draw.grant, 0) + draw.seconds
    less = {(one.agreement, one.month): one.seconds for one in outcome.cuts}
    if not gone and not less:
        return (*grants, *outcome.grants)
    cut = (replace(g, seconds=g.seconds - less.get((g.agreement, g.month), 0)) for g in (*grants, *outcome.grants))
    gone = {key: gone.get(key, 0) + (less.get(key, 0) if key else 0) for key in {*gone, *less}}
    return tuple(replace(g, left=g.left - gone.get((g.agreement, g.month), 0)) for g in cut)


def _unbilled_after(unbilled: tuple[Charge, ...], outcome: Outcome) -> tuple[Charge, ...]:
    if outcome.closing is None:
        return (*unbilled, *outcome.charges)
    billed = {line.charge for line in outcome.closing.lines}
    return (*(charge for place, charge in enumerate(unbilled) if place not in billed), *outcome.charges)
