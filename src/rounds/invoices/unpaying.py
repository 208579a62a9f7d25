"""Takes a payment back that was recorded wrongly, or that bounced: by a reversing row; nothing is edited."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from rounds.charges import buying
from rounds.charges.accounts import hold
from rounds.charges.keeping import Cause
from rounds.charges.models import RetainerMove
from rounds.clients.models import Client
from rounds.core import entries, settling
from rounds.core.money import Refused
from rounds.core.settling import Debts, Receipt
from rounds.core.unpaying import TakingBack, entry_of_taking_back
from rounds.core.unpaying import take_back as decide
from rounds.invoices.debts import load_debts, sources_of
from rounds.invoices.issuing import bring
from rounds.invoices.models import Allocation, BroughtOver, CreditNote, Invoice, Payment, Release, Reversal
from rounds.invoices.settling import keep_allocations, receive
from rounds.ledger.booking import chart_of, post
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work import ordering
from rounds.work.models import Part

FEE = "Returned payment"


def take_back(
    payment: Payment, *, at: datetime, why: str, by: User | None = None, has_bounced: bool = False
) -> Reversal:
    """Take a payment back: what it had settled is open again, and other credit of the client's pays for it.

    Refused: no reason, taken back before, or retainer money that came with it has been used or credited.
    """
    if not why.strip():
        raise Refused("say why: it stands in the client’s account")
    if BroughtOver.objects.filter(payment=payment).exists():
        raise Refused("it was brought over from the old books: undo that file instead")
    bring(payment.client, at)
    return _keep(Reversal(
        payment=payment, on=local_day(at), at=at, has_bounced=has_bounced, why=why.strip()[:200], recorded_by=by
    ))  # fmt: skip


@transaction.atomic
def bounce(payment: Payment, *, at: datetime, why: str, by: User | None = None, fee: int = 0) -> Reversal:
    """Take a payment back that the bank returned; a fee (cents) is charged as a part, on the next first."""
    if fee < 0:
        raise Refused("a fee is not negative")
    reversal = take_back(payment, at=at, why=why, by=by, has_bounced=True)
    if fee:
        order = ordering.take_order(ordering.Call(payment.client, FEE), by=by, at=at)
        name = f"{FEE} of {payment.on.day} {payment.on:%B %Y}"
        ordering.use_part(order, Part(order=order, name=name, quantity=1, price=fee, used_at=at), by=by, at=at)
        ordering.finish(order, at=at)
    return reversal


@transaction.atomic
def _keep(reversal: Reversal) -> Reversal:
    payment, client = reversal.payment, reversal.payment.client
    hold(client)
    if Reversal.objects.filter(payment=payment).exists():
        raise Refused("this payment has been taken back already")
    settled = _settled_by(payment)
    debts = _debts_with(client, settled)
    retainer = RetainerMove.objects.filter(client=client).aggregate(sum=Sum("amount"))["sum"] or 0

    taking = decide(debts, payment.amount, settled, retainer=retainer)
    _refuse_credited(taking)

    reversal.save(force_insert=True)
    Allocation.objects.bulk_create(
        Allocation(invoice_id=int(one.invoice), payment=payment, amount=-one.amount, on=reversal.on) for one in settled
    )
    key, what = f"reversal:{reversal.pk}", "Payment returned" if reversal.has_bounced else "Payment taken back"
    chart, source = chart_of(client), ""
    if Release.objects.filter(payment=payment).exists():
        source = chart.retainer
        buying.put_back(client, payment.amount, Cause(key, reversal.on, reversal.at))
    post(entry_of_taking_back(chart, taking, source, key=key, on=reversal.on, what=what), client)
    _return(client, taking.returned, reversal)
    use_credit(client, str(reversal.pk), reversal.on, reversal.at)
    return reversal


def _settled_by(payment: Payment) -> list[settling.Allocation]:
    """What a payment settles, invoice by invoice."""
    went = Allocation.objects.filter(payment=payment).order_by("invoice")
    if went.filter(payout__isnull=False).aggregate(sum=Sum("amount"))["sum"]:
        raise Refused("a part of it was paid back to the client: take that back first")
    sums = went.filter(payout=None).values_list("invoice").annotate(Sum("amount"))
    return [settling.Allocation(invoice, amount) for invoice, amount in sums if amount]


def _debts_with(client: Client, settled: list[settling.Allocation]) -> Debts:
    """What a client owes, and the invoices that a payment settled."""
    debts = load_debts(client)
    known = {invoice.key for invoice in debts.invoices}
    more = [load_debts(client, one).find(one.pk) for one in _invoices_of(settled) if one.pk not in known]
    return Debts((*debts.invoices, *more), debts.credit)


def _invoices_of(settled: list[settling.Allocation]) -> list[Invoice]:
    """The invoices that were settled."""
    return list(Invoice.objects.filter(pk__in=[int(one.invoice) for one in settled]).order_by("pk"))


def _refuse_credited(taking: TakingBack) -> None:
    """Refuse where a credit note took back retainer money that came with the payment: it cannot arrive twice."""
    invoices = [int(receipt.invoice) for receipt in taking.returned]
    note = CreditNote.objects.filter(invoice__in=invoices, from_retainer__gt=0).first()
    if note is not None:
        raise Refused(f"credit note {note} has taken back retainer money that came with it")


def _return(client: Client, returned: tuple[Receipt, ...], reversal: Reversal) -> None:
    """Take off the retainer what had arrived on it; it is asked for again."""
    for receipt in returned:
        key = f"returned:{receipt.invoice}:{reversal.pk}"
        buying.receive(client, -receipt.amount, Cause(key, reversal.on, reversal.at))
        negative = Receipt(receipt.invoice, -receipt.amount)
        what = "Retainer money returned"
        post(entries.entry_of_receipt(chart_of(client), negative, key=key, on=reversal.on, what=what), client)


def use_credit(client: Client, cause: str, on: date, at: datetime) -> None:
    """Let other credit of the client's pay what is open again: what is due first, as with any payment."""
    debts = load_debts(client)
    if not (debts.credit and debts.receivable):
        return
    used = settling.use_credit(debts)
    keep_allocations(sources_of(client), used.allocations, on)
    key, what = f"reused:{cause}", "Credit pays what is open again"
    post(entries.entry_of_settlement(chart_of(client), used, key=key, on=on, what=what), client)
    receive(client, used.receipts, on, at)
