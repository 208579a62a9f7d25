"""Voiding: what a wrong stint or part drew and cost goes in, what gives it all back comes out; nothing is erased.

Hours return to the blocks and included hours that they came from, the last drawn first; those of a block that has
lapsed since are gone, as they would be had they never been drawn. What was charged is charged back: on the next invoice
of a first of the month that it does not turn negative.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from rounds.core.account import Account, Charge, Draw, Key, Outcome
from rounds.core.money import show_amount, show_hours
from rounds.core.noticing import with_notices


def void(account: Account, drawn: Sequence[Draw], charged: Iterable[Charge], *, key: Key, day: date) -> Outcome:
    """Give back what a stint or part drew and cost, under the key of the voiding; recorded on a day."""
    draws: list[Draw] = []
    trace: list[str] = []
    now = account
    for draw in reversed(drawn):
        back = _back(now, draw, key, day)
        if back is None:
            trace.append(f"{show_hours(draw.seconds)} h have lapsed since")
            continue
        now = now.after(Outcome(draws=(back,)))
        draws.append(back)
        trace.append(f"{show_hours(draw.seconds)} h given back")
    charges = tuple(_charge_back(charge, key, day) for charge in charged)
    trace += [f"{show_amount(-charge.amount)} charged back" for charge in charges]
    outcome = Outcome(trace=tuple(trace), draws=tuple(draws), charges=charges)
    return with_notices(account, outcome, day, key)


def _back(account: Account, draw: Draw, key: Key, day: date) -> Draw | None:
    """Turn a draw round; what a block earned by it is earned no more, to the cent (cumulative, as it was earned)."""
    if draw.source == "grant":
        return replace(draw, seconds=-draw.seconds, cause=key)
    block = next(block for block in account.blocks if block.key == draw.block)
    if block.lapses_on is not None and block.lapses_on <= day:
        return None
    return replace(draw, seconds=-draw.seconds, cause=key, earned=block.earns(-draw.seconds))


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
