"""Gives money back to a client: unused hours, his retainer, or credit; as credit of his, or paid out.

What was invoiced goes back by a credit note, with its tax; retainer money was never taxed, and goes back by itself.
Either settles first what the client owes, like any payment of his: only what is left over is paid out.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from rounds.charges import buying
from rounds.charges.accounts import hold, load_account
from rounds.charges.forgoing import Taking
from rounds.charges.keeping import Cause
from rounds.charges.models import Block
from rounds.clients.models import Client
from rounds.core import entries, giving_back, settling
from rounds.core.account import Refund
from rounds.core.crediting import Parts
from rounds.core.giving_back import ListRate
from rounds.core.money import Refused
from rounds.core.settling import Settlement
from rounds.invoices.crediting import creditable
from rounds.invoices.debts import Source, credit_of, load_debts, retainer_of, sources_of
from rounds.invoices.issuing import bring
from rounds.invoices.models import Allocation, CreditNote, Invoice, Payment, Payout, PayoutReturn, Release
from rounds.invoices.noting import Deed, keep_credit
from rounds.invoices.refund_models import How
from rounds.invoices.settling import keep_allocations, keep_payout, receive
from rounds.invoices.unpaying import use_credit
from rounds.ledger.booking import chart_of, post
from rounds.people.models import User
from rounds.people.shop import local_day


@dataclass(frozen=True, slots=True)
class Giving:
    """Why money is given back, by whom and when, and by which way it is paid out; `how` None: it stays his credit."""

    why: str
    at: datetime
    by: User | None = None
    how: How | None = How.TRANSFER
    reference: str = ""

    def refuse_without_reason(self) -> None:
        """Refuse what nobody gave a reason for."""
        if not self.why.strip():
            raise Refused("say why: it stands in the client’s account")


def pay_out(client: Client, amount: int, giving: Giving) -> Payout:
    """Pay cents of a client's credit back to him. Refused: more than he has, or no reason."""
    giving.refuse_without_reason()
    bring(client, giving.at)
    with transaction.atomic():
        hold(client)
        return _keep_payout(client, amount, giving)


def refund_retainer(client: Client, amount: int, giving: Giving, *, even_if_needed: bool = False) -> Payment:
    """Give cents of the retainer back. Refused: more than it holds, or what is needed for work not billed yet."""
    giving.refuse_without_reason()
    if amount < 1:
        raise Refused("give back more than nothing")
    bring(client, giving.at)
    with transaction.atomic():
        hold(client)
        payment = Payment(client=client, amount=amount, on=local_day(giving.at), at=giving.at, recorded_by=giving.by)
        payment.note = f"from the retainer: {giving.why.strip()}"[:200]
        debts = load_debts(client)
        payment.save(force_insert=True)
        key = f"release:{payment.pk}"
        buying.take_off_retainer(client, amount, Cause(key, payment.on, payment.at), even_if_needed=even_if_needed)

        settlement = settling.pay(debts, amount)

        Release.objects.create(payment=payment, even_if_needed=even_if_needed)
        keep_allocations([Source(payment, amount)], settlement.allocations, payment.on)
        chart, what = chart_of(client), "Given back from the retainer"
        post(entries.entry_of_settlement(chart, settlement, chart.retainer, key=key, on=payment.on, what=what), client)
        receive(client, settlement.receipts, payment.on, payment.at)
        pay_out_rest(client, settlement, giving)
        return payment


