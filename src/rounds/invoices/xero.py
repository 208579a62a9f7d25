"""Gives the invoices and credit notes of some days as Xero's sales invoice template takes them, a line a row."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from rounds.core.account import Kind
from rounds.core.chart import ACCOUNTS
from rounds.core.money import round_half_away
from rounds.core.oneline import one_line
from rounds.invoices.crediting import parts_kept
from rounds.invoices.models import CreditNote, Invoice
from rounds.pages.listing import as_number

# The header of Xero's SalesInvoiceTemplate.csv: a star marks what must be filled in, and no column may be left out.
HEADER = (
    "*ContactName", "EmailAddress", "POAddressLine1", "POAddressLine2", "POAddressLine3", "POAddressLine4", "POCity",
    "PORegion", "POPostalCode", "POCountry", "*InvoiceNumber", "Reference", "*InvoiceDate", "*DueDate", "Total",
    "InventoryItemCode", "*Description", "*Quantity", "*UnitAmount", "Discount", "*AccountCode", "*TaxType",
    "TaxAmount", "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2", "Currency", "BrandingTheme",
)  # fmt: skip
TAXED, NO_TAX = "Tax on Sales", "Tax Exempt"
RETAINER = ACCOUNTS["liabilities:retainer"].code
CREDITED = ACCOUNTS["income:credited"].code

type Item = tuple[str, int, str, bool, int]  # text, cents before tax, account's code, whether taxed, cents of tax


def invoice_rows(first: date, last: date) -> Iterator[Sequence[object]]:
    """The invoices issued from day to day: one row a line. Those of the old books are left out."""
    yield HEADER
    issued = Invoice.objects.filter(issued_on__gte=first, issued_on__lte=last, old_number="")
    for invoice in issued.order_by("issued_on", "pk").prefetch_related("lines").iterator(chunk_size=500):
        days = (invoice.issued_on, invoice.due_on)
        for item in _items(invoice):
            yield _row(invoice, invoice.full_number, "", days, invoice.total - invoice.from_retainer, item)


def credit_rows(first: date, last: date) -> Iterator[Sequence[object]]:
    """The credit notes of these days, with negative amounts, each naming its invoice as reference."""
    yield HEADER
    notes = CreditNote.objects.filter(on__gte=first, on__lte=last).select_related("invoice").order_by("on", "pk")
    for note in notes.iterator(chunk_size=500):
        for item in _credited(note):
            reference, total = note.invoice.full_number, note.to_retainer - note.amount
            yield _row(note.invoice, note.full_number, reference, (note.on, note.on), total, item)


def _items(invoice: Invoice) -> Iterator[Item]:
    """Its lines, with their share of its tax (cumulative, the last takes the rest), and what the retainer pays."""
    lines = list(invoice.lines.all())
    taxed, before, given = sum(line.amount for line in lines if line.is_taxable), 0, 0
    for line in lines:
        tax = 0
        if line.is_taxable and taxed:
            before += line.amount
            tax = round_half_away(Fraction(invoice.tax * before, taxed)) - given
            given += tax
        yield line.text, line.amount, _code(line.kind), line.is_taxable, tax
    if invoice.from_retainer:
        yield "Paid from the retainer", -invoice.from_retainer, RETAINER, False, 0


def _code(kind: str) -> str:
    """The account of a line: where its revenue belongs, or the client's retainer."""
    return RETAINER if kind == Kind.RETAINER.value else ACCOUNTS[f"income:{kind}"].code


def _credited(note: CreditNote) -> Iterator[Item]:
    """What a credit note takes back: of taxed and untaxed lines, and of retainer money."""
    kept, held = parts_kept(note), note.asked + note.from_retainer
    if kept.taxed or kept.tax:
        yield note.why, -kept.taxed, CREDITED, True, -kept.tax
    if kept.untaxed:
        yield note.why, -kept.untaxed, CREDITED, False, 0
    if held:
        yield note.why, -held, RETAINER, False, 0
    if note.to_retainer:
        yield "Back onto the retainer", note.to_retainer, RETAINER, False, 0


def _row(
    invoice: Invoice, number: str, reference: str, days: tuple[date, date], total: int, item: Item
) -> Sequence[object]:  # fmt: skip
    text, amount, code, is_taxed, tax = item
    on, due = (f"{day:%d/%m/%Y}" for day in days)
    return (
        one_line(invoice.client_name), *[""] * 9, number, reference, on, due, as_number(total), "",
        one_line(text), 1, as_number(amount), "", code, TAXED if is_taxed else NO_TAX, as_number(tax), *[""] * 4,
        invoice.currency, "",
    )  # fmt: skip
