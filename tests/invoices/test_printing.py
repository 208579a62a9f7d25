"""The printed invoice: what it says, the same bytes at any later time, and data that never becomes markup."""

import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from rounds.clients.models import Client, Contact, ShopTerms
from rounds.core.money import Refused
from rounds.invoices.issuing import bring
from rounds.invoices.mailing import body_of, letters_of, pull, send_again
from rounds.invoices.models import Invoice
from rounds.invoices.paying import pay
from rounds.invoices.printing import data_of, invoice_pdf
from rounds.invoices.selling import buy_hours, deposit
from rounds.mail.models import Letter
from rounds.people.models import Shop, User
from rounds.work.models import Part
from rounds.work.ordering import Call, take_order, use_part
from tests.trade import agreed, moment, taxed, used, worked

type AsPerson = Callable[[User], Browser]
FIRST = moment(2026, 4, 1)


@pytest.fixture
def invoice(northside: Client, theo: User) -> Invoice:
    """April's invoice under a retainer: March's work and a taxed part, of which the retainer pays 100.00."""
    Shop.objects.update(bank_details="First Bank\nAccount 123", tax_number="12-345", address="12 Mill Street")
    Contact.objects.filter(client=northside).update(gets_invoices=True)
    taxed("6.25%", "part")
    agreed(northside, "retainer", date(2026, 3, 2), discount="5%")
    deposit(northside, 100_00, at=moment(2026, 3, 3))
    worked(northside, date(2026, 3, 12), 50, by=theo, note="Profile rebuilt")
    used(northside, date(2026, 3, 13), 80_00, by=theo, name="SSD 1 TB")
    (made,) = bring(northside, FIRST)
    return made


def test_it_says_what_each_line_is_for_and_what_is_to_pay(invoice: Invoice) -> None:
    said: dict[str, Any] = data_of(invoice)

    assert said["title"] == "Invoice 2026-0002"
    assert said["lines"] == [
        {
            "day": "12 Mar 2026", "text": "Support: Profile rebuilt", "note": "50 min; rounded up to 60 min (by 15)",
            "quantity": "1 h", "rate": "95.00", "amount": "95.00",
        },
        {"day": "13 Mar 2026", "text": "SSD 1 TB", "note": "", "quantity": "1", "rate": "80.00", "amount": "80.00"},
    ]  # fmt: skip
    assert said["sums"] == [
        ("Sum of the lines", "175.00"),
        ("Tax, 6.25% of 80.00", "5.00"),
        ("Total", "180.00"),
        ("Paid from your retainer", "−100.00"),
    ]
    assert said["to_pay"] == ("To pay by 11 April 2026", "80.00")
    assert said["standing"] == [("Retainer", "USD 0.00")]
    assert said["shop"]["bank_details"] == "First Bank\nAccount 123"


def test_a_trip_is_a_line_of_its_own_on_the_page_and_on_paper(
    northside: Client, theo: User, bea: User, nora: User, stranger: User, as_person: AsPerson
) -> None:
    ShopTerms.objects.update(is_per_visit=True, trip_fee=45_00)
    taxed("10%", "trip")
    worked(northside, date(2026, 3, 12), 50, by=theo, place="onsite", note="Printer")
    (made,) = bring(northside, FIRST)

    said: dict[str, Any] = data_of(made)
    assert said["lines"][1] == {
        "day": "12 Mar 2026", "text": "Trip on site: Mail does not arrive", "note": "", "quantity": "1",
        "rate": "45.00", "amount": "45.00",
    }  # fmt: skip
    assert ("Tax, 10% of 45.00", "4.50") in said["sums"]
    assert "Trip on site: Mail does not arrive" in words_of(invoice_pdf(made))
    for person, address in ((bea, "/invoices"), (theo, "/invoices"), (nora, "/portal/invoices")):
        page = as_person(person).get(f"{address}/{made.full_number}").text
        assert "Trip on site: Mail does not arrive" in page
        assert "45.00" in page
    for address in ("/invoices", "/portal/invoices"):
        assert as_person(stranger).get(f"{address}/{made.full_number}").status_code == 404


def test_what_a_part_cost_the_shop_is_told_to_the_office_and_to_no_client(
    northside: Client, theo: User, bea: User, nora: User, as_person: AsPerson
) -> None:
    ShopTerms.objects.update(parts_markup="25%")
    at = moment(2026, 3, 13)
    order = take_order(Call(northside, "New disk"), by=theo, at=at)
    use_part(order, Part(order=order, name="SSD", quantity=2, cost=71_00, used_at=at), by=theo, at=at)
    (made,) = bring(northside, FIRST)

    seen = [words_of(invoice_pdf(made)), as_person(nora).get(f"/portal/invoices/{made.full_number}").text]

    assert "cost 71.00 plus 25 %" in as_person(bea).get(f"/invoices/{made.full_number}").text
    assert "88.75" in seen[0]
    for text in seen:
        assert "177.50" in text
        assert "71.00" not in text


