"""The pages about invoices that are not paid: crediting lines, write-off, reminders, the statement on paper."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, Contact
from rounds.invoices.models import CreditNote, Invoice, ReminderPause, ReminderStep, WriteOff
from rounds.invoices.selling import buy_hours
from rounds.mail.models import Letter
from rounds.people.models import User

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def invoice(northside: Client) -> Invoice:
    """200.00, 20 days late."""
    made = buy_hours(northside, 2, at=timezone.now() - timedelta(days=30))
    assert made is not None
    return made


def test_a_line_is_credited_after_asking(bea: User, invoice: Invoice, as_person: AsPerson) -> None:
    browser, page, line = as_person(bea), f"/invoices/{invoice.full_number}/credit-notes/lines", invoice.lines.get()
    told = {"seen": 0, f"line_{line.pk}": "50.00", "why": "One hour was not worked"}

    assert "Credit 50.00 USD" in browser.post(page, told).text
    assert not CreditNote.objects.exists()
    assert browser.post(page, told | {"is_certain": "on"}).status_code == 302
    assert browser.post(page, told | {"is_certain": "on"}).status_code == 422

    note = CreditNote.objects.get()
    assert (note.amount, note.lines.get().line) == (50_00, line)
    assert browser.get(f"/credit-notes/{note.full_number}.pdf").content.startswith(b"%PDF")
    assert f"credit note {note}" in browser.get(f"/invoices/{invoice.full_number}").text


def test_more_than_a_line_has_is_refused_on_the_page(bea: User, invoice: Invoice, as_person: AsPerson) -> None:
    page, line = f"/invoices/{invoice.full_number}/credit-notes/lines", invoice.lines.get()

    for amount, why in (("200.01", "has 200.00 left to credit"), ("", "at least one line"), ("x", "is not an amount")):
        reply = as_person(bea).post(page, {"seen": 0, f"line_{line.pk}": amount, "why": "a mistake"})
        assert (reply.status_code, why in reply.text) == (422, True), amount

    assert not CreditNote.objects.exists()


def test_an_invoice_is_written_off_once_and_expected_again(bea: User, invoice: Invoice, as_person: AsPerson) -> None:
    browser, page = as_person(bea), f"/invoices/{invoice.full_number}/write-offs"
    told = {"seen": 0, "amount": "200.00", "why": "Out of business"}
    assert "200.00 USD is open" in browser.get(page).text

    assert browser.post(page, told | {"amount": "200.01"}).status_code == 422
    assert browser.post(page, told).status_code == 302
    assert browser.post(page, told).status_code == 422
    assert "written off, Out of business" in browser.get(f"/invoices/{invoice.full_number}").text

    browser.post(f"{page}/taken-up", {"why": "He pays"})

    assert [one.amount for one in WriteOff.objects.order_by("pk")] == [200_00, -200_00]


def test_the_owner_sets_how_reminders_go(olga: User, bea: User, as_person: AsPerson) -> None:
    page = "/settings/reminders"
    told = {"1-days_late": "3", "1-text": "Missed?", "2-days_late": "14", "2-text": "Please pay.", "2-fee": "5.00"}

    assert as_person(olga).post(page, told).status_code == 302
    assert [(row.days_late, row.fee) for row in ReminderStep.objects.all()] == [(3, 0), (14, 5_00)]
    assert "Please pay." in as_person(olga).get(page).text
    assert "later than 3" in as_person(olga).post(page, told | {"2-days_late": "2"}).text
    assert as_person(bea).get(page).status_code == 404


def test_reminders_are_paused_and_go_on(bea: User, invoice: Invoice, as_person: AsPerson) -> None:
    browser, client = as_person(bea), invoice.client_id
    for page, shown in (
        (f"/invoices/{invoice.full_number}/pause", f"/invoices/{invoice.full_number}"),
        (f"/clients/{client}/pause", f"/clients/{client}/statement"),
    ):
        browser.post(page, {"why": "In dispute"})
        assert "In dispute" in browser.get(shown).text
        browser.post(page, {"resume": "1"})
        assert "In dispute" not in browser.get(shown).text

    assert not ReminderPause.objects.filter(ended_at=None).exists()


def test_the_statement_is_printed_and_sent(bea: User, invoice: Invoice, as_person: AsPerson) -> None:
    browser, client = as_person(bea), invoice.client
    assert browser.get(f"/clients/{client.pk}/statement.pdf").content.startswith(b"%PDF")
    browser.post(f"/clients/{client.pk}/statement/letters")
    assert not Letter.objects.filter(key__startswith="statement").exists()

    Contact.objects.filter(client=client).update(gets_invoices=True)
    browser.post(f"/clients/{client.pk}/statement/letters")

    letter = Letter.objects.get(key__startswith="statement")
    assert "You owe USD 200.00." in letter.body
    assert bytes(letter.attachment or b"").startswith(b"%PDF")


def test_a_technician_moves_no_money_and_a_stranger_finds_nothing(
    theo: User, stranger: User, invoice: Invoice, as_person: AsPerson
) -> None:
    at = f"/invoices/{invoice.full_number}"
    for page in (f"{at}/credit-notes/lines", f"{at}/write-offs", f"{at}/write-offs/taken-up", f"{at}/pause",
                 f"/clients/{invoice.client_id}/pause", f"/clients/{invoice.client_id}/statement/letters"):  # fmt: skip
        for person in (theo, stranger):
            assert as_person(person).post(page).status_code == 404, page
    assert as_person(stranger).get(f"/clients/{invoice.client_id}/statement.pdf").status_code == 404
    assert as_person(theo).get("/credit-notes/C2005-x.pdf").status_code == 404
    assert not WriteOff.objects.exists()
    assert not ReminderPause.objects.exists()