def refund_hours(block: Block, seconds: int | None, giving: Giving, *, at_list_rate: bool = False) -> CreditNote:
    """Give unused hours of a block back (None: all), by a credit note on the invoice that sold them, with its tax.

    Refused: hours that are not there, or that cost nothing, or were sold by the old books.
    """
    giving.refuse_without_reason()
    bring(block.client, giving.at)
    with transaction.atomic():
        hold(block.client)
        invoice, hours, parts = hours_refund(block, seconds, giving.at, at_list_rate=at_list_rate)
        note = CreditNote(
            invoice=invoice, client=invoice.client, amount=parts.total, on=local_day(giving.at), at=giving.at,
            why=giving.why.strip(), recorded_by=giving.by,
        )  # fmt: skip
        before, debts = credit_of(block.client), load_debts(block.client, invoice)
        crediting = settling.credit(
            debts, invoice.pk, parts.total, retainer=retainer_of(block.client), is_of_lines=True
        )
        taking = Taking(block=block.pk, net=parts.net, hours=hours)
        keep_credit(note, Deed(parts, crediting, taking, {invoice.lines.get().pk: parts.net}))
        pay_out_rest(block.client, Settlement(credit_change=credit_of(block.client) - before), giving)
        return note


def hours_refund(
    block: Block, seconds: int | None, at: datetime, *, at_list_rate: bool = False
) -> tuple[Invoice, Refund, Parts]:
    """Find what giving hours of a block back would be: on which invoice, which hours, and its parts with the tax."""
    invoice = Invoice.objects.filter(closing__purchase=block.purchase_id, closing__purchase__isnull=False).first()
    if invoice is None:
        raise Refused("these hours cost nothing" if block.purchase_id else "the old books sold these hours")
    line, found = invoice.lines.get(), creditable(invoice)
    value = giving_back.block_of(load_account(block.client), block.pk)
    list_rate = _list_rate(block, line.rate or 0, value.credited) if at_list_rate else None

    hours = giving_back.refund_hours(value, seconds, local_day(at), list_rate)
    net = min(hours.amount, found.left.net)
    return invoice, hours, found.of_only_line(net)


def take_back(payout: Payout, *, at: datetime, why: str, by: User | None = None) -> PayoutReturn:
    """Take back what was paid to a client, as it came back or was never sent: it is his credit again.

    Refused: no reason, or taken back before.
    """
    if not why.strip():
        raise Refused("say why: it stands in the client’s account")
    client = payout.client
    bring(client, at)
    with transaction.atomic():
        hold(client)
        if PayoutReturn.objects.filter(payout=payout).exists():
            raise Refused("this has been taken back already")
        back = PayoutReturn.objects.create(
            payout=payout, on=local_day(at), at=at, why=why.strip()[:200], recorded_by=by
        )  # fmt: skip
        for went in list(payout.allocations.all()):
            Allocation.objects.create(
                payout=payout, payment=went.payment, credit_note=went.credit_note, amount=-went.amount, on=back.on
            )
        key, what = f"payout-return:{back.pk}", "Paid back, taken back"
        settlement = Settlement(credit_change=payout.amount)
        post(entries.entry_of_settlement(chart_of(client), settlement, key=key, on=back.on, what=what), client)
        use_credit(client, key, back.on, back.at)
        return back


def _list_rate(block: Block, rate: int, credited: int) -> ListRate:
    return ListRate(rate, block.draws.aggregate(sum=Sum("seconds"))["sum"] or 0, credited)


def pay_out_rest(client: Client, settlement: Settlement, giving: Giving) -> None:
    """Pay out what a settlement left over, once what the client owes is settled; unless it stays his credit."""
    if giving.how is not None and settlement.credit_change > 0:
        _keep_payout(client, settlement.credit_change, giving)


def _keep_payout(client: Client, amount: int, giving: Giving) -> Payout:
    sources = sources_of(client)

    settlement = settling.pay_out(settling.Debts(credit=sum(source.left for source in sources)), amount)

    payout = Payout.objects.create(
        client=client, amount=amount, on=local_day(giving.at), at=giving.at, how=giving.how or How.TRANSFER,
        reference=giving.reference.strip()[:140], why=giving.why.strip()[:200], recorded_by=giving.by,
    )  # fmt: skip
    keep_payout(sources, payout)
    key, what = f"payout:{payout.pk}", "Paid back to the client"
    post(entries.entry_of_settlement(chart_of(client), settlement, key=key, on=payout.on, what=what), client)
    return payout
