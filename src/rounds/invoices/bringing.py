"""Brings over what a client had in the old books, with its entry; undoes a whole file while nothing is built on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from django.db import transaction
from django.db.models import F

from rounds.charges import bringing as accounts
from rounds.charges.accounts import hold
from rounds.charges.models import Closing
from rounds.clients.models import Client
from rounds.core import bringing
from rounds.core.bringing import Brought, OldInvoice
from rounds.core.money import Refused
from rounds.invoices.issuing import parties_of
from rounds.invoices.models import (
    BroughtOver,
    Invoice,
    InvoiceLine,
    Opening,
    Payment,
    Reversal,
    Series,
    Undoing,
    WriteOff,
)
from rounds.ledger.booking import chart_of, post
from rounds.people.models import Shop, User
from rounds.people.shop import local_moment, the_shop

WHAT, UNDONE = "Brought over from the old books", "Brought over by mistake"


@dataclass(frozen=True, slots=True)
class Told:
    """What a line of a file says: its key among all that stand, and its cells; `note` is printed with an invoice."""

    key: str
    cells: dict[str, str]
    note: str = ""


@transaction.atomic
def bring_over(opening: Opening, client: Client, brought: Brought, told: Sequence[Told]) -> None:
    """Keep what a client brings over, and book it.

    `told` are the lines it comes from: one for each block, each month of included hours, the retainer, the credit and
    each invoice, in this order.
    """
    hold(client)
    kept = accounts.bring_over(client, brought, key=f"{opening.pk}:{client.pk}", at=opening.at)
    lines = iter(told)

    def keep(**made: object) -> None:
        line = next(lines)
        BroughtOver.objects.create(opening=opening, client=client, key=line.key, told=line.cells, **made)

    for block in kept.blocks:
        keep(block=block)
    for last, _seconds in brought.rolled:
        keep(hours=kept.rolled[last])
    if kept.retainer is not None:
        keep(move=kept.retainer)
    if brought.credit:
        keep(payment=_keep_credit(opening, client, brought.credit))
    start = len(told) - len(brought.invoices)
    for closing, old, line in zip(kept.closings, brought.invoices, told[start:], strict=True):
        keep(invoice=_keep_invoice(opening, closing, old, line.note))
    own = replace(brought, blocks=tuple(accounts.block_value(row) for row in kept.blocks))
    key = f"opening:{opening.pk}:{client.pk}"
    post(bringing.entry_of_opening(chart_of(client), own, key=key, what=WHAT), client)


def _keep_credit(opening: Opening, client: Client, amount: int) -> Payment:
    return Payment.objects.create(
        client=client, amount=amount, on=opening.on, at=opening.at, note=WHAT.lower(), recorded_by=opening.by
    )


def _keep_invoice(opening: Opening, closing: Closing, old: OldInvoice, note: str) -> Invoice:
    """Keep an old invoice under its old number: what is open is its total here."""
    invoice = Invoice.objects.create(
        closing=closing,
        client=closing.client,
        series=f"open-{opening.pk}",
        number=Invoice.objects.filter(series=f"open-{opening.pk}").count() + 1,
        old_number=old.number,
        issued_on=old.on,
        due_on=old.due,
        issued_at=local_moment(old.on, time(12)),
        tax=old.tax,
        total=old.open,
        from_retainer=0,
        asked=0,
        **parties_of(the_shop(), closing.client),
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, position=line.position, kind=line.kind, text=note or WHAT, amount=line.amount,
            tax_id=line.tax_id,
        )
        for line in closing.lines.all()
    )  # fmt: skip
    return invoice


def begin_series(opening: Opening, name: str, first: int, told: Told) -> None:
    """Let a series of numbers begin with a number. Refused: below what is issued, or it has begun."""
    set_first_number(name, first)
    BroughtOver.objects.create(opening=opening, key=told.key, told=told.cells)


@transaction.atomic
def set_first_number(name: str, first: int) -> None:
    """Let a series begin with a number, as long as none of it was issued. Refused otherwise, or below 1."""
    refuse_first_number(name, first)
    Series.objects.get_or_create(name=name)
    if not Series.objects.filter(name=name, last=F("first") - 1).update(first=first, last=first - 1):
        refuse_first_number(name, first)


def refuse_first_number(name: str, first: int) -> None:
    """Refuse a first number below 1, or for a series that has begun."""
    if first < 1:
        raise Refused("numbers begin with 1 at the earliest")
    row = Series.objects.filter(name=name).exclude(last=F("first") - 1).first()
    if row is not None:
        raise Refused(f"{name}-{row.last:04d} is issued: numbers go on from there without a gap")


def take_turns() -> None:
    """Let others wait who bring over or undo a file, for the rest of the transaction: two might be the same."""
    the_shop()
    list(Shop.objects.select_for_update())


@transaction.atomic
def undo(opening: Opening, *, at: datetime, by: User | None) -> Undoing:
    """Undo a whole file. Refused, and nothing is undone: anything of it was used, paid, credited or reminded of."""
    take_turns()
    if Undoing.objects.filter(opening=opening).exists():
        raise Refused("this file has been undone already")
    row = Undoing.objects.create(opening=opening, at=at, by=by)
    lines = list(opening.lines.select_related("client", "block", "hours__client", "move__client", "payment", "invoice"))
    by_client: dict[Client, list[BroughtOver]] = {}
    for line in lines:
        if line.client is None:
            _take_off_series(line)
        else:
            by_client.setdefault(line.client, []).append(line)
    for client, own in by_client.items():
        _undo_client(client, own, row)
    return row


def _undo_client(client: Client, lines: list[BroughtOver], undoing: Undoing) -> None:
    hold(client)
    opening = undoing.opening
    back = Brought(opening.on)
    for line in lines:
        back = _take_off(line, back, undoing)
    accounts.next_turn(client)
    key = f"opening:{opening.pk}:{client.pk}:undone"
    post(bringing.entry_of_undoing(chart_of(client), back, key=key, what=UNDONE), client)


def _take_off(line: BroughtOver, back: Brought, undoing: Undoing) -> Brought:
    """Take off what a line made, and add it to what the entry takes back."""
    if line.block is not None:
        accounts.take_off_block(line.block, undoing.at)
        return replace(back, blocks=(*back.blocks, accounts.block_value(line.block)))
    if line.hours is not None:
        accounts.take_off_hours(line.hours, undoing.at)
    elif line.move is not None:
        accounts.take_off_retainer(line.move)
        return replace(back, retainer=back.retainer + line.move.amount)
    elif line.payment is not None:
        _take_off_credit(line.payment, undoing)
        return replace(back, credit=back.credit + line.payment.amount)
    elif line.invoice is not None:
        invoice = line.invoice
        _take_off_invoice(invoice, undoing)
        old = OldInvoice(invoice.old_number, invoice.issued_on, invoice.due_on, invoice.total, invoice.tax)
        return replace(back, invoices=(*back.invoices, old))
    return back


def _take_off_credit(payment: Payment, undoing: Undoing) -> None:
    if payment.allocations.exists():
        raise Refused(f"credit of {payment.client} has paid for an invoice since")
    Reversal.objects.create(
        payment=payment, on=payment.on, at=undoing.at, why=UNDONE.lower(), recorded_by=undoing.by
    )  # fmt: skip


def _take_off_invoice(invoice: Invoice, undoing: Undoing) -> None:
    """Nothing stays open on it, and it is shown nowhere."""
    touched = (invoice.allocations, invoice.credit_notes, invoice.write_offs, invoice.reminders)
    if any(rows.exists() for rows in touched):
        raise Refused(f"invoice {invoice} has been paid, credited, written off or reminded of since")
    WriteOff.objects.create(
        invoice=invoice, amount=invoice.total, on=undoing.opening.on, at=undoing.at, why=UNDONE.lower(),
        recorded_by=undoing.by,
    )  # fmt: skip


def _take_off_series(line: BroughtOver) -> None:
    name = line.key.partition(":")[2]
    if not Series.objects.filter(name=name, last=F("first") - 1).update(first=1, last=0):
        raise Refused(f"numbers of {name} have been issued since")
