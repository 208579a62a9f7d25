"""Credits lines of an invoice with the tax on them, and says what any credit note takes back of tax and of lines."""

from collections.abc import Mapping

from django.db.models import Sum

from rounds.core.account import Kind
from rounds.core.crediting import Creditable, Parts, Taxed
from rounds.core.money import Refused, show_amount
from rounds.invoices.models import CreditLine, CreditNote, CreditTax, Invoice, InvoiceLine


def whole_of(invoice: Invoice) -> Parts:
    """An invoice's taxes, and its lines without one; retainer money, asked for or deposited, is none of them."""
    untaxed = invoice.lines.filter(tax=None).exclude(kind=Kind.RETAINER.value).aggregate(sum=Sum("amount"))["sum"]
    return Parts(int(untaxed or 0), tuple(Taxed(row.base, row.amount) for row in invoice.taxes))


def creditable(invoice: Invoice) -> Creditable:
    """What can be credited of an invoice, and how it came to that."""
    found = Creditable.of(whole_of(invoice))
    for note in invoice.credit_notes.prefetch_related("taxes", "lines").order_by("pk"):
        found = found.after(_aligned(note, invoice), is_by_lines=bool(note.lines.all()))
    return found


def left_of(invoice: Invoice) -> Parts:
    """What no credit note has taken back of it yet."""
    return creditable(invoice).left


def _aligned(note: CreditNote, invoice: Invoice) -> Parts:
    """What a credit note took back, with nothing for the taxes that it did not touch."""
    kept = {one.row_id: Taxed(one.base, one.tax) for one in note.taxes.all()}
    return Parts(note.untaxed, tuple(kept.get(row.pk, Taxed()) for row in invoice.taxes))


def parts_kept(note: CreditNote) -> Parts:
    """What a credit note took back, as it was kept with it: only the taxes that it touched."""
    return Parts(note.untaxed, tuple(Taxed(one.base, one.tax) for one in note.taxes.all()))


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
    found, sums = creditable(invoice), dict[int | None, int]()
    for key, amount in taken.items():
        sums[lines[key].tax_id] = sums.get(lines[key].tax_id, 0) + amount
    untaxed, bases = sums.get(None, 0), [sums.get(row.pk, 0) for row in invoice.taxes]
    left = [row.base for row in found.left.rows]
    if untaxed > found.left.untaxed or any(base > most for base, most in zip(bases, left, strict=True)):
        raise Refused("a part of this was credited before by its amount: credit the rest by an amount, too")
    return found.by_lines(untaxed, bases)


def keep_taxes(note: CreditNote, parts: Parts) -> None:
    """Keep what a credit note takes back of each tax of its invoice."""
    CreditTax.objects.bulk_create(
        CreditTax(note=note, row=row, base=one.base, tax=one.tax)
        for row, one in zip(note.invoice.taxes, parts.rows, strict=True)
        if one.base or one.tax
    )


def codes_of(invoice: Invoice, parts: Parts) -> tuple[tuple[str, int], ...]:
    """The tax that a credit note takes back, by code."""
    return tuple((row.code, one.tax) for row, one in zip(invoice.taxes, parts.rows, strict=True))


def keep_lines(note: CreditNote, taken: Mapping[int, int]) -> None:
    """Keep which lines a credit note takes back."""
    CreditLine.objects.bulk_create(CreditLine(note=note, line_id=key, amount=cents) for key, cents in taken.items())


def _refuse_more(line: InvoiceLine, amount: int, left: int) -> None:
    if amount < 1:
        raise Refused(f"“{line.text}”: a credit is more than nothing")
    if amount > left:
        raise Refused(f"“{line.text}” has {show_amount(left)} left to credit")
