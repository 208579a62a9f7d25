"""Credit notes: what was charged by mistake, whole, by line or by an amount, goes back the way it was paid."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from rounds.charges import forgoing
from rounds.charges.accounts import hold
from rounds.charges.forgoing import Taking
from rounds.charges.keeping import Cause
from rounds.charges.models import Block
from rounds.core import entries, settling
from rounds.core.account import Kind
from rounds.core.crediting import Parts
from rounds.core.money import Refused, show_amount
from rounds.core.settling import Crediting
from rounds.invoices.crediting import Creditability, codes_of, creditability, keep_lines, keep_taxes
from rounds.invoices.debts import Source, load_debts, retainer_of
from rounds.invoices.issuing import bring, next_number
from rounds.invoices.models import CreditNote, Invoice, WriteOff
from rounds.invoices.settling import keep_allocations, receive
from rounds.ledger.booking import chart_of, post
from rounds.people.models import User
from rounds.people.shop import local_day


@dataclass(frozen=True, slots=True)
class Deed:
    """A credit note as it is decided: its parts, what it settles, what it takes of charges and of a block.

    `lines` are cents by the keys of the lines that it names; `fees` are cents of fees and monitoring in it that are for
    days to come.
    """

    parts: Parts
    crediting: Crediting
    taking: Taking
    lines: Mapping[int, int] = field(default_factory=dict)
    fees: tuple[tuple[Kind, int], ...] = ()


def credit(
    invoice: Invoice, amount: int | None, *, at: datetime, why: str, by: User | None = None, do_hours_stay: bool = False
) -> CreditNote:
    """Credit cents of an invoice, its tax included (None: all that is left): lowers what is open; the rest goes back.

    With all that is left the hours go back that its work drew, unless they are to stay. Refused: nothing, more than is
    left, or no reason.
    """
    if amount is not None and amount < 1:
        raise Refused("a credit is more than nothing")
    note = _note(invoice, at=at, why=why, by=by)
    with transaction.atomic():
        hold(invoice.client)
        return keep_credit(note, decide(invoice, amount, do_hours_stay=do_hours_stay))


def credit_lines(
    invoice: Invoice, taken: Mapping[int, int], *, at: datetime, why: str, by: User | None = None,
    do_hours_stay: bool = False,
) -> CreditNote:  # fmt: skip
    """Credit lines of an invoice, or parts of them (cents before tax, by the line's key), with the tax on them.

    With all the money of some work the hours go back that it drew, unless they are to stay. Refused: no reason, and as
    `Creditability.by_line` refuses.
    """
    note = _note(invoice, at=at, why=why, by=by)
    with transaction.atomic():
        hold(invoice.client)
        return keep_credit(note, decide_lines(invoice, taken, do_hours_stay=do_hours_stay))


def _note(invoice: Invoice, *, at: datetime, why: str, by: User | None) -> CreditNote:
    if not why.strip():
        raise Refused("say why: the reason is printed on the credit note")
    bring(invoice.client, at)
    return CreditNote(
        invoice=invoice, client=invoice.client, on=local_day(at), at=at, why=why.strip(), recorded_by=by
    )  # fmt: skip


def standing_of(invoice: Invoice) -> Creditability:
    """What can be credited of an invoice now."""
    return creditability(invoice, load_debts(invoice.client, invoice), retainer=retainer_of(invoice.client))


def decide(invoice: Invoice, amount: int | None, *, do_hours_stay: bool = False) -> Deed:
    """Find what crediting cents of an invoice is (None: all that is left). Refused: more than is left."""
    debts, retainer = load_debts(invoice.client, invoice), retainer_of(invoice.client)
    found = creditability(invoice, debts, retainer=retainer)
    wanted = found.most if amount is None else amount
    if not 0 < wanted <= found.most:
        raise Refused(f"{show_amount(found.most)} of the invoice is left to credit")
    crediting = settling.credit(debts, invoice.pk, wanted, retainer=retainer)
    parts = found.left.found.by_amount(entries.credited_revenue(crediting))
    return Deed(parts, crediting, _with_block(invoice, found.taking_amount(parts, do_hours_stay=do_hours_stay), parts))


def decide_lines(invoice: Invoice, taken: Mapping[int, int], *, do_hours_stay: bool = False) -> Deed:
    """Find what crediting lines is. Refused: as `Creditability.by_line` refuses."""
    debts, retainer = load_debts(invoice.client, invoice), retainer_of(invoice.client)
    found = creditability(invoice, debts, retainer=retainer)
    parts = found.by_line(taken)
    crediting = settling.credit(debts, invoice.pk, parts.total, retainer=retainer)
    taking = _with_block(invoice, found.taking_lines(taken, do_hours_stay=do_hours_stay), parts)
    return Deed(parts, crediting, taking, taken)


def _with_block(invoice: Invoice, taking: Taking, parts: Parts) -> Taking:
    block = Block.objects.filter(purchase__closing=invoice.closing_id).first()
    return replace(taking, block=block.pk, net=parts.net) if block is not None else taking


def keep_credit(note: CreditNote, deed: Deed) -> CreditNote:
    """Keep a credit note, inside a transaction that holds the client."""
    client, invoice, crediting = note.client, note.invoice, deed.crediting

    note.series, note.amount = f"C{note.on.year}", crediting.amount
    note.number = next_number(note.series)
    note.lowers, note.over, note.to_retainer = crediting.lowered, crediting.over, crediting.returned
    note.asked, note.from_retainer = crediting.asked, crediting.held
    note.tax, note.untaxed = deed.parts.tax, deed.parts.untaxed
    note.save(force_insert=True)
    keep_taxes(note, deed.parts)
    keep_lines(note, deed.lines)
    keep_allocations([Source(note, note.over)], crediting.beyond.allocations, note.on)
    cause, what = Cause(f"credit:{note.pk}", note.on, note.at), f"Credit note {note} for invoice {invoice}"
    receive(client, crediting.all_receipts, note.on, note.at)
    was_lost = load_debts(client, invoice).find(invoice.pk).lost
    taken = forgoing.credit(client, crediting, deed.taking, cause)
    hours = tuple(refund for refund in taken.refunds if not refund.was_credited)
    back = entries.TakenBack(codes_of(invoice, deed.parts), hours, deed.fees)
    post(entries.entry_of_credit(chart_of(client), crediting, back, key=cause.key, on=note.on, what=what), client)
    if was_lost:
        _recover(note, crediting.recovered, cause)
    return note


def _recover(note: CreditNote, recovered: int, cause: Cause) -> None:
    """Nobody paid what was written off, and nobody has to: it is no loss any more, as it was never owed."""
    if recovered:
        WriteOff.objects.create(
            invoice=note.invoice, amount=-recovered, on=note.on, at=note.at, why=f"credit note {note}",
            recorded_by=note.recorded_by,
        )  # fmt: skip
    keep_lost(note.invoice, cause)


def keep_lost(invoice: Invoice, cause: Cause) -> None:
    """Keep how much of each charge is written off now."""
    found = standing_of(invoice)
    forgoing.lose(invoice.client, found.lost_shares(found.receivable.lost), cause)
