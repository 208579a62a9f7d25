"""The pages of invoices: the list, one invoice, its PDF, its letters, its credit notes; and who may see and do what."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client as Browser

from rounds.clients.models import Client, Contact
from rounds.invoices.issuing import bring
from rounds.invoices.models import CreditNote, Invoice
from rounds.invoices.paying import pay
from rounds.mail.models import Letter
from rounds.people.models import User
from tests.trade import moment, used, worked

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def invoice(northside: Client, theo: User) -> Invoice:
    """March at Northside: an hour and a disk, 180.00, due on 11 April 2026."""
    worked(northside, date(2026, 3, 12), 50, by=theo, note="Profile rebuilt")
    used(northside, date(2026, 3, 13), 80_00, by=theo, name="SSD 1 TB")
    (made,) = bring(northside, moment(2026, 4, 1))
    return made


@pytest.fixture
def other(elm: Client, theo: User) -> Invoice:
    """Elm Street's, 100.00."""
    worked(elm, date(2026, 3, 12), 60, by=theo)
    (made,) = bring(elm, moment(2026, 4, 1))
    return made


def _numbers(reply: object) -> list[str]:
    return [row.full_number for row in reply.context["listing"].rows]  # type: ignore[attr-defined]


def test_the_list_is_searched_filtered_and_sorted(
    invoice: Invoice, other: Invoice, theo: User, as_person: AsPerson
) -> None:
    pay(invoice.client, 180_00, at=moment(2026, 4, 5))
    browser = as_person(theo)

    assert _numbers(browser.get("/invoices")) == ["2026-0002", "2026-0001"]
    assert _numbers(browser.get("/invoices?q=north")) == ["2026-0001"]
    assert _numbers(browser.get("/invoices?q=2026-0002")) == ["2026-0002"]
    assert _numbers(browser.get("/invoices?q=2")) == ["2026-0002"]
    assert _numbers(browser.get("/invoices?state=paid")) == ["2026-0001"]
    assert _numbers(browser.get("/invoices?state=overdue")) == ["2026-0002"]
    assert _numbers(browser.get("/invoices?sort=-total")) == ["2026-0001", "2026-0002"]


def test_the_list_comes_as_csv_with_numbers(invoice: Invoice, theo: User, as_person: AsPerson) -> None:
    table = as_person(theo).get("/invoices?format=csv").getvalue().decode().splitlines()

    assert table == [
        "Number,Client,Date,Due,Currency,Tax,Total,From retainer,Open,Written off,State",
        "2026-0001,Northside Dental,2026-04-01,2026-04-11,USD,0.00,180.00,0.00,180.00,0.00,overdue",
    ]


def test_an_empty_list_says_what_would_fill_it(theo: User, as_person: AsPerson) -> None:
    assert "No invoice has been issued yet" in as_person(theo).get("/invoices").content.decode()


def test_each_line_leads_to_the_work_it_bills_and_says_why(invoice: Invoice, theo: User, as_person: AsPerson) -> None:
    text = as_person(theo).get("/invoices/2026-0001").content.decode()

    for line in invoice.lines.select_related("charge"):
        assert line.charge is not None
        assert f"/charges/{line.charge.rated_id}" in text
    assert "50 min → rounded up to 60 min (by 15)" in text
    assert "Profile rebuilt" in text
    assert "180.00" in text


@pytest.mark.parametrize("number", ["2026-0009", "nonsense", "2026-", "-1", "2026-99999999999999999999"])
def test_a_number_that_is_none_is_not_found(invoice: Invoice, theo: User, as_person: AsPerson, number: str) -> None:
    assert as_person(theo).get(f"/invoices/{number}").status_code == 404


def test_the_pdf_comes_under_the_number(invoice: Invoice, theo: User, as_person: AsPerson) -> None:
    reply = as_person(theo).get("/invoices/2026-0001.pdf")

    assert reply["Content-Type"] == "application/pdf"
    assert reply["Content-Disposition"] == 'inline; filename="invoice-2026-0001.pdf"'
    assert reply.content.startswith(b"%PDF-")


