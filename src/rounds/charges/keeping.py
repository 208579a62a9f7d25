"""Keeps what the rules found to happen: one step of an account, in one transaction, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from rounds.charges.accounts import Moved, Position
from rounds.charges.facts import Fact
from rounds.charges.models import (
    Advance,
    Block,
    Charge,
    Closing,
    ClosingLine,
    Deposit,
    Draw,
    Grant,
    Held,
    Lapse,
    Notice,
    Purchase,
    Rated,
    Refund,
    Rerated,
    RetainerMove,
    Standing,
    Voided,
)  # fmt: skip
from rounds.charges.tax_models import keep_taxes
from rounds.charges.visits import Taken
from rounds.core import account as values
from rounds.rows.inserting import insert, insert_values
from rounds.rows.updating import update_row
from rounds.work.models import Stint, Void

RATED = ("client_id", "stint_id", "part_id", "done_on", "recorded_on", "billable_seconds", "trace", "at")
CLOSING_LINE = ("closing_id", "position", "kind", "amount", "seconds", "rate", "quantity", "agreement_id", "first_day",
                "last_day", "charge_id", "tax_id")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """What a step of the account itself comes from, and the day it is kept for: an opening, a purchase, a receipt."""

    key: str
    on: date
    at: datetime
    purchase: Purchase | None = None
    deposit: Deposit | None = None


class Found(NamedTuple):
    """A fact, what the rules found it to draw and cost, and the day on which it counts."""

    fact: Fact
    outcome: values.Outcome
    on: date


def step(position: Position, outcomes: Sequence[values.Outcome]) -> None:
    """Take the next turn of an account; first in a transaction. Raises Moved if somebody else has taken it."""
    told = {key: agreement for outcome in outcomes for key, agreement in outcome.warned.items()}
    taken = update_row(
        Standing,
        {"client_id": position.client.pk, "turn": position.turn},
        turn=position.turn + 1,
        lapsed_through=position.lapsed_through,
        opened_through=position.opened_through,
        **{f"low_{what}_told_id": agreement for what, agreement in told.items()},
    )
    if not taken:
        raise Moved
    position.turn += 1


@transaction.atomic
def keep_facts(position: Position, found: Sequence[Found], at: datetime) -> None:
    """Keep what came of rating facts, in their order."""
    outcomes = [one.outcome for one in found]
    step(position, outcomes)
    rated = _keep_rated(position, found, at)
    keep_grants(position, [grant for outcome in outcomes for grant in outcome.grants])
    draws: list[Draw] = []
    charges: list[Charge] = []
    for key, one in zip(rated, found, strict=True):
        if key is not None:
            draws += [_draw(position, draw, Draw(rated_id=key, on=one.on)) for draw in one.outcome.draws]
            charges += [_charge(position, charge, key) for charge in one.outcome.charges]
    insert(draws)
    insert(charges)
    position.unbilled += [charge.pk for charge in charges]
    _keep_notices(position, [notice for outcome in outcomes for notice in outcome.notices], at)


@transaction.atomic
def keep_void(position: Position, void: Void, outcome: values.Outcome, taken: Taken, *, on: date) -> None:
    """Keep what came of a void: for what it took back, and for the other entries of its visit."""
    step(position, [outcome])
    rated = taken.rated
    row = Voided.objects.create(
        client=position.client, void=void, rated=rated, on=on, trace=list(outcome.trace), at=void.at
    )
    if rated is None:
        return
    Rerated.objects.bulk_create(
        Rerated(voided=row, rated=taken.rows[one.work], seconds=one.seconds, trace=list(one.trace))
        for one in outcome.rerated
    )
    Draw.objects.bulk_create(
        _draw(position, draw, Draw(rated=taken.rows.get(draw.cause, rated), voided=row, on=on))
        for draw in outcome.draws
    )
    charges = [_charge(position, charge, taken.rows.get(charge.cause, rated).pk) for charge in outcome.charges]
    for charge in charges:
        charge.voided = row
    Charge.objects.bulk_create(charges)
    position.unbilled += [charge.pk for charge in charges]
    _keep_notices(position, outcome.notices, void.at)


@transaction.atomic
def keep(position: Position, outcome: values.Outcome, cause: Cause) -> Closing | None:
    """Keep one step of the account itself; returns its closing, if it has one."""
    step(position, [outcome])
    client = position.client
    if cause.purchase is not None:
        for block in outcome.blocks:
            _keep_block(position, block, cause.purchase)
    keep_grants(position, outcome.grants)
    insert(_draw(position, draw, Draw(opened_on=cause.on, on=cause.on)) for draw in outcome.draws)
    insert(
        Lapse(client=client, block_id=lapse.block, on=lapse.on, seconds=lapse.seconds, earned=lapse.earned,
              turn=position.turn)
        for lapse in outcome.lapses
    )  # fmt: skip
    insert(
        Refund(client=client, block_id=refund.block, on=refund.on, seconds=refund.seconds, amount=refund.amount,
               earned=refund.earned, turn=position.turn)
        for refund in outcome.refunds
    )  # fmt: skip
    insert_values(Advance, ("agreement_id", "first_day", "on"), [(key, day, cause.on) for key, day in outcome.charged])
    closing = _keep_closing(position, outcome.closing, cause) if outcome.closing else None
    if outcome.retainer_change or outcome.asked_change:
        RetainerMove.objects.create(
            client=client, on=cause.on, amount=outcome.retainer_change, asked=outcome.asked_change, cause=cause.key,
            closing=closing, turn=position.turn,
        )  # fmt: skip
    _keep_notices(position, outcome.notices, cause.at)
    return closing


@transaction.atomic
def keep_charges(position: Position, charges: Sequence[values.Charge]) -> list[Charge]:
    """Keep what is charged for neither a stint nor a part, as a step of its own; gives the rows, in order."""
    outcome = values.Outcome(charges=tuple(charges))
    step(position, [outcome])
    rows = Charge.objects.bulk_create(_charge(position, charge, None) for charge in charges)
    position.unbilled += [row.pk for row in rows]
    position.account = position.account.after(outcome)
    return rows


def _keep_rated(position: Position, found: Sequence[Found], at: datetime) -> list[int | None]:
    """One row a fact, or none where it is held; gives their keys."""
    held, rows = [], []
    for fact, outcome, on in found:
        if outcome.is_held:
            held.append((position.client.pk, fact.row.pk, on))
            continue
        is_stint = isinstance(fact.row, Stint)
        done = fact.row.started_at if isinstance(fact.row, Stint) else fact.row.used_at
        rows.append(
            (
                position.client.pk,
                fact.row.pk if is_stint else None,
                None if is_stint else fact.row.pk,
                done.astimezone(position.zone).date(),
                on,
                outcome.billable_seconds,
                list(outcome.trace),
                at,
            )
        )
    insert_values(Held, ("client_id", "stint_id", "on"), held)
    keys = iter(insert_values(Rated, RATED, rows))
    return [None if one.outcome.is_held else next(keys) for one in found]


def keep_grants(position: Position, grants: Sequence[values.Grant]) -> None:
    """Keep hours that agreements include."""
    rows = insert(
        Grant(client=position.client, agreement_id=grant.agreement, month=grant.month, last_month=grant.last_month,
              seconds=grant.seconds)
        for grant in grants
    )  # fmt: skip
    position.grants |= {(row.agreement_id, row.month): row.pk for row in rows}


def _keep_block(position: Position, block: values.Block, purchase: Purchase) -> None:
    Block.objects.create(
        client=position.client, purchase=purchase, bought_on=block.bought_on, seconds=block.seconds,
        price=block.price, lapses_on=block.lapses_on, turn=position.turn,
    )  # fmt: skip


def _draw(position: Position, draw: values.Draw, row: Draw) -> Draw:
    """Fill in a draw's row, which knows its cause already."""
    row.client_id, row.turn = position.client.pk, position.turn
    row.seconds, row.earned = draw.seconds, draw.earned
    if draw.grant is not None:
        row.grant_id = position.grants[draw.grant]
    else:
        row.block_id = int(draw.block or 0)
    return row


