"""What a client gets back of what he paid for beforehand: cents credited go in, hours and retainer money come out.

Hours that are given back are worth what is still deferred for them (billing-rules.md, "The books"): the price less what
has been earned. So the last hour of a block leaves nothing deferred, whether it is used, lapses or is given back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rounds.core.account import Account, Block, Charge, Draw, Key, Outcome, Refund, Returned
from rounds.core.money import Refused, price, show_amount, show_hours
from rounds.core.noticing import with_notices
from rounds.core.settling import Crediting


def hours_worth(block: Block, cents: int) -> int:
    """Find how many of a block's unused seconds some cents are worth: whole ones, and all if the cents reach that far.

    What is left of the cents is less than a second is worth.
    """
    value = block.earns(block.left)
    if cents >= value:
        return block.left
    seconds = block.left * cents // value
    while block.earns(seconds) > cents:  # rounding gained a cent
        seconds -= 1
    return seconds


@dataclass(frozen=True, slots=True)
class Sold:
    """A block whose invoice is credited: the cents before tax that are, and the unused hours that thereby go back."""

    block: Key
    net: int
    hours: Refund | None


@dataclass(frozen=True, slots=True)
class Affected:
    """What a credit note leaves of something that was charged: a stint's time, the way of a visit, a part (`group`).

    `net` cents were billed for it and are not credited, `waiting` are still to be billed, or charged back. `charge` is
    one of its charges, `draws` are the hours that it drew where these are to go back once nothing is left of its money.
    """

    charge: Charge
    net: int
    waiting: int
    draws: tuple[Draw, ...] = ()
    group: object = None


def credit(
    account: Account, crediting: Crediting, day: date, *, key: Key, sold: Sold | None = None,
    affected: Sequence[Affected] = (),
) -> Outcome:  # fmt: skip
    """Take back what a credit note credits of retainer money and of hours, and return what the retainer had paid.

    `settling.credit` says how much of it is which; the retainer never goes below zero. Of work whose money is credited
    whole the hours go back that it drew; what was to be charged back and is credited now is charged back no more.
    """
    change = crediting.returned - crediting.held
    refunds = (sold.hours,) if sold is not None and sold.hours is not None else ()
    credited = ((sold.block, sold.net),) if sold is not None else ()
    outcome = Outcome(
        retainer_change=change, asked_change=-crediting.asked, refunds=refunds, credited=credited
    )  # fmt: skip
    charges = tuple(_instead(one, day) for one in affected if one.net + one.waiting < 0)
    now, returned = account.after(outcome), list[Returned]()
    draws, again = list[Draw](), list[Refund]()
    for one in reversed(affected):
        if one.draws and one.net + max(0, one.waiting) <= 0:
            back = give_back(now, one.draws, one.charge.cause, day)
            now = now.after(Outcome(draws=back.draws, refunds=back.refunds))
            draws += back.draws
            again += back.refunds
            returned.append(Returned(one.charge.cause, back.trace))
    outcome = replace(
        outcome, draws=tuple(draws), charges=charges, refunds=(*refunds, *again), returned=tuple(returned)
    )
    return with_notices(account, outcome, day, key)


def _instead(one: Affected, day: date) -> Charge:
    """Charge what a credit note gives back of what was to be charged back."""
    amount = -(one.net + one.waiting)
    words = (f"{show_amount(amount)} was to be charged back: a credit note gives it back instead",)
    return replace(one.charge, amount=amount, recorded_on=day, seconds=None, quantity=None, trace=words)


@dataclass(frozen=True, slots=True)
class Back:
    """Hours that go back where they came from: draws below nothing, what of them had been paid back, and the words."""

    draws: tuple[Draw, ...]
    refunds: tuple[Refund, ...]
    trace: tuple[str, ...]


def give_back(account: Account, drawn: Iterable[Draw], cause: Key, day: date) -> Back:
    """Give hours back where they came from, the last drawn first; what a block earned by them is earned no more.

    Those of a block that has lapsed since are gone, as they would be had they never been drawn. Those for which a
    credit note on the block's invoice has given the money back already are not the client's any more: they go at once.
    """
    draws, refunds, trace = list[Draw](), list[Refund](), list[str]()
    for draw in reversed(list(drawn)):
        source = _source(account, draw)
        if isinstance(source, Block) and source.lapses_on is not None and source.lapses_on <= day:
            trace.append(f"{show_hours(draw.seconds)} h have lapsed since")
            continue
        earned = source.earns(-draw.seconds) if isinstance(source, Block) else 0
        draws.append(replace(draw, seconds=-draw.seconds, cause=cause, earned=earned))
        account = account.after(Outcome(draws=(draws[-1],)))
        trace.append(f"{show_hours(draw.seconds)} h given back")
        if isinstance(source, Block) and source.credited > source.refunded:
            block = block_of(account, source.key)
            paid = hours_of_credit(block, block.credited, block.refunded, day)
            if paid is not None:
                refunds.append(replace(paid, was_credited=True))
                account = account.after(Outcome(refunds=(refunds[-1],)))
                trace.append(f"{show_hours(paid.seconds)} h of them had been credited with their block: they are gone")
    return Back(tuple(draws), tuple(refunds), tuple(trace))


def _source(account: Account, draw: Draw) -> Block | None:
    return None if draw.source == "grant" or draw.block is None else block_of(account, draw.block)


def hours_of_credit(block: Block, net: int, before: int, day: date) -> Refund | None:
    """Find which unused hours of a block go back with a credit note on its invoice; None: not a second.

    `net` is what all credit notes on the invoice credit before tax, this one included, and `before` what earlier ones
    took back of hours: so crediting in parts ends where crediting at once does. What goes beyond the unused hours is
    revenue of those that were used.
    """
    seconds = hours_worth(block, max(0, net - before))
    return Refund(block.key, day, seconds, block.earns(seconds)) if seconds else None


def block_of(account: Account, key: Key) -> Block:
    """Find a block by its key."""
    return next(block for block in account.blocks if block.key == key)


@dataclass(frozen=True, slots=True)
class ListRate:
    """How a block's hours count where the used ones are charged at the list rate: cents an hour, and what became of it.

    `used` seconds have been drawn, and `refunded` cents of its price were given back before.
    """

    rate: int
    used: int
    refunded: int


def refund_hours(block: Block, seconds: int | None, day: date, list_rate: ListRate | None = None) -> Refund:
    """Give back unused hours of a block (None: all of them): by default what is deferred for them, and no income.

    Under `list_rate` all unused hours go back, and of the price only what the hours used leave of it at that rate; the
    free hours are thereby taken back. Refused: hours that are not there, some hours at the list rate, or nothing.
    """
    wanted = block.left if seconds is None else seconds
    if not 0 < wanted <= block.left:
        raise Refused(f"{show_hours(block.left)} h of the block are unused: give back some of those")
    value = block.earns(wanted)
    worth = value
    if list_rate is not None:
        if wanted != block.left:
            raise Refused("at the list rate all unused hours are given back")
        worth = min(value, block.price - list_rate.refunded - price(list_rate.used, list_rate.rate))
    if worth < 1:
        raise Refused("nothing is left of what was paid for these hours")
    return Refund(block.key, day, wanted, worth, value - worth)


def take_off_retainer(account: Account, amount: int, day: date, *, key: Key, even_if_needed: bool = False) -> Outcome:
    """Take cents off the retainer, to be given back. Refused: more than it holds, or than is not needed.

    What is not billed yet, and its tax, is needed, unless the owner says `even_if_needed`.
    """
    free = account.retainer if even_if_needed else max(0, min(account.retainer, account.available_retainer(day)))
    if not 0 < amount <= free:
        needed = account.retainer - free
        why = f"; {show_amount(needed)} more is needed for what is not billed yet" if needed else ""
        raise Refused(f"{show_amount(free)} of the retainer can be given back{why}")
    return with_notices(account, Outcome(retainer_change=-amount), day, key)


def put_back(account: Account, amount: int, day: date, *, key: Key) -> Outcome:
    """Put back onto the retainer what was taken off it to be given back."""
    return with_notices(account, Outcome(retainer_change=amount), day, key)
