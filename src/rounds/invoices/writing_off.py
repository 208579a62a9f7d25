"""Writes off what of an invoice nobody expects to be paid, and takes it up again when it is paid after all."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from rounds.charges import forgoing
from rounds.charges.accounts import hold
from rounds.charges.keeping import Cause
from rounds.core import entries, settling
from rounds.core.money import Refused
from rounds.core.settling import Receipt
from rounds.invoices.debts import load_debts
from rounds.invoices.issuing import bring
from rounds.invoices.models import BroughtOver, Invoice, WriteOff
from rounds.invoices.noting import keep_lost
from rounds.invoices.settling import receive
from rounds.invoices.unpaying import use_credit
from rounds.ledger.booking import chart_of, post
from rounds.people.models import User
from rounds.people.shop import local_day


def write_off(invoice: Invoice, amount: int | None, *, at: datetime, why: str, by: User | None = None) -> WriteOff:
    """Write off cents that are open on an invoice (None: all), its tax included; first what it asks for the retainer.

    Refused: no reason, nothing, or more than is open.
    """
    if not why.strip():
        raise Refused("say why: it stands in the books")
    bring(invoice.client, at)
    with transaction.atomic():
        hold(invoice.client)

        lowering = settling.write_off(load_debts(invoice.client, invoice), invoice.pk, amount)

        kept = _keep(invoice, lowering.amount, lowering.asked, at=at, why=why, by=by)
        _receive(invoice, lowering.receipts, kept)
        cause = Cause(_key(kept), kept.on, at)
        forgoing.credit(invoice.client, lowering, forgoing.NOTHING, cause)
        keep_lost(invoice, cause)
        return kept


def take_up(invoice: Invoice, *, at: datetime, why: str, by: User | None = None) -> WriteOff:
    """Expect again what was written off of an invoice; what was asked for the retainer stays given up.

    Refused: no reason, or nothing was written off.
    """
    if not why.strip():
        raise Refused("say why: it stands in the books")
    bring(invoice.client, at)
    with transaction.atomic():
        hold(invoice.client)
        lost = written_off(invoice)
        if BroughtOver.objects.filter(invoice=invoice, opening__undoing__isnull=False).exists():
            raise Refused(f"invoice {invoice} was brought over by mistake")
        if not lost:
            raise Refused(f"nothing of invoice {invoice} is written off")
        kept = _keep(invoice, -lost, 0, at=at, why=why, by=by)
        keep_lost(invoice, Cause(_key(kept), kept.on, at))
        use_credit(invoice.client, _key(kept), kept.on, at)
        return kept


def written_off(invoice: Invoice) -> int:
    """What of an invoice is written off as lost now, in cents, retainer money that was asked for aside."""
    sums = invoice.write_offs.aggregate(amount=Sum("amount"), asked=Sum("asked"))
    return (sums["amount"] or 0) - (sums["asked"] or 0)


def _key(row: WriteOff) -> str:
    return f"write-off:{row.pk}"


def _keep(invoice: Invoice, amount: int, asked: int, *, at: datetime, why: str, by: User | None) -> WriteOff:
    kept = WriteOff.objects.create(
        invoice=invoice, amount=amount, asked=asked, on=local_day(at), at=at, why=why.strip()[:200], recorded_by=by
    )
    what = f"Written off of invoice {invoice}" if amount > 0 else f"Expected again of invoice {invoice}"
    chart = chart_of(invoice.client, invoice.currency)
    post(entries.entry_of_write_off(chart, amount, asked, key=_key(kept), on=kept.on, what=what), invoice.client)
    return kept


def _receive(invoice: Invoice, receipts: tuple[Receipt, ...], kept: WriteOff) -> None:
    """What had been paid for the retainer arrives, as nothing is open on the invoice any more."""
    receive(invoice.client, receipts, kept.on, kept.at)