def _charge(position: Position, charge: values.Charge, rated: int | None) -> Charge:
    return Charge(
        client_id=position.client.pk, rated_id=rated, kind=charge.kind, amount=charge.amount,
        seconds=charge.seconds, rate=charge.rate, quantity=charge.quantity, trace=list(charge.trace),
        recorded_on=charge.recorded_on, site_id=charge.site, turn=position.turn,
    )  # fmt: skip


def _keep_closing(position: Position, closing: values.Closing, cause: Cause) -> Closing:
    row = Closing(
        key=cause.key, client=position.client, on=closing.on, due=closing.due, reason=closing.reason, tax=closing.tax,
        from_retainer=closing.from_retainer, asked=closing.asked, is_paid_at_once=closing.is_paid_at_once,
        purchase=cause.purchase, deposit=cause.deposit, at=cause.at, turn=position.turn,
    )  # fmt: skip
    insert([row])
    taxes = keep_taxes(row, closing.taxes) if closing.taxes else {}
    insert_values(
        ClosingLine,
        CLOSING_LINE,
        [
            (row.pk, place, line.kind, line.amount, line.seconds, line.rate, line.quantity, line.agreement,
             *(line.period or (None, None)), None if line.charge is None else position.unbilled[line.charge],
             None if line.tax is None else taxes[line.tax].pk)
            for place, line in enumerate(closing.lines, start=1)
        ],
    )  # fmt: skip
    billed = {line.charge for line in closing.lines}
    position.unbilled = [key for place, key in enumerate(position.unbilled) if place not in billed]
    return row


def _keep_notices(position: Position, notices: Sequence[values.Notice], at: datetime) -> None:
    insert(
        Notice(client=position.client, on=notice.on, kind=notice.kind, cause=str(notice.cause), at=at)
        for notice in notices
    )
