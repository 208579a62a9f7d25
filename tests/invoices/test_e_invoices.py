"""Electronic invoices of real invoices and credit notes: in the PDF, as CII and UBL, checked by the official rules."""

from collections.abc import Callable
from datetime import date
from io import BytesIO, StringIO

import facturx
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from pypdf import PdfReader

from rounds.clients.models import Client, ShopTerms
from rounds.invoices.e_invoicing import (
    CII,
    UBL,
    document_of,
    e_invoice,
    paper_of,
    paper_of_credit,
    reasons_against,
)
from rounds.invoices.embedding import declare
from rounds.invoices.issuing import bring
from rounds.invoices.mailing import pull as write_letters
from rounds.invoices.models import CreditNote, Invoice
from rounds.invoices.noting import credit
from rounds.invoices.official_rules import ask
from rounds.invoices.paying import Came, pay
from rounds.invoices.printing import invoice_pdf
from rounds.invoices.selling import buy_hours, deposit
from rounds.mail.models import Letter
from rounds.people.models import Shop, User
from tests.trade import agreed, moment, taxed, used, worked

FIRST = moment(2026, 4, 1)
AsPerson = Callable[[User], Browser]


@pytest.fixture
def european(shop: Shop, northside: Client) -> None:
    """A shop and a client of which everything is known that an electronic invoice needs."""
    Shop.objects.update(
        address="Gasse 1\n1010 Wien", country="AT", tax_number="ATU12345678", currency="EUR",
        bank_details="First Bank\nIBAN AT61 1904 3002 3457 3201",
    )  # fmt: skip
    taxed("20%", "part", "labour", "hours", "fee")
    Client.objects.update(billing_address="Weg 2\n10115 Berlin", country="DE", tax_number="DE123456789")
    northside.refresh_from_db()


@pytest.fixture
def billed(european: None, northside: Client, theo: User) -> list[Invoice]:
    """A deposit, a block, and an invoice with odd minutes, a part, untaxed monitoring, retainer money."""
    agreed(
        northside, "retainer", date(2026, 3, 2), discount="5%", monitoring="49.00", low_at_amount=10_00,
        top_up_to=300_00,
    )  # fmt: skip
    taken = deposit(northside, 100_00, at=moment(2026, 3, 3))
    bought = buy_hours(northside, 1, at=moment(2026, 3, 4))
    worked(northside, date(2026, 3, 12), 157, by=theo, note="Profile rebuilt")
    used(northside, date(2026, 3, 13), 80_05, by=theo, name="SSD 1 TB")
    return [one for one in (taken, bought, *bring(northside, FIRST)) if one is not None]


def _kept(xml: bytes, flavor: str) -> bool:
    verdict = ask(xml, flavor)
    assert verdict.broken == ()
    return verdict.is_kept


@pytest.mark.parametrize("flavor", [CII, UBL])
def test_every_kind_of_invoice_keeps_the_official_rules(billed: list[Invoice], flavor: str) -> None:
    assert [reasons_against(invoice) for invoice in billed] == [[]] * len(billed)

    assert all(_kept(e_invoice(paper_of(invoice), flavor), flavor) for invoice in billed)


@pytest.mark.parametrize("flavor", [CII, UBL])
def test_interest_charged_and_given_back_keeps_the_official_rules(
    european: None, northside: Client, theo: User, flavor: str
) -> None:
    ShopTerms.objects.create(since=date(2026, 1, 1), interest_rate="12% a year")
    late = buy_hours(northside, 1, at=moment(2026, 3, 4))

    charged = bring(northside, FIRST)
    pay(northside, 120_00, at=moment(2026, 4, 2), invoice=late, came=Came(on=date(2026, 3, 5)))
    worked(northside, date(2026, 4, 8), 157, by=theo, note="Profile rebuilt")
    given_back = bring(northside, moment(2026, 5, 1))

    papers = [*charged, *given_back]
    assert [line.kind for one in papers for line in one.lines.all()].count("interest") == 2
    assert all(_kept(e_invoice(paper_of(one), flavor), flavor) for one in papers)


def test_it_says_what_the_invoice_says(billed: list[Invoice]) -> None:
    paper = paper_of(billed[-1])

    assert (paper.total, paper.tax) == (billed[-1].total, billed[-1].tax)
    assert paper.paid == billed[-1].from_retainer > 0
    assert {item.kind for item in paper.items} >= {"labour", "part", "monitoring", "retainer"}


@pytest.mark.parametrize("flavor", [CII, UBL])
def test_credit_notes_keep_the_official_rules_and_together_credit_all(
    northside: Client, billed: list[Invoice], flavor: str
) -> None:
    invoice = billed[-1]
    for amount in (1, 33_33, 1, invoice.total - 33_35):
        credit(invoice, amount, at=FIRST, why="Charged twice")
    papers = [paper_of_credit(note) for note in CreditNote.objects.order_by("pk")]

    assert all(_kept(e_invoice(paper, flavor), flavor) for paper in papers)
    assert sum(paper.total for paper in papers) == invoice.total
    assert sum(paper.tax for paper in papers) == invoice.tax
    assert b">381<" in e_invoice(papers[0], flavor)


def test_the_pdf_holds_the_cii_under_its_name_and_is_the_same_at_any_later_time(
    northside: Client, billed: list[Invoice]
) -> None:
    with time_machine.travel(moment(2026, 4, 2)):
        first = document_of(billed[-1])
    pay(northside, 50_00, at=moment(2026, 4, 3))

    assert document_of(billed[-1]) == first
    name, xml = facturx.get_xml_from_pdf(first, check_xsd=True, check_schematron=False)
    assert name == "factur-x.xml"
    assert _kept(xml, CII)
    reader = PdfReader(BytesIO(first))
    assert reader.metadata is not None
    assert reader.metadata.modification_date == billed[-1].issued_at
    assert "/StructTreeRoot" in reader.root_object  # it can be read aloud