def test_an_invoice_is_sent_again_to_those_who_get_invoices(invoice: Invoice, bea: User, as_person: AsPerson) -> None:
    Contact.objects.filter(name="Nora").update(gets_invoices=True)

    reply = as_person(bea).post("/invoices/2026-0001/letters", follow=True)

    letter = Letter.objects.get()
    assert letter.to == ["nora@northside.example"]
    assert letter.attachment_name == "invoice-2026-0001.pdf"
    assert "goes to nora@northside.example within a minute" in reply.content.decode()


def test_an_invoice_that_nobody_gets_is_not_sent(invoice: Invoice, bea: User, as_person: AsPerson) -> None:
    reply = as_person(bea).post("/invoices/2026-0001/letters", follow=True)

    assert "nobody at Northside Dental gets invoices" in reply.content.decode()
    assert not Letter.objects.exists()


def test_a_credit_note_asks_by_naming_the_invoice_before_it_is_issued(
    invoice: Invoice, bea: User, as_person: AsPerson
) -> None:
    browser = as_person(bea)
    told = {"seen": "0", "amount": "50.00", "why": "The disk was used before"}

    asked = browser.post("/invoices/2026-0001/credit-notes", told).content.decode()
    assert "Credit 50.00 USD of invoice 2026-0001 of Northside Dental" in asked
    assert not CreditNote.objects.exists()
    done = browser.post("/invoices/2026-0001/credit-notes", {**told, "is_certain": "on"}, follow=True)

    note = CreditNote.objects.get()
    assert (note.amount, note.why, note.recorded_by) == (50_00, "The disk was used before", bea)
    assert "130.00" in done.content.decode()


def test_a_credit_note_sent_twice_is_issued_once(invoice: Invoice, bea: User, as_person: AsPerson) -> None:
    browser = as_person(bea)
    told = {"seen": "0", "amount": "50.00", "why": "A mistake", "is_certain": "on"}
    browser.post("/invoices/2026-0001/credit-notes", told)

    second = browser.post("/invoices/2026-0001/credit-notes", told)

    assert "this was recorded already" in second.content.decode()
    assert CreditNote.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": "180.01"}, "180.00 left to credit"),
        ({"amount": "0"}, "an amount above 0.00"),
        ({"amount": "ten"}, "not an amount"),
        ({"amount": "1.005"}, "more decimals than the currency"),
        ({"why": " "}, "This field is required"),
    ],
)
def test_a_wrong_credit_note_is_told_and_changes_nothing(
    invoice: Invoice, bea: User, as_person: AsPerson, change: dict[str, str], words: str
) -> None:
    told = {"seen": "0", "amount": "50.00", "why": "A mistake", "is_certain": "on", **change}

    reply = as_person(bea).post("/invoices/2026-0001/credit-notes", told)

    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert not CreditNote.objects.exists()


def test_a_technician_sees_invoices_and_moves_no_money(invoice: Invoice, theo: User, as_person: AsPerson) -> None:
    browser = as_person(theo)

    page = browser.get("/invoices/2026-0001")
    moves = [
        browser.get("/invoices/2026-0001/credit-notes"),
        browser.post("/invoices/2026-0001/credit-notes", {"amount": "50.00", "why": "x", "is_certain": "on"}),
        browser.post("/invoices/2026-0001/letters"),
    ]

    assert "Credit</a>" not in page.content.decode()
    assert [reply.status_code for reply in moves] == [404] * 3
    assert not CreditNote.objects.exists()


def test_invoices_do_not_exist_for_a_stranger(invoice: Invoice, stranger: User, as_person: AsPerson) -> None:
    browser = as_person(stranger)

    replies = [
        browser.get("/invoices"),
        browser.get("/invoices/2026-0001"),
        browser.get("/invoices/2026-0001.pdf"),
        browser.get("/invoices/2026-0001/credit-notes"),
        browser.post("/invoices/2026-0001/letters"),
    ]

    assert [reply.status_code for reply in replies] == [404] * 5


def test_the_search_finds_an_invoice_by_its_number(invoice: Invoice, theo: User, as_person: AsPerson) -> None:
    text = as_person(theo).get("/search?q=2026-0001", follow=True).content.decode()

    assert "2026-0001" in text
    assert "180.00" in text
