"""Keeps what a client brings over from the old books on his account, and takes it off again while it is untouched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from rounds.charges.accounts import Position, load_position
from rounds.charges.keeping import keep_grants, step
from rounds.charges.models import (
    Advance,
    Block,
    BroughtHours,
    Closing,
    ClosingLine,
    Draw,
    RetainerMove,
    Withdrawal,
)
from rounds.charges.tax_models import keep_taxes
from rounds.clients.models import Client
from rounds.core import account as values
from rounds.core import bringing
from rounds.core.bringing import Brought
from rounds.core.money import Refused


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows that were kept of what a client brought over, each in the order in which it was told."""

    blocks: Sequence[Block]
    rolled: Mapping[date, BroughtHours]  # by the last month in which they can be used
    retainer: RetainerMove | None
    closings: Sequence[Closing]


def foresee(client: Client, brought: Brought) -> None:
    """Refuse what `bring_over` would refuse; nothing is kept."""
    position = load_position(client)
    _refuse_lapsed(brought, position.lapsed_through)
    bringing.bring_over(position.account, brought)


def bring_over(client: Client, brought: Brought, *, key: str, at: datetime) -> Kept:
    """Keep what a client brings over, as a step of his account; inside a transaction that holds it.

    His account begins on the opening day, unless it has been played already: then it counts from now on.
    """
    position = load_position(client)
    _refuse_lapsed(brought, position.lapsed_through)

    outcome = bringing.bring_over(position.account, brought)

    position.begin(brought.on)
    step(position, [outcome])
    turn = position.turn
    blocks = Block.objects.bulk_create(
        Block(client=client, bought_on=one.bought_on, seconds=one.seconds, used_before=one.seconds - one.left,
              price=one.price, lapses_on=one.lapses_on, turn=turn)
        for one in outcome.blocks
    )  # fmt: skip
    rolled = _keep_rolled(position, outcome, at)
    Advance.objects.bulk_create(
        Advance(agreement_id=agreement, first_day=day, on=brought.on) for agreement, day in outcome.charged
    )
    move = None
    if outcome.retainer_change:
        move = RetainerMove.objects.create(
            client=client, on=brought.on, amount=outcome.retainer_change, cause=f"opening:{key}", turn=turn
        )
    closings = [
        _keep_closing(client, invoice.closing(), f"opening:{key}:{place}", at, turn)
        for place, invoice in enumerate(brought.invoices, start=1)
    ]
    return Kept(blocks, rolled, move, closings)


def _keep_rolled(position: Position, outcome: values.Outcome, at: datetime) -> dict[date, BroughtHours]:
    """Keep grants of nothing where the account has none, and the hours that they have from the old books."""
    new = [one for one in outcome.grants if (one.agreement, one.month) not in position.grants]
    keep_grants(position, [replace(one, seconds=0, left=0) for one in new])
    return {
        one.last_month: BroughtHours.objects.create(
            client=position.client, grant_id=position.grants[one.agreement, one.month], seconds=one.seconds, at=at
        )
        for one in outcome.grants
        if one.seconds
    }


def _refuse_lapsed(brought: Brought, lapsed_through: date | None) -> None:
    for block in brought.blocks:
        if block.lapses_on is not None and lapsed_through is not None and block.lapses_on <= lapsed_through:
            raise Refused(f"the block lapsed on {block.lapses_on}, and the account has been played beyond that day")


def _keep_closing(client: Client, closing: values.Closing, key: str, at: datetime, turn: int) -> Closing:
    row = Closing.objects.create(
        key=key, client=client, on=closing.on, due=closing.due, reason=closing.reason, tax=closing.tax, at=at, turn=turn
    )
    taxes = keep_taxes(row, closing.taxes) if closing.taxes else {}
    ClosingLine.objects.bulk_create(
        ClosingLine(
            closing=row,
            position=place,
            kind=line.kind,
            amount=line.amount,
            tax=None if line.tax is None else taxes[line.tax],
        )
        for place, line in enumerate(closing.lines, start=1)
    )
    return row


def block_value(row: Block) -> values.Block:
    """A block as it was brought over: under its own key, with what was left then."""
    left = row.seconds - row.used_before
    return values.Block(row.pk, row.bought_on, row.seconds, left, row.price, row.lapses_on)


def take_off_block(block: Block, at: datetime) -> None:
    """Take off a block that was brought over. Refused: some of it was used, lapsed or given back."""
    left = Block.objects.with_left().get(pk=block.pk).left
    if left != block.seconds - block.used_before:
        raise Refused(f"hours of {block.client} have been used, have lapsed or were given back since")
    Withdrawal.objects.create(client=block.client, block=block, seconds=left, at=at)


def take_off_hours(hours: BroughtHours, at: datetime) -> None:
    """Take off included hours that were rolled in. Refused: some of them were used."""
    if Draw.objects.filter(grant=hours.grant_id).exists():
        raise Refused(f"included hours of {hours.client} have been used since")
    BroughtHours.objects.create(client=hours.client, grant_id=hours.grant_id, seconds=-hours.seconds, at=at)


def take_off_retainer(move: RetainerMove) -> None:
    """Take off retainer money that was brought over. Refused: the retainer has moved since."""
    client = move.client
    if RetainerMove.objects.filter(client=client, pk__gt=move.pk).exists():
        raise Refused(f"the retainer of {client} has been used since")
    turn = load_position(client).turn
    RetainerMove.objects.create(client=client, on=move.on, amount=-move.amount, cause=f"{move.cause}:undone", turn=turn)


def next_turn(client: Client) -> None:
    """Take the next turn of an account, so that nobody goes on from what he read before."""
    step(load_position(client), [values.Outcome()])