def test_its_letter_carries_the_same_document(northside: Client, billed: list[Invoice]) -> None:
    northside.contacts.update(gets_invoices=True)

    write_letters(FIRST)

    letter = Letter.objects.get(key=f"invoice:{billed[-1].pk}")
    assert bytes(letter.attachment or b"") == document_of(billed[-1])


def test_without_a_country_the_pdf_is_plain_and_the_page_says_what_is_missing(
    northside: Client, theo: User, as_person: AsPerson
) -> None:
    invoice = buy_hours(northside, 1, at=FIRST)
    assert invoice is not None

    page = as_person(theo).get(f"/invoices/{invoice}").content.decode()

    assert document_of(invoice) == invoice_pdf(invoice)
    assert "the shop’s country" in page
    refused = as_person(theo).get(f"/invoices/{invoice}/cii.xml", follow=True).content.decode()
    assert "Not made: an electronic invoice needs" in refused


def test_what_is_added_later_does_not_change_an_issued_invoice(northside: Client) -> None:
    invoice = buy_hours(northside, 1, at=FIRST)
    assert invoice is not None

    Shop.objects.update(address="12 Mill Street", country="US", tax_number="12-345")

    assert "the shop’s country" in reasons_against(Invoice.objects.get())


def test_a_client_without_a_country_is_in_the_shops(european: None, northside: Client) -> None:
    Client.objects.update(country="")
    northside.refresh_from_db()

    invoice = buy_hours(northside, 1, at=FIRST)

    assert invoice is not None
    assert invoice.client_country == "AT"


@pytest.mark.parametrize(("syntax", "said"), [("cii", b"CrossIndustryInvoice"), ("ubl", b"<Invoice")])
def test_the_office_takes_it_away_as_cii_or_ubl(
    billed: list[Invoice], theo: User, as_person: AsPerson, syntax: str, said: bytes
) -> None:
    credit(billed[-1], 10_00, at=FIRST, why="Charged twice")
    browser = as_person(theo)

    reply = browser.get(f"/invoices/{billed[-1]}/{syntax}.xml")
    of_credit = browser.get(f"/credit-notes/{CreditNote.objects.get()}/{syntax}.xml")

    assert said in reply.content
    assert reply["Content-Disposition"] == f'attachment; filename="{billed[-1]}-{syntax}.xml"'
    assert b"381" in of_credit.content
    page = browser.get(f"/invoices/{billed[-1]}").content.decode()
    assert f"/invoices/{billed[-1]}/{syntax}.xml" in page
    assert f"/credit-notes/C2026-0001/{syntax}.xml" in page


@pytest.mark.parametrize("path", ["invoices/2026-0002/cii.xml", "credit-notes/C2026-0001/ubl.xml"])
def test_a_stranger_finds_no_electronic_invoice(
    billed: list[Invoice], stranger: User, theo: User, as_person: AsPerson, path: str
) -> None:
    credit(billed[-1], 10_00, at=FIRST, why="Charged twice")

    assert as_person(stranger).get(f"/{path}").status_code == 404
    assert Browser().get(f"/{path}").status_code == 302
    assert as_person(theo).get(f"/{path}").status_code == 200


@pytest.mark.parametrize(
    "path", ["invoices/2026-0001/edi.xml", "invoices/2026-9999/cii.xml", "credit-notes/C2026-9999/cii.xml",
             "credit-notes/C2026-x/cii.xml"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(billed: list[Invoice], theo: User, as_person: AsPerson, path: str) -> None:
    assert as_person(theo).get(f"/{path}").status_code == 404


def test_the_command_checks_by_number_and_fails_for_what_is_missing(billed: list[Invoice], elm: Client) -> None:
    credit(billed[-1], 10_00, at=FIRST, why="Charged twice")
    out = StringIO()

    call_command("invoices", "check", str(billed[-1]), "C2026-0001", stdout=out)

    lines = out.getvalue().splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"{billed[-1]} CII", f"{billed[-1]} UBL", "C2026-0001 CII", "C2026-0001 UBL",
    ]  # fmt: skip
    assert all(line.endswith("rules asked, 0 broken") for line in lines)
    with pytest.raises(CommandError, match="no invoice or credit note has this number"):
        call_command("invoices", "check", "2026-9999")


def test_the_pdf_declares_its_xml_in_metadata_that_any_reader_finds(billed: list[Invoice]) -> None:
    reader = PdfReader(BytesIO(document_of(billed[-1])), strict=True)

    metadata = reader.xmp_metadata
    assert metadata is not None
    told = metadata.rdf_root.toxml()
    for declared in (
        "<fx:ConformanceLevel>EN 16931<", "<fx:DocumentFileName>factur-x.xml<", "<fx:DocumentType>INVOICE<",
        "<pdfaSchema:prefix>fx<", "<pdfaid:part>3<", "<pdfaid:conformance>B<",
    ):  # fmt: skip
        assert declared in told
    assert list(reader.attachments) == ["factur-x.xml"]
    assert str(billed[-1]) in "".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7 something else", b"trailer\n<<>>\nstartxref\n1\n%%EOF"])
def test_what_typst_did_not_write_is_not_touched(pdf: bytes) -> None:
    with pytest.raises(ValueError, match="not a PDF as typst writes it"):
        declare(pdf)
