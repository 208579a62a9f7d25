"""Keeps what a settlement settles: where the money went, and retainer money that thereby arrived."""

from collections.abc import Iterable
from datetime import date, datetime

from rounds.charges import buying
from rounds.charges.keeping import Cause
from rounds.charges.models import RetainerMove
from rounds.clients.models import Client
from rounds.core import entries
from rounds.core.settling import Allocation as Settled
from rounds.core.settling import Receipt
from rounds.invoices.debts import Source
from rounds.invoices.models import Allocation, Payment
from rounds.ledger.booking import chart_of, post


def keep_allocations(sources: list[Source], allocations: Iterable[Settled], on: date) -> None:
    """Keep where money went: the oldest money first."""
    rows, waiting = [], list(sources)
    for allocation in allocations:
        missing = allocation.amount
        while missing:
            source = waiting[0]
            taken = min(missing, source.left)
            is_payment = isinstance(source.row, Payment)
            rows.append(
                Allocation(
                    invoice_id=int(allocation.invoice),
                    payment_id=source.row.pk if is_payment else None,
                    credit_note_id=None if is_payment else source.row.pk,
                    amount=taken,
                    on=on,
                )
            )
            missing -= taken
            source.left -= taken
            if not source.left:
                waiting.pop(0)
    Allocation.objects.bulk_create(rows)


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
