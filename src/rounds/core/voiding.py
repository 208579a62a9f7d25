"""Voiding: what a wrong stint or part drew and cost goes in, what gives it all back comes out; nothing is erased.

Hours return to the blocks and included hours that they came from (`giving_back.give_back`). What was charged, and not
credited or written off since, is charged back: on the next invoice of a first of the month that it does not turn
negative. The other entries of its visit are then billed what they would have been without it: more where it had paid
for the minimum, less where it had filled an increment; but for those that were credited: they stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rounds.core.account import Account, Charge, Draw, Key, Kind, Outcome, Refund, Rerated, Visit, Work
from rounds.core.giving_back import give_back
from rounds.core.minutes import clock, joined, visit_seconds
from rounds.core.money import price, show_amount, show_hours
from rounds.core.noticing import with_notices
from rounds.core.rating import pay_for, with_money, work_rate


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry of a visit as it stands: its work, the seconds billed for it, and what it has drawn and costs.

    `given_up` are cents of it that were credited or written off, by kind of charge.
    """

    work: Work
    seconds: int
    draws: tuple[Draw, ...] = ()
    charges: tuple[Charge, ...] = ()
    given_up: Mapping[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of the visit of a wrong stint: its other entries in the order recorded, and cents for the trip.

    `work` is the wrong one; None: a part, which has no visit. `given_up` cents of the trip were credited or lost.
    """

    work: Work | None = None
    others: tuple[Entered, ...] = ()
    trip: int = 0
    given_up: int = 0


def void(
    account: Account, drawn: Sequence[Draw], charged: Iterable[Charge], *, key: Key, day: date, rest: Rest | None = None
) -> Outcome:
    """Give back what a stint or part drew and cost, under the key of the voiding; recorded on a day.

    `charged` is what the client still has to pay or has paid of it: less what was given up (`less_given_up`).
    """
    rest, charged = rest or Rest(), net_charges(charged)
    undoing = _Undoing(account, key, day)
    undoing.give_back(net_draws(drawn), key)
    for charge in charged:
        if charge.kind is not Kind.TRIP:
            undoing.charge_back(charge)
    trip = sum(charge.amount for charge in charged if charge.kind is Kind.TRIP)
    visit = None
    if rest.work is not None and rest.work.visit is not None and not rest.work.is_no_charge:
        kept = rest.trip if rest.others else 0
        trip = 0 if rest.others else max(0, rest.trip - rest.given_up)
        others = [replace(one, draws=net_draws(one.draws), charges=net_charges(one.charges)) for one in rest.others]
        visit = rest.work.visit, replace(undoing.bill_again(others), trip=kept)
    if trip:
        undoing.charge_back(_trip(trip, rest.work, key, day))
    outcome = Outcome(
        trace=tuple(undoing.trace), draws=tuple(undoing.draws), charges=tuple(undoing.charges), visit=visit,
        refunds=tuple(undoing.refunds), rerated=tuple(undoing.rerated),
    )  # fmt: skip
    return with_notices(account, outcome, day, key)


@dataclass(slots=True)
class _Undoing:
    """A voiding as far as it has gone; `account` is the one with the hours that are given back so far."""

    account: Account
    key: Key
    day: date
    draws: list[Draw] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    rerated: list[Rerated] = field(default_factory=list)

    def give_back(self, drawn: Iterable[Draw], cause: Key) -> None:
        """Give hours back where they came from, the last drawn first."""
        back = give_back(self.account, drawn, cause, self.day)
        self.account = self.account.after(Outcome(draws=back.draws, refunds=back.refunds))
        self.draws += back.draws
        self.refunds += back.refunds
        self.trace += back.trace

    def charge_back(self, charge: Charge) -> None:
        """Charge an amount back."""
        self._keep([], [_charge_back(charge, self.key, self.day)])
        self.trace.append(f"{show_amount(charge.amount)} charged back")

    def bill_again(self, others: Sequence[Entered]) -> Visit:
        """Bill the other entries of a visit what they come to without the wrong one; first what becomes less.

        Gives the visit that follows. Where each entry is billed on its own, nothing changes for the others.
        """
        visit = Visit(seconds=sum(one.seconds for one in others))
        for one in others:
            visit = with_money(visit, one.charges)
        if not others:
            return visit
        visit, changes = self._changes(others, visit)
        for one, seconds in changes:
            if seconds < 0:
                visit = self._bill_less(one, -seconds, visit)
        for one, seconds in changes:
            if seconds > 0:
                visit = self._bill_more(one, seconds, visit)
        return visit

    def _changes(self, others: Sequence[Entered], visit: Visit) -> tuple[Visit, list[tuple[Entered, int]]]:
        """Find how many seconds each entry is billed more or less; the visit gets its minutes."""
        terms, changes, so_far = self.account.terms, [], 0
        for one in others:
            shop = terms.shop_on(one.work.on)
            visit = joined(visit, one.work, clock(one.work, terms.calendar_on(one.work.on)))
            if terms.is_per_visit_on(one.work.on):
                whole, _steps = visit_seconds(visit, one.work.place, shop)
                seconds = one.seconds if one.given_up else max(0, whole - so_far)
                changes.append((one, seconds - one.seconds))
                so_far += seconds
        return visit, changes

    def _bill_less(self, one: Entered, seconds: int, visit: Visit) -> Visit:
        """Take billed seconds off an entry: off its charges first, then off what it drew, the last first."""
        left, charges, draws = seconds, [], []
        for charge in reversed(one.charges):
            if charge.seconds and left:
                taken = min(left, charge.seconds)
                charges.append(_charge_less(self, one, charge, taken, visit))
                left -= taken
        for draw in reversed(one.draws):
            if left:
                draws.append(replace(draw, seconds=min(left, draw.seconds)))
                left -= draws[-1].seconds
        self._keep([], charges)
        self.give_back(reversed(draws), one.work.key)
        self._tell(one, -seconds)
        return replace(with_money(visit, charges), seconds=visit.seconds - seconds)

    def _bill_more(self, one: Entered, seconds: int, visit: Visit) -> Visit:
        """Bill an entry more: paid by what is held now, or in money."""
        work = replace(one.work, recorded_on=self.day)
        draws, charges, _trace = pay_for(self.account, work, seconds, visit, (self._words(seconds),))
        self._keep(draws, charges)
        self._tell(one, seconds)
        return replace(with_money(visit, charges), seconds=visit.seconds + seconds)

    def _tell(self, one: Entered, seconds: int) -> None:
        self.rerated.append(Rerated(one.work.key, seconds, (self._words(seconds),)))
        self.trace.append(f"another entry of the visit, {one.work.minutes} min: {self._words(seconds)}")

    def _words(self, seconds: int) -> str:
        return f"without what was taken back, {show_hours(abs(seconds))} h {'more' if seconds > 0 else 'less'} billed"

    def _keep(self, draws: Iterable[Draw], charges: Iterable[Charge]) -> None:
        draws = tuple(draws)
        self.account = self.account.after(Outcome(draws=draws))
        self.draws += draws
        self.charges += charges


def net_draws(drawn: Iterable[Draw]) -> tuple[Draw, ...]:
    """Add up what was drawn from each block or grant, less what an earlier void gave back, in the order drawn."""
    net: dict[object, Draw] = {}
    for draw in drawn:
        key = draw.block if draw.source == "block" else draw.grant
        before = net.get(key)
        net[key] = replace(before, seconds=before.seconds + draw.seconds) if before else draw
    return tuple(draw for draw in net.values() if draw.seconds)


def net_charges(charged: Iterable[Charge]) -> tuple[Charge, ...]:
    """Add up what was charged by kind and rate, less what an earlier void charged back."""
    net: dict[object, Charge] = {}
    for charge in charged:
        before = net.get(key := (charge.kind, charge.rate))
        net[key] = charge if before is None else replace(
            before,
            amount=before.amount + charge.amount,
            seconds=None if charge.seconds is None else (before.seconds or 0) + charge.seconds,
            quantity=None if charge.quantity is None else (before.quantity or 0) + charge.quantity,
        )  # fmt: skip
    return tuple(charge for charge in net.values() if charge.amount)


def less_given_up(charged: Iterable[Charge], given_up: Mapping[Kind, int]) -> tuple[Charge, ...]:
    """Take what was credited or written off, by kind, off what was charged; what is left is no time at a rate then."""
    still, found = dict(given_up), list[Charge]()
    for charge in reversed(net_charges(charged)):
        less = min(charge.amount, still.get(charge.kind, 0)) if charge.amount > 0 else 0
        still[charge.kind] = still.get(charge.kind, 0) - less
        if less:
            charge = replace(charge, amount=charge.amount - less, seconds=None, rate=None, quantity=None)  # noqa: PLW2901
        found.append(charge)
    return tuple(charge for charge in reversed(found) if charge.amount)


def _charge_less(undoing: _Undoing, one: Entered, charge: Charge, seconds: int, visit: Visit) -> Charge:
    """Charge seconds of a visit back, cumulatively: what is left costs what it would have cost."""
    _kind, rate, _why = work_rate(undoing.account, one.work)
    held, charged = visit.money.get((charge.kind, charge.rate or 0), (charge.seconds or 0, charge.amount))
    amount = price(held - seconds, rate) - charged if seconds < (charge.seconds or 0) else -charge.amount
    words = (f"charged back: {show_hours(seconds)} h",)
    return replace(charge, amount=amount, cause=one.work.key, recorded_on=undoing.day, seconds=-seconds, trace=words)


def _trip(amount: int, work: Work | None, key: Key, day: date) -> Charge:
    return Charge(Kind.TRIP, amount, key, day, rate=amount, quantity=1, site=work.site if work else None)


def _charge_back(charge: Charge, key: Key, day: date) -> Charge:
    return replace(
        charge,
        amount=-charge.amount,
        cause=key,
        recorded_on=day,
        seconds=None if charge.seconds is None else -charge.seconds,
        quantity=None if charge.quantity is None else -charge.quantity,
        trace=("charged by mistake", f"charged back: {show_amount(-charge.amount)}"),
    )
