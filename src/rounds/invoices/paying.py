"""Payments: what a client paid settles what he owes."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from rounds.charges.accounts import hold
from rounds.clients.models import Client
from rounds.core import entries, settling
from rounds.core.money import Refused
from rounds.invoices.debts import Source, load_debts
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice, Payment
from rounds.invoices.settling import keep_allocations, receive
from rounds.ledger.booking import chart_of, post
from rounds.people.models import User
from rounds.people.shop import local_day


@dataclass(frozen=True, slots=True)
class Came:
    """How money came: a note or reference, and the day on which it was there, if it was recorded later."""

    note: str = ""
    on: date | None = None


UNTOLD = Came()


def pay(
    client: Client, amount: int, *, at: datetime, invoice: Invoice | None = None, by: User | None = None,
    came: Came = UNTOLD,
) -> Payment:  # fmt: skip
    """Record a payment (cents): the invoice named first, then those that fall due first; the rest is his credit.

    It is booked on the day it is recorded; `came` tells when the money was there, if that was before: what it
    pays bore no interest from then on. Refused: nothing, an invoice of somebody else, or money that comes only later.
    """
    if amount < 1:
        raise Refused("a payment is more than nothing")
    if invoice is not None and invoice.client_id != client.pk:
        raise Refused(f"invoice {invoice} is not one of {client}")
    today = local_day(at)
    if came.on is not None and came.on > today:
        raise Refused("the money comes on a later day: record it when it is there")
    bring(client, at)
    earlier = came.on if came.on != today else None
    return _keep_payment(Payment(
        client=client, amount=amount, on=today, received_on=earlier, at=at, invoice=invoice, note=came.note,
        recorded_by=by,
    ))  # fmt: skip


@transaction.atomic
def _keep_payment(payment: Payment) -> Payment:
    hold(payment.client)
    client, named = payment.client, payment.invoice
    debts = load_debts(client, named)

    settlement = settling.pay(debts, payment.amount, named.pk if named else None)

    payment.save(force_insert=True)
    keep_allocations([Source(payment, payment.amount)], settlement.allocations, payment.on)
    what = f"Payment for invoice {named}" if named else "Payment"
    key = f"payment:{payment.pk}"
    post(entries.entry_of_settlement(chart_of(client), settlement, key=key, on=payment.on, what=what), client)
    receive(client, settlement.receipts, payment.on, payment.at)
    return payment
