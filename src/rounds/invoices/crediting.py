"""Credits lines of an invoice with the tax on them, and says what any credit note takes back of tax and of lines."""

from collections.abc import Mapping

from django.db.models import Sum

from rounds.core import crediting
from rounds.core.account import Kind
from rounds.core.crediting import Parts
from rounds.core.money import Refused, show_amount
from rounds.invoices.models import CreditLine, CreditNote, Invoice, InvoiceLine


def whole_of(invoice: Invoice) -> Parts:
    """An invoice's tax, and its taxed and untaxed lines; retainer money, asked for or deposited, is none of them."""
    sums = {True: 0, False: 0}
    for line in invoice.lines.exclude(kind=Kind.RETAINER.value):
        sums[line.is_taxable] += line.amount
    return Parts(invoice.tax, sums[True], sums[False])


def left_of(invoice: Invoice) -> Parts:
    """What no credit note has taken back of it yet."""
    left = whole_of(invoice)
    for note in invoice.credit_notes.all():
        left = left.less(parts_kept(note))
    return left


def parts_kept(note: CreditNote) -> Parts:
    """What a credit note took back, as it was kept with it."""
    revenue = note.amount - note.asked - note.from_retainer
    return Parts(note.tax, revenue - note.tax - note.untaxed, note.untaxed)


def credited_of_lines(invoice: Invoice) -> dict[int, int]:
    """What was credited of each line by its name, by the line's key."""
    rows = CreditLine.objects.filter(line__invoice=invoice).order_by().values_list("line").annotate(Sum("amount"))
    return dict(rows)


def parts_of_lines(invoice: Invoice, taken: Mapping[int, int]) -> Parts:
    """What crediting some cents of some lines (by their keys) takes back.

    Refused: no line; more than a line has left; an invoice that asks for or brought retainer money.
    """
    if invoice.asked:
        raise Refused("retainer money is credited first (billing-rules.md): credit this invoice by an amount")
    lines = {line.pk: line for line in invoice.lines.all()}
    if not taken or set(taken) - set(lines):
        raise Refused("choose what to credit: at least one line of the invoice")
    before = credited_of_lines(invoice)
    for key, amount in taken.items():
        _refuse_more(lines[key], amount, lines[key].amount - before.get(key, 0))
    whole, left = whole_of(invoice), left_of(invoice)
    taxed = sum(amount for key, amount in taken.items() if lines[key].is_taxable)
    untaxed = sum(taken.values()) - taxed
    if taxed > left.taxed or untaxed > left.untaxed:
        raise Refused("a part of this was credited before by its amount: credit the rest by an amount, too")
    return crediting.by_lines(whole, left, taxed, untaxed)


def keep_lines(note: CreditNote, taken: Mapping[int, int]) -> None:
    """Keep which lines a credit note takes back."""
    CreditLine.objects.bulk_create(CreditLine(note=note, line_id=key, amount=cents) for key, cents in taken.items())


def _refuse_more(line: InvoiceLine, amount: int, left: int) -> None:
    if amount < 1:
        raise Refused(f"“{line.text}”: a credit is more than nothing")
    if amount > left:
        raise Refused(f"“{line.text}” has {show_amount(left)} left to credit")
