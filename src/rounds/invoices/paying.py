"""Payments and credit notes: what a client paid, and what was charged by mistake; each settles what he owes."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

from rounds.charges import buying
from rounds.charges.accounts import hold
from rounds.charges.keeping import Cause
from rounds.charges.models import RetainerMove
from rounds.clients.models import Client
from rounds.core import entries, settling
from rounds.core.money import Refused
from rounds.invoices.debts import Source, load_debts
from rounds.invoices.issuing import bring, next_number
from rounds.invoices.models import CreditNote, Invoice, Payment
from rounds.invoices.settling import keep_allocations, receive
from rounds.ledger.booking import chart_of, closing_value, post
from rounds.people.models import User
from rounds.people.shop import local_day


def pay(
    client: Client, amount: int, *, at: datetime, invoice: Invoice | None = None, by: User | None = None, note: str = ""
) -> Payment:
    """Record a payment (cents): the invoice named first, then those that fall due first; the rest is his credit.

    Refused: nothing, or an invoice of somebody else.
    """
    if amount < 1:
        raise Refused("a payment is more than nothing")
    if invoice is not None and invoice.client_id != client.pk:
        raise Refused(f"invoice {invoice} is not one of {client}")
    bring(client, at)
    return _keep_payment(Payment(
        client=client, amount=amount, on=local_day(at), at=at, invoice=invoice, note=note, recorded_by=by
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


def credit(invoice: Invoice, amount: int, *, at: datetime, why: str, by: User | None = None) -> CreditNote:
    """Credit cents of an invoice: lowers what is open on it; what goes beyond is like a payment.

    Refused: nothing, or no reason.
    """
    if amount < 1:
        raise Refused("a credit is more than nothing")
    if not why.strip():
        raise Refused("say why: the reason is printed on the credit note")
    bring(invoice.client, at)
    return _keep_credit(CreditNote(
        invoice=invoice, client=invoice.client, amount=amount, on=local_day(at), at=at, why=why.strip(), recorded_by=by
    ))  # fmt: skip


@transaction.atomic
def _keep_credit(note: CreditNote) -> CreditNote:
    client, invoice = note.client, note.invoice
    hold(client)
    debts, before = load_debts(client, invoice), _revenue_credited(invoice)
    retainer = RetainerMove.objects.filter(client=client).aggregate(sum=Sum("amount"))["sum"] or 0
    closing = closing_value(invoice.closing, list(invoice.closing.lines.all()))

    crediting = settling.credit(debts, invoice.pk, note.amount, retainer=retainer)
    tax = entries.credited_tax(closing, crediting, before)

    note.series = f"C{note.on.year}"
    note.number = next_number(note.series)
    note.lowers, note.over = crediting.lowered, note.amount - crediting.lowered
    note.asked, note.from_retainer = crediting.asked, crediting.held
    note.save(force_insert=True)
    keep_allocations([Source(note, note.over)], crediting.beyond.allocations, note.on)
    key, what = f"credit:{note.pk}", f"Credit note {note} for invoice {invoice}"
    post(entries.entry_of_credit(chart_of(client), crediting, tax, key=key, on=note.on, what=what), client)
    receive(client, crediting.all_receipts, note.on, note.at)
    buying.credit(client, Cause(key, note.on, note.at), asked=crediting.asked, held=crediting.held)
    return note


def _revenue_credited(invoice: Invoice) -> int:
    """What earlier credit notes took back of an invoice beside retainer money."""
    taken = F("amount") - F("asked") - F("from_retainer")
    return invoice.credit_notes.aggregate(sum=Sum(taken))["sum"] or 0
