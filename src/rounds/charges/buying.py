"""What a client pays for beforehand: hours, deposits, and retainer money that arrives; and what goes back. Each a verb.

The verbs of `invoices` (`selling`, `settling`) play the account to the right moment first, and issue what comes of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from rounds.charges.accounts import Moved, Position, hold_as_read, load_position
from rounds.charges.keeping import Cause, keep
from rounds.charges.models import Closing, Deposit, Purchase
from rounds.clients.models import Client
from rounds.core import buying, giving_back
from rounds.core.money import Refused
from rounds.core.next_block import Bought
from rounds.people.models import User
from rounds.people.shop import local_day


def buy_hours(client: Client, hours: int, *, at: datetime, by: User | None = None) -> Closing | None:
    """Sell a block of whole hours; they can be used at once. Without a price there is no closing."""
    if hours < 1:
        raise Refused("buy at least one hour")
    day = local_day(at)

    def keep_purchase(position: Position) -> Closing | None:
        purchase = Purchase.objects.create(client=client, hours=hours, on=day, at=at, recorded_by=by)
        key = f"purchase:{purchase.pk}"
        outcome = buying.buy(position.account, key, day, hours)
        return keep(position, outcome, Cause(key, day, at, purchase=purchase))

    return _step(client, keep_purchase)


def buy_next(position: Position, bought: Bought, day: date, at: datetime) -> Closing | None:
    """Keep a block that is bought by itself before hours are drawn; first in the transaction of that draw.

    The account goes on with the block under the key of its row, so that the draw can name it.
    """
    hold_as_read(position)
    cause, terms = str(bought.cause), bought.agreement.next_block
    purchase = Purchase.objects.create(
        client=position.client, hours=terms.hours if terms else 0, on=day, at=at, agreement_id=bought.agreement.key,
        cause=cause,
    )  # fmt: skip
    closing = keep(position, bought.outcome, Cause(f"purchase:{purchase.pk}", day, at, purchase=purchase))
    rows = [replace(block, key=purchase.block.pk) for block in bought.outcome.blocks]
    position.account = position.account.after(replace(bought.outcome, blocks=tuple(rows)))
    return closing


def deposit(client: Client, amount: int, *, at: datetime, by: User | None = None) -> Closing | None:
    """Put money on a client's retainer."""
    if amount < 1:
        raise Refused("a deposit is more than nothing")
    day = local_day(at)

    def keep_deposit(position: Position) -> Closing | None:
        row = Deposit.objects.create(client=client, amount=amount, on=day, at=at, recorded_by=by)
        key = f"deposit:{row.pk}"
        outcome = buying.deposit(position.account, key, day, amount)
        return keep(position, outcome, Cause(key, day, at, deposit=row))

    return _step(client, keep_deposit)


def receive(client: Client, amount: int, cause: Cause) -> None:
    """Put on the retainer what an invoice asked for, once it is paid in full; the cause's key names the invoice."""

    def keep_receipt(position: Position) -> None:
        keep(position, buying.receive(position.account, cause.key, cause.on, amount), cause)

    _step(client, keep_receipt)


def take_off_retainer(client: Client, amount: int, cause: Cause, *, even_if_needed: bool) -> None:
    """Take cents off the retainer to give them back; refused as `giving_back.take_off_retainer` refuses."""

    def keep_release(position: Position) -> None:
        taken = giving_back.take_off_retainer(
            position.account, amount, cause.on, key=cause.key, even_if_needed=even_if_needed
        )
        keep(position, taken, cause)

    _step(client, keep_release)


def put_back(client: Client, amount: int, cause: Cause) -> None:
    """Put back onto the retainer what was taken off it to be given back."""

    def keep_return(position: Position) -> None:
        keep(position, giving_back.put_back(position.account, amount, cause.on, key=cause.key), cause)

    _step(client, keep_return)


def _step[T](client: Client, decide_and_keep: Callable[[Position], T]) -> T:
    """Take one step of an account, from what is kept again if somebody else has moved it."""
    while True:
        try:
            with transaction.atomic():
                return decide_and_keep(load_position(client))
        except Moved:
            continue
