"""Electronic invoices: an invoice or credit note goes in, EN 16931 as CII or UBL, or a PDF with the CII, comes out.

The library's own check of business rules is always off: it posts the invoice to a server on this machine, and passes
when none answers. The official rules run in the tests, and by `rounds invoices check` (`checking_rules`).
"""

import copy

from facturx.generate_xml import generate_xml

from rounds.core.account import Kind
from rounds.core.e_invoice import Item, Paper, Party, differences, missing, terms_of
from rounds.core.money import Refused
from rounds.core.taxing import TaxRow
from rounds.invoices.embedding import declare
from rounds.invoices.models import CreditNote, Invoice, InvoiceLine
from rounds.invoices.printing import invoice_pdf, received_at_issue

CII, UBL = "factur-x", "ubl-2.1"


def paper_of(invoice: Invoice) -> Paper:
    """An invoice as the values printed on it; what is paid is what was paid when it was issued."""
    return Paper(
        number=invoice.full_number,
        on=invoice.issued_on,
        due=invoice.due_on,
        currency=invoice.currency,
        shop=_shop(invoice),
        client=_client(invoice),
        items=tuple(_item(line) for line in invoice.lines.select_related("tax")),
        taxes=tuple(row.row for row in invoice.taxes),
        paid=invoice.from_retainer + received_at_issue(invoice),
        bank_details=invoice.shop_bank_details,
    )


def paper_of_credit(note: CreditNote) -> Paper:
    """A credit note as values: what it takes back of each tax, of what is not taxed, and of retainer money."""
    invoice = note.invoice
    text = f"Credit for invoice {invoice}: {note.why}"
    rows = [TaxRow(one.row.value, one.base, one.tax) for one in note.taxes.select_related("row")]
    items = [Item(text, Kind.LABOUR, row.base, row.tax) for row in rows]
    more = ((Kind.LABOUR, note.untaxed), (Kind.RETAINER, note.asked + note.from_retainer))
    items += [Item(text, kind, amount) for kind, amount in more if amount]
    return Paper(
        number=note.full_number,
        on=note.on,
        due=note.on,
        currency=invoice.currency,
        shop=_shop(invoice),
        client=_client(invoice),
        items=tuple(items),
        taxes=tuple(rows),
        paid=note.to_retainer,
        corrects=(invoice.full_number, invoice.issued_on),
    )


def reasons_against(invoice: Invoice) -> list[str]:
    """What an invoice lacks to be an electronic one, or what does not add up in it; nothing: its PDF holds one."""
    paper = paper_of(invoice)
    return missing(paper) or differences(terms_of(paper))


def e_invoice(paper: Paper, flavor: str = CII) -> bytes:
    """Write the XML, checked against its schema and its sums. Refused: what is missing, or does not add up."""
    terms = terms_of(paper)
    wrong = differences(terms)
    if wrong:
        raise Refused("; ".join(wrong))
    made: bytes = generate_xml(
        copy.deepcopy(terms), flavor=flavor, level="en16931", check_xsd=True, check_schematron=False
    )  # a copy: the library changes what it is given
    return made


def document_of(invoice: Invoice) -> bytes:
    """The invoice's PDF, with the electronic invoice in it where nothing is missing; at any later time the same."""
    paper = paper_of(invoice)
    if missing(paper) or differences(terms_of(paper)):
        return invoice_pdf(invoice)
    return declare(invoice_pdf(invoice, e_invoice(paper)))


def _shop(invoice: Invoice) -> Party:
    return Party(invoice.shop_name, invoice.shop_address, invoice.shop_country, invoice.shop_tax_number)


def _client(invoice: Invoice) -> Party:
    return Party(invoice.client_name, invoice.client_address, invoice.client_country, invoice.client_tax_number)


def _item(line: InvoiceLine) -> Item:
    return Item(
        text=line.text,
        kind=line.kind,
        amount=line.amount,
        tax=line.tax.value if line.tax else None,
        seconds=line.seconds,
        quantity=line.quantity,
        rate=line.rate,
        first_day=line.first_day or line.done_on,
        last_day=line.last_day or line.done_on,
    )
