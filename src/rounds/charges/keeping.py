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
    Returned,
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
DRAW = ("client_id", "rated_id", "opened_on", "voided_id", "returned_id", "on", "seconds", "earned", "grant_id",
        "block_id", "turn")  # fmt: skip
CHARGE = ("client_id", "rated_id", "voided_id", "returned_id", "kind", "amount", "seconds", "rate", "quantity", "trace",
          "recorded_on", "site_id", "turn")  # fmt: skip
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


@transaction.atomic(savepoint=False)
def keep_facts(position: Position, found: Sequence[Found], at: datetime) -> None:
    """Keep what came of rating facts, in their order."""
    outcomes = [one.outcome for one in found]
    step(position, outcomes)
    rated = _keep_rated(position, found, at)
    keep_grants(position, [grant for outcome in outcomes for grant in outcome.grants])
    of = [(key, one) for key, one in zip(rated, found, strict=True) if key is not None]
    draws = [(draw, _Origin(one.on, rated=key)) for key, one in of for draw in one.outcome.draws]
    charges = [(charge, _Origin(one.on, rated=key)) for key, one in of for charge in one.outcome.charges]
    _keep_draws(position, draws)
    _keep_charges(position, charges)
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

    def origin(one: values.Draw | values.Charge) -> _Origin:
        return _Origin(on, rated=taken.rows.get(one.cause, rated).pk, voided=row.pk)

    _keep_draws(position, [(draw, origin(draw)) for draw in outcome.draws])
    _keep_refunds(position, outcome.refunds, f"void:{void.pk}")
    _keep_charges(position, [(charge, origin(charge)) for charge in outcome.charges])
    _keep_notices(position, outcome.notices, void.at)


@transaction.atomic(savepoint=False)
def keep(position: Position, outcome: values.Outcome, cause: Cause) -> Closing | None:
    """Keep one step of the account itself; returns its closing, if it has one."""
    step(position, [outcome])
    client = position.client
    if cause.purchase is not None:
        for block in outcome.blocks:
            _keep_block(position, block, cause.purchase)
    keep_grants(position, outcome.grants)
    _keep_draws(position, [(draw, _Origin(cause.on, opened_on=cause.on)) for draw in outcome.draws])
    insert(
        Lapse(client=client, block_id=lapse.block, on=lapse.on, seconds=lapse.seconds, earned=lapse.earned,
              turn=position.turn)
        for lapse in outcome.lapses
    )  # fmt: skip
    _keep_refunds(position, outcome.refunds, cause.key)
    insert_values(Advance, ("agreement_id", "first_day", "on"), [(key, day, cause.on) for key, day in outcome.charged])
    closing = _keep_closing(position, outcome.closing, cause) if outcome.closing else None
    if outcome.retainer_change or outcome.asked_change:
        RetainerMove.objects.create(
            client=client, on=cause.on, amount=outcome.retainer_change, asked=outcome.asked_change, cause=cause.key,
            closing=closing, turn=position.turn,
        )  # fmt: skip
    _keep_notices(position, outcome.notices, cause.at)
    return closing


def keep_returned(position: Position, outcome: values.Outcome, cause: Cause) -> None:
    """Keep, in a step that has been taken, the hours that work gets back with a credit note, and what is charged again.

    Both are told by the key of what was rated.
    """
    traces = {int(one.work): list(one.trace) for one in outcome.returned}
    for charge in outcome.charges:
        traces.setdefault(int(charge.cause), []).extend(charge.trace)
    about = ("client_id", "rated_id", "cause", "on", "trace")
    rows = [(position.client.pk, key, cause.key, cause.on, trace) for key, trace in traces.items()]
    returned = dict(zip(traces, insert_values(Returned, about, rows), strict=True))

    def origin(one: values.Draw | values.Charge) -> _Origin:
        return _Origin(cause.on, rated=int(one.cause), returned=returned[int(one.cause)])

    _keep_draws(position, [(draw, origin(draw)) for draw in outcome.draws])
    _keep_charges(position, [(charge, origin(charge)) for charge in outcome.charges])


@transaction.atomic
def keep_charges(position: Position, charges: Sequence[values.Charge]) -> list[int]:
    """Keep what is charged for neither a stint nor a part, as a step of its own; gives the keys of the rows."""
    outcome = values.Outcome(charges=tuple(charges))
    step(position, [outcome])
    keys = _keep_charges(position, [(charge, _Origin(charge.recorded_on)) for charge in charges])
    position.account = position.account.after(outcome)
    return keys


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


def _keep_refunds(position: Position, refunds: Sequence[values.Refund], cause: str) -> None:
    insert(
        Refund(client=position.client, block_id=refund.block, on=refund.on, seconds=refund.seconds,
               amount=refund.amount, earned=refund.earned, was_credited=refund.was_credited, cause=cause,
               turn=position.turn)
        for refund in refunds
    )  # fmt: skip


def _keep_block(position: Position, block: values.Block, purchase: Purchase) -> None:
    Block.objects.create(
        client=position.client, purchase=purchase, bought_on=block.bought_on, seconds=block.seconds,
        price=block.price, lapses_on=block.lapses_on, turn=position.turn,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a draw or charge comes from: rated work, a void or credit note of it, or a day's opening; and its day."""

    on: date
    rated: int | None = None
    voided: int | None = None
    returned: int | None = None
    opened_on: date | None = None


def _keep_draws(position: Position, draws: Sequence[tuple[values.Draw, _Origin]]) -> None:
    rows = [
        (
            position.client.pk, origin.rated, origin.opened_on, origin.voided, origin.returned, origin.on,
            draw.seconds, draw.earned,
            None if draw.grant is None else position.grants[draw.grant],
            int(draw.block or 0) if draw.grant is None else None, position.turn,
        )
        for draw, origin in draws
    ]  # fmt: skip
    insert_values(Draw, DRAW, rows)


def _keep_charges(position: Position, charges: Sequence[tuple[values.Charge, _Origin]]) -> list[int]:
    """Keep charges as still to be billed; gives their keys."""
    rows = [
        (
            position.client.pk, origin.rated, origin.voided, origin.returned, charge.kind, charge.amount,
            charge.seconds, charge.rate, charge.quantity, list(charge.trace), charge.recorded_on, charge.site,
            position.turn,
        )
        for charge, origin in charges
    ]  # fmt: skip
    keys = insert_values(Charge, CHARGE, rows)
    position.unbilled += keys
    return keys


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