def words_of(pdf: bytes) -> str:
    """What a PDF says, in one line."""
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return " ".join(told.decode().split())


def test_what_happens_later_changes_nothing_on_it(invoice: Invoice, theo: User) -> None:
    before = invoice_pdf(invoice)

    pay(invoice.client, 500_00, at=FIRST + timedelta(hours=1))
    buy_hours(invoice.client, 5, at=FIRST + timedelta(hours=2))
    worked(invoice.client, date(2026, 4, 1), 50, by=theo)
    bring(invoice.client, moment(2026, 6, 2))
    Shop.objects.update(name="Another name", bank_details="Another bank")
    Client.objects.filter(pk=invoice.client_id).update(name="Northside Dental Group")

    assert invoice_pdf(Invoice.objects.get(pk=invoice.pk)) == before


def test_credit_that_was_there_is_taken_off(northside: Client) -> None:
    pay(northside, 30_00, at=moment(2026, 3, 3))

    made = buy_hours(northside, 1, at=moment(2026, 3, 4))

    assert made is not None
    said: dict[str, Any] = data_of(made)
    assert ("Received before", "−30.00") in said["sums"]
    assert said["to_pay"] == ("To pay by 14 March 2026", "70.00")
    assert said["standing"] == [("Hours bought", "1 h")]


def test_a_deposit_is_paid_as_it_is_issued(northside: Client) -> None:
    made = deposit(northside, 300_00, at=moment(2026, 3, 4))

    assert made is not None
    said: dict[str, Any] = data_of(made)
    assert said["to_pay"] == ("Nothing to pay", "0.00")
    assert said["closing"] == "Paid. Thank you."
    assert said["reference"] == ""
    assert "There is nothing to pay." in body_of(made)


def test_hostile_words_are_printed_and_not_obeyed(northside: Client, theo: User) -> None:
    hostile = '#panic("boom") *bold* $x$ @ref <b> \\ `raw` // no comment /* none */ #sys.inputs'
    Client.objects.filter(pk=northside.pk).update(name=hostile[:120], billing_address=f"{hostile}\n\n{hostile}")
    Shop.objects.update(name=hostile[:120], address=hostile, bank_details=hostile)
    worked(Client.objects.get(pk=northside.pk), date(2026, 3, 12), 50, by=theo, note=hostile)

    (made,) = bring(Client.objects.get(pk=northside.pk), FIRST)

    assert invoice_pdf(made).startswith(b"%PDF-")


def test_an_invoice_of_eighty_lines_runs_over_pages(northside: Client, theo: User) -> None:
    for number in range(80):
        used(northside, date(2026, 3, 1 + number % 28), 1_00 + number, by=theo, name=f"Part {number} " + "long " * 20)

    (made,) = bring(northside, FIRST)

    printed = invoice_pdf(made)
    assert len(data_of(made)["lines"]) == 80  # type: ignore[arg-type]
    assert printed.count(b"/Type/Page/") >= 4


def test_every_invoice_is_written_to_its_contacts_once(invoice: Invoice) -> None:
    counts = [pull(FIRST), pull(FIRST)]

    assert counts == [1, 0]  # the deposit's is older than two weeks
    letter = letters_of(invoice).get()
    assert letter.to == ["nora@northside.example"]
    assert letter.subject == f"Invoice 2026-0002 from {invoice.shop_name}"
    assert "Please pay USD 80.00 by 11 April 2026." in letter.body
    assert "Paid from your retainer: USD 100.00" in letter.body
    assert bytes(letter.attachment or b"") == invoice_pdf(invoice)


def test_an_invoice_that_is_long_gone_or_that_nobody_gets_is_not_written(invoice: Invoice) -> None:
    assert pull(FIRST + timedelta(days=30)) == 0

    Contact.objects.update(gets_invoices=False)

    assert pull(FIRST) == 0
    with pytest.raises(Refused, match="nobody at Northside Dental gets invoices"):
        send_again(invoice, FIRST)
    assert not Letter.objects.exists()


def test_an_invoice_goes_again_when_asked_for(invoice: Invoice) -> None:
    pull(FIRST)

    send_again(invoice, FIRST + timedelta(hours=1))

    assert letters_of(invoice).count() == 2
