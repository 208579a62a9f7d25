"""What a client pays for beforehand: hours, deposits, and retainer money that arrives or is credited; each a verb.

The verbs of `invoices` (`selling`, `settling`) play the account to the right moment first, and issue what comes of it.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from rounds.charges.accounts import Moved, Position, load_position
from rounds.charges.keeping import Cause, keep
from rounds.charges.models import Closing, Deposit, Purchase
from rounds.clients.models import Client
from rounds.core import buying
from rounds.core.money import Refused
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


def credit(client: Client, cause: Cause, *, asked: int, held: int) -> None:
    """Take back what a credit note credits of retainer money: `asked` for so far, and `held` since."""

    def keep_credit(position: Position) -> None:
        keep(position, buying.credit(position.account, cause.key, cause.on, asked=asked, held=held), cause)

    if asked or held:
        _step(client, keep_credit)


def _step[T](client: Client, decide_and_keep: Callable[[Position], T]) -> T:
    """Take one step of an account, from what is kept again if somebody else has moved it."""
    while True:
        try:
            with transaction.atomic():
                return decide_and_keep(load_position(client))
        except Moved:
            continue
