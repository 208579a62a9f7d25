"""Payments and credit notes: what a client paid, and what was charged by mistake; each settles what he owes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from rounds.charges import buying
from rounds.charges.accounts import hold
from rounds.charges.keeping import Cause
from rounds.charges.models import Block, RetainerMove
from rounds.clients.models import Client
from rounds.core import entries, settling
from rounds.core.account import Kind, Refund
from rounds.core.crediting import Parts
from rounds.core.money import Refused
from rounds.invoices.crediting import codes_of, creditable, keep_lines, keep_taxes, parts_of_lines
from rounds.invoices.debts import Source, load_debts
from rounds.invoices.issuing import bring, next_number
from rounds.invoices.models import CreditNote, Invoice, Payment
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


def credit(invoice: Invoice, amount: int, *, at: datetime, why: str, by: User | None = None) -> CreditNote:
    """Credit cents of an invoice: lowers what is open on it; what goes beyond is like a payment.

    Refused: nothing, or no reason.
    """
    if amount < 1:
        raise Refused("a credit is more than nothing")
    if not why.strip():
        raise Refused("say why: the reason is printed on the credit note")
    bring(invoice.client, at)
    note = CreditNote(invoice=invoice, client=invoice.client, amount=amount, on=local_day(at), at=at, recorded_by=by)
    note.why = why.strip()
    with transaction.atomic():
        hold(invoice.client)
        return keep_credit(note, None)


def credit_lines(
    invoice: Invoice, taken: Mapping[int, int], *, at: datetime, why: str, by: User | None = None
) -> CreditNote:
    """Credit lines of an invoice, or parts of them (cents before tax, by the line's key), with the tax on them.

    Refused: no reason, and as `crediting.parts_of_lines` refuses.
    """
    if not why.strip():
        raise Refused("say why: the reason is printed on the credit note")
    bring(invoice.client, at)
    note = CreditNote(invoice=invoice, client=invoice.client, on=local_day(at), at=at, recorded_by=by)
    note.why = why.strip()
    with transaction.atomic():
        hold(invoice.client)
        parts = parts_of_lines(invoice, taken)
        note.amount = parts.total
        keep_credit(note, parts)
        keep_lines(note, taken)
        return note


def keep_credit(
    note: CreditNote, parts: Parts | None, hours: Refund | None = None, fees: tuple[tuple[Kind, int], ...] = ()
) -> CreditNote:
    """Keep a credit note, inside a transaction that holds the client; without `parts`, by its amount's shares.

    `hours` are those that go back with it; unless told, as many of the block that the invoice sold as it is worth.
    `fees` are cents of fees and monitoring in it that are for days to come.
    """
    client, invoice = note.client, note.invoice
    debts = load_debts(client, invoice)
    retainer = RetainerMove.objects.filter(client=client).aggregate(sum=Sum("amount"))["sum"] or 0

    crediting = settling.credit(debts, invoice.pk, note.amount, retainer=retainer)
    parts = parts or parts_of_amount(invoice, crediting)

    note.series = f"C{note.on.year}"
    note.number = next_number(note.series)
    note.lowers, note.over, note.to_retainer = crediting.lowered, crediting.over, crediting.returned
    note.asked, note.from_retainer = crediting.asked, crediting.held
    note.tax, note.untaxed = parts.tax, parts.untaxed
    note.save(force_insert=True)
    keep_taxes(note, parts)
    keep_allocations([Source(note, note.over)], crediting.beyond.allocations, note.on)
    key, what = f"credit:{note.pk}", f"Credit note {note} for invoice {invoice}"
    receive(client, crediting.all_receipts, note.on, note.at)
    taken = buying.credit(client, crediting, Cause(key, note.on, note.at), hours or sold_by(invoice))
    back = entries.TakenBack(codes_of(invoice, parts), taken.refunds, fees)
    post(entries.entry_of_credit(chart_of(client), crediting, back, key=key, on=note.on, what=what), client)
    return note


def parts_of_amount(invoice: Invoice, crediting: settling.Crediting) -> Parts:
    """The parts of a credit of an amount."""
    return creditable(invoice).by_amount(entries.credited_revenue(crediting))


def sold_by(invoice: Invoice) -> buying.Sold | None:
    """The block that an invoice sold, and what its credit notes and refunds took back of it so far."""
    block = Block.objects.filter(purchase__closing=invoice.closing_id).first()
    if block is None:
        return None
    before, credited = block.refunds.aggregate(sum=Sum("amount"))["sum"] or 0, creditable(invoice)
    return buying.Sold(block.pk, credited.whole.net - credited.left.net, before)
