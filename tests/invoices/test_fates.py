"""How an invoice ended, wherever invoices are listed: paid, written off, credited, or some of each."""

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, Contact
from rounds.invoices.mailing import pull as write_letters
from rounds.invoices.models import Invoice
from rounds.invoices.noting import credit
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours
from rounds.invoices.writing_off import take_up, write_off
from rounds.mail.models import Letter
from rounds.people.models import User

type AsPerson = Callable[[User], Browser]
NOW = timezone.now()


@pytest.fixture
def invoice(northside: Client) -> Invoice:
    """200.00, 20 days late."""
    made = buy_hours(northside, 2, at=NOW - timedelta(days=30))
    assert made is not None
    return made


def _fate(invoice: Invoice) -> str:
    return Invoice.objects.with_fate().get(pk=invoice.pk).ended_as


def _paid(invoice: Invoice) -> None:
    pay(invoice.client, 200_00, at=NOW, invoice=invoice)


def _written_off(invoice: Invoice) -> None:
    write_off(invoice, 200_00, at=NOW, why="Out of business")


def _paid_in_part(invoice: Invoice) -> None:
    pay(invoice.client, 50_00, at=NOW, invoice=invoice)
    write_off(invoice, 150_00, at=NOW, why="Settled")


def _credited(invoice: Invoice) -> None:
    credit(invoice, 200_00, at=NOW, why="Typed wrong")


def _credited_in_part(invoice: Invoice) -> None:
    credit(invoice, 50_00, at=NOW, why="Half an hour too much")
    write_off(invoice, 150_00, at=NOW, why="Out of business")


def _paid_after_all(invoice: Invoice) -> None:
    write_off(invoice, 200_00, at=NOW, why="Out of business")
    take_up(invoice, at=NOW, why="He pays")
    pay(invoice.client, 200_00, at=NOW, invoice=invoice)


@pytest.mark.parametrize(
    ("what_happens", "fate"),
    [
        (_paid, "paid"),
        (_written_off, "written off"),
        (_paid_in_part, "paid, part written off"),
        (_credited, "credited"),
        (_credited_in_part, "written off, part credited"),
        (_paid_after_all, "paid"),
    ],
)
def test_an_invoice_says_how_it_ended(
    bea: User, nora: User, invoice: Invoice, what_happens: Callable[[Invoice], None], fate: str, as_person: AsPerson
) -> None:
    assert _fate(invoice) == ""

    what_happens(invoice)

    # then the office and the client read the same
    assert _fate(invoice) == fate
    office, portal = as_person(bea), as_person(nora)
    for page in ("/invoices", f"/invoices/{invoice.full_number}", f"/clients/{invoice.client_id}/money"):
        assert fate in office.get(page).text, page
    for page in ("/portal/invoices", f"/portal/invoices/{invoice.full_number}"):
        assert fate in portal.get(page).text, page
    sheet = b"".join(office.get("/invoices?format=csv")).decode()
    assert next(csv.DictReader(sheet.splitlines()))["State"] == fate


def test_one_that_is_still_open_says_that_a_part_is_lost(bea: User, invoice: Invoice, as_person: AsPerson) -> None:
    write_off(invoice, 50_00, at=NOW, why="Settled for less")

    page = as_person(bea).get("/invoices").text

    assert "overdue" in page
    assert "part written off" in page
    assert _fate(invoice) == ""


def test_the_list_is_asked_for_what_was_lost(
    bea: User, theo: User, stranger: User, invoice: Invoice, as_person: AsPerson
) -> None:
    # given one invoice that was paid and one that was written off
    _paid(invoice)
    lost = buy_hours(invoice.client, 1, at=NOW - timedelta(days=20))
    assert lost is not None
    write_off(lost, 100_00, at=NOW, why="Out of business")

    # then each is found by how it ended
    browser = as_person(bea)
    for state, shown, hidden in (("written-off", lost, invoice), ("paid", invoice, lost)):
        page = browser.get(f"/invoices?state={state}").text
        assert f"/invoices/{shown}" in page
        assert f"/invoices/{hidden}" not in page
    assert as_person(stranger).get("/invoices").status_code == 404


def test_a_credit_note_goes_to_who_gets_invoices_by_itself_and_once(bea: User, invoice: Invoice) -> None:
    Contact.objects.filter(client=invoice.client).update(gets_invoices=True)
    note = credit(invoice, 50_00, at=NOW, why="Half an hour too much")

    write_letters(NOW)
    assert write_letters(NOW) == 0

    letter = Letter.objects.get(key=f"credit-note:{note.pk}")
    assert letter.subject.startswith(f"Credit note {note} from")
    assert "over USD 50.00" in letter.body
    assert letter.attachment_name == f"credit-note-{note}.pdf"


def test_a_credit_note_that_nobody_gets_waits_for_somebody(
    bea: User, theo: User, invoice: Invoice, as_person: AsPerson
) -> None:
    # given nobody who gets invoices
    Contact.objects.filter(client=invoice.client).update(gets_invoices=False)
    note = credit(invoice, 50_00, at=NOW, why="Half an hour too much")
    assert write_letters(NOW) == 0
    page = f"/credit-notes/{note}/letters"
    browser = as_person(bea)
    assert "nobody at" in browser.post(page, follow=True).text

    # when somebody does
    Contact.objects.filter(client=invoice.client).update(gets_invoices=True)

    # then it goes, and again when asked for, yet not for everybody
    assert write_letters(NOW) == 1
    assert "within a minute" in browser.post(page, follow=True).text
    assert Letter.objects.filter(key__startswith=f"credit-note:{note.pk}").count() == 2
    assert as_person(theo).post(page).status_code == 404
