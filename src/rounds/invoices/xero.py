"""Gives the invoices and credit notes of some days as Xero's sales invoice template takes them, a line a row."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from rounds.charges.models import ClosingTax
from rounds.core.account import Kind
from rounds.core.bringing import OLD
from rounds.core.chart import ACCOUNTS
from rounds.core.money import round_half_away
from rounds.core.oneline import one_line
from rounds.core.taxing import PLAIN, TaxCategory
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

type Item = tuple[str, int, str, ClosingTax | None, int]  # text, cents before tax, account's code, its tax, cents of it


def invoice_rows(first: date, last: date) -> Iterator[Sequence[object]]:
    """The invoices issued from day to day: one row a line. Those of the old books are left out."""
    yield HEADER
    issued = Invoice.objects.filter(issued_on__gte=first, issued_on__lte=last, old_number="")
    for invoice in (
        issued.order_by("issued_on", "pk").prefetch_related("lines", "closing__taxes").iterator(chunk_size=500)
    ):
        days = (invoice.issued_on, invoice.due_on)
        for item in _items(invoice):
            yield _row(invoice, invoice.full_number, "", days, invoice.total - invoice.from_retainer, item)


def credit_rows(first: date, last: date) -> Iterator[Sequence[object]]:
    """The credit notes of these days, with negative amounts, each naming its invoice as reference."""
    yield HEADER
    notes = CreditNote.objects.filter(on__gte=first, on__lte=last).select_related("invoice").order_by("on", "pk")
    for note in notes.prefetch_related("taxes__row").iterator(chunk_size=500):
        for item in _credited(note):
            reference, total = note.invoice.full_number, note.to_retainer - note.amount
            yield _row(note.invoice, note.full_number, reference, (note.on, note.on), total, item)


def _items(invoice: Invoice) -> Iterator[Item]:
    """Its lines, with their share of its tax (cumulative, the last takes the rest), and what the retainer pays."""
    rows = {row.pk: row for row in invoice.taxes}
    so_far = dict.fromkeys(rows, (0, 0))  # cents of lines with a tax, and of the tax
    for line in invoice.lines.all():
        row, tax = rows.get(line.tax_id or 0), 0
        if row is not None and row.base:
            before, given = so_far[row.pk]
            due = round_half_away(Fraction(row.amount * (before + line.amount), row.base))
            so_far[row.pk], tax = (before + line.amount, due), due - given
        yield line.text, line.amount, _code(line.kind), row, tax
    if invoice.from_retainer:
        yield "Paid from the retainer", -invoice.from_retainer, RETAINER, None, 0


def _code(kind: str) -> str:
    """The account of a line: where its revenue belongs, or the client's retainer."""
    return RETAINER if kind == Kind.RETAINER.value else ACCOUNTS[f"income:{kind}"].code


def _credited(note: CreditNote) -> Iterator[Item]:
    """What a credit note takes back: of taxed and untaxed lines, and of retainer money."""
    held = note.asked + note.from_retainer
    for one in note.taxes.all():
        yield note.why, -one.base, CREDITED, one.row, -one.tax
    if note.untaxed:
        yield note.why, -note.untaxed, CREDITED, None, 0
    if held:
        yield note.why, -held, RETAINER, None, 0
    if note.to_retainer:
        yield "Back onto the retainer", note.to_retainer, RETAINER, None, 0


def _tax_type(row: ClosingTax | None) -> str:
    """The name of a tax rate in Xero: its own for the shop's one tax, else a code's words and rate."""
    if row is None or (row.category == TaxCategory.STANDARD and not row.value.rate):
        return NO_TAX
    return TAXED if row.code in {PLAIN, OLD} else f"{row.words} {row.rate}"


def _row(
    invoice: Invoice, number: str, reference: str, days: tuple[date, date], total: int, item: Item
) -> Sequence[object]:  # fmt: skip
    text, amount, code, row, tax = item
    on, due = (f"{day:%d/%m/%Y}" for day in days)
    return (
        one_line(invoice.client_name), *[""] * 9, number, reference, on, due, as_number(total), "",
        one_line(text), 1, as_number(amount), "", code, _tax_type(row), as_number(tax), *[""] * 4,
        invoice.currency, "",
    )  # fmt: skip
