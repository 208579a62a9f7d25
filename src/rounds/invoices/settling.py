"""Keeps what a settlement settles: where the money went, and retainer money that thereby arrived."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from rounds.charges import buying
from rounds.charges.keeping import Cause
from rounds.charges.models import RetainerMove
from rounds.clients.models import Client
from rounds.core import entries
from rounds.core.settling import Allocation as Settled
from rounds.core.settling import Receipt
from rounds.invoices.debts import Source
from rounds.invoices.models import Allocation, Payment, Payout
from rounds.ledger.booking import chart_of, post


def keep_allocations(sources: list[Source], allocations: Iterable[Settled], on: date) -> None:
    """Keep where money went: the oldest money first."""
    waiting = list(sources)
    Allocation.objects.bulk_create(
        [
            row
            for allocation in allocations
            for row in _taken(waiting, allocation.amount, {"invoice_id": int(allocation.invoice), "on": on})
        ]
    )


def keep_payout(sources: list[Source], payout: Payout) -> None:
    """Keep which money was paid back to a client: the oldest first."""
    Allocation.objects.bulk_create(_taken(list(sources), payout.amount, {"payout_id": payout.pk, "on": payout.on}))


def _taken(waiting: list[Source], missing: int, where: Mapping[str, Any]) -> Iterator[Allocation]:
    """Take cents from the sources that wait, from the first on; what is used up waits no longer."""
    while missing:
        source = waiting[0]
        taken = min(missing, source.left)
        is_payment = isinstance(source.row, Payment)
        yield Allocation(
            payment_id=source.row.pk if is_payment else None,
            credit_note_id=None if is_payment else source.row.pk,
            amount=taken,
            **where,
        )
        missing -= taken
        source.left -= taken
        if not source.left:
            waiting.pop(0)


def receive(client: Client, receipts: Iterable[Receipt], on: date, at: datetime) -> None:
    """Put on the retainer what invoices asked for that are now paid in full, and book it."""
    for receipt in receipts:
        key = _receipt_key(client, receipt)
        buying.receive(client, receipt.amount, Cause(key, on, at))
        entry = entries.entry_of_receipt(chart_of(client), receipt, key=key, on=on, what="Retainer received")
        post(entry, client)


def _receipt_key(client: Client, receipt: Receipt) -> str:
    """The cause of a receipt; one that comes again, because a payment was taken back meanwhile, has a number."""
    key, again = f"receipt:{receipt.invoice}", f"returned:{receipt.invoice}:"
    count = RetainerMove.objects.filter(client=client, cause__startswith=again).count()
    return f"{key}:{count}" if count else key
