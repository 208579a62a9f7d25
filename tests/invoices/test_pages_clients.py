"""A client's money as a page, and the forms that record what he pays and buys, each once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges.models import Deposit, Purchase
from rounds.clients.models import Client, ShopTerms
from rounds.invoices.balances import balances_of
from rounds.invoices.debts import credit_of
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice, Payment
from rounds.invoices.noting import credit
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours, deposit
from rounds.invoices.statements import statement_of
from rounds.people.models import User
from rounds.people.shop import local_day
from tests.trade import agreed, moment, used, worked

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def invoice(northside: Client, theo: User) -> Invoice:
    """March at Northside, 180.00."""
    worked(northside, date(2026, 3, 12), 50, by=theo)
    used(northside, date(2026, 3, 13), 80_00, by=theo)
    (made,) = bring(northside, moment(2026, 4, 1))
    return made


def test_a_payment_names_its_invoice(northside: Client, invoice: Invoice, bea: User, as_person: AsPerson) -> None:
    browser = as_person(bea)
    form = browser.get(f"/clients/{northside.pk}/payments?invoice={invoice.pk}")
    assert 'value="180.00"' in form.content.decode()

    told = {"seen": "0", "amount": "1,80.00", "invoice": invoice.pk, "note": "transfer 17"}
    reply = browser.post(f"/clients/{northside.pk}/payments", told, follow=True)

    payment = Payment.objects.get()
    assert (payment.amount, payment.invoice, payment.recorded_by, payment.note) == (180_00, invoice, bea, "transfer 17")
    assert "180.00 to invoice 2026-0001" in reply.content.decode()


def test_a_payment_on_account_settles_what_is_due_and_says_what_is_left(
    northside: Client, invoice: Invoice, bea: User, as_person: AsPerson
) -> None:
    told = {"seen": "0", "amount": "200", "invoice": "", "note": ""}

    reply = as_person(bea).post(f"/clients/{northside.pk}/payments", told, follow=True)

    assert "180.00 to invoice 2026-0001, 20.00 is kept as credit" in reply.content.decode()
    assert credit_of(northside) == 20_00


def test_a_form_sent_twice_records_one_payment_and_a_second_one_on_purpose(
    northside: Client, invoice: Invoice, bea: User, as_person: AsPerson
) -> None:
    browser, told = as_person(bea), {"seen": "0", "amount": "50.00", "invoice": "", "note": ""}
    browser.post(f"/clients/{northside.pk}/payments", told)

    again = browser.post(f"/clients/{northside.pk}/payments", told)

    assert again.status_code == 422
    assert "this was recorded already" in again.content.decode()
    assert Payment.objects.count() == 1
    seen = again.context["form"]["seen"].value()
    browser.post(f"/clients/{northside.pk}/payments", {**told, "seen": seen})
    assert Payment.objects.count() == 2


def test_another_clients_invoice_cannot_be_named(
    northside: Client, elm: Client, invoice: Invoice, bea: User, as_person: AsPerson
) -> None:
    told = {"seen": "0", "amount": "50.00", "invoice": invoice.pk, "note": ""}

    reply = as_person(bea).post(f"/clients/{elm.pk}/payments", told)

    assert reply.status_code == 422
    assert not Payment.objects.exists()


def test_a_block_says_what_it_costs_before_it_is_sold(northside: Client, bea: User, as_person: AsPerson) -> None:
    ShopTerms.objects.update(bonus_hours=[[10, 2]])
    browser, address = as_person(bea), f"/clients/{northside.pk}/blocks"

    asked = browser.post(address, {"seen": "0", "hours": "10"}).content.decode()
    assert "Sell 10 hours and 2 free to Northside Dental for 1000.00?" in asked
    assert not Purchase.objects.exists()
    browser.post(address, {"seen": "0", "hours": "10", "is_certain": "on"})
    twice = browser.post(address, {"seen": "0", "hours": "10", "is_certain": "on"})

    assert "this was recorded already" in twice.content.decode()
    assert Purchase.objects.get().recorded_by == bea
    assert balances_of(northside, local_day(timezone.now())).holdings.block_seconds == 12 * 3600


def test_a_deposit_is_on_the_retainer_at_once(northside: Client, bea: User, as_person: AsPerson) -> None:
    reply = as_person(bea).post(f"/clients/{northside.pk}/deposits", {"seen": "0", "amount": "500.00"}, follow=True)

    assert "500.00 is on Northside Dental’s retainer" in reply.content.decode()
    assert Deposit.objects.get().amount == 500_00
    assert balances_of(northside, local_day(timezone.now())).holdings.retainer == 500_00


@pytest.mark.parametrize("amount", ["", "0", "-5", "12.345", "a lot", "1e400", "NaN", "99999999999999"])
@pytest.mark.parametrize("page", ["payments", "deposits"])
def test_a_wrong_amount_is_told_and_changes_nothing(
    northside: Client, bea: User, as_person: AsPerson, page: str, amount: str
) -> None:
    reply = as_person(bea).post(f"/clients/{northside.pk}/{page}", {"seen": "0", "amount": amount})

    assert reply.status_code == 422
    assert "errorlist" in reply.content.decode()
    assert not Payment.objects.exists()


def test_the_page_shows_what_he_holds_and_owes(northside: Client, theo: User, as_person: AsPerson) -> None:
    today = local_day(timezone.now())
    start = today.replace(day=1) - timedelta(days=40)
    agreed(northside, "block", start, low_at_seconds=20 * 3600)
    buy_hours(northside, 10, at=timezone.now() - timedelta(days=30))
    worked(northside, today - timedelta(days=20), 60, by=theo)
    bring(northside, timezone.now())

    text = as_person(theo).get(f"/clients/{northside.pk}/money").content.decode()

    assert "9 h" in text
    assert "low" in text
    assert "bought hours are low" in text
    assert "1,000.00" in text
    assert "Record a payment" not in text


def test_the_clients_page_and_the_front_page_tell_of_money(
    northside: Client, invoice: Invoice, theo: User, as_person: AsPerson
) -> None:
    browser = as_person(theo)

    of_client = browser.get(f"/clients/{northside.pk}").content.decode()
    today = browser.get("/").content.decode()

    assert "2026-0001" in of_client
    assert "180.00" in of_client
    assert "180.00 on 1 invoice" in today


def test_a_statement_ends_with_what_is_owed(northside: Client, theo: User, as_person: AsPerson) -> None:
    agreed(northside, "retainer", date(2026, 2, 1), low_at_amount=200_00, top_up_to=400_00)
    deposit(northside, 300_00, at=moment(2026, 2, 2))
    worked(northside, date(2026, 2, 12), 200, by=theo)
    bring(northside, moment(2026, 3, 1))
    first = Invoice.objects.order_by("-pk")[0]
    credit(first, 70_00, at=moment(2026, 3, 3), why="Too long")
    pay(northside, 500_00, at=moment(2026, 3, 4))
    worked(northside, date(2026, 3, 12), 400, by=theo)
    bring(northside, moment(2026, 4, 1))

    lines = statement_of(northside)

    owed = sum(row.open for row in Invoice.objects.filter(client=northside).with_open())
    assert lines[-1].owed == owed - credit_of(northside)
    table = as_person(theo).get(f"/clients/{northside.pk}/statement?format=csv").getvalue().decode()
    assert "Credit note C2026-0001: Too long" in table
    assert ",-500.00," in table


def test_a_client_without_any_money_is_told_so(northside: Client, theo: User, as_person: AsPerson) -> None:
    browser = as_person(theo)

    assert "No invoice yet" in browser.get(f"/clients/{northside.pk}/money").content.decode()
    assert "Nothing has been invoiced" in browser.get(f"/clients/{northside.pk}/statement").content.decode()


PAGES = ("payments", "blocks", "deposits")


@pytest.mark.parametrize("page", PAGES)
def test_a_technician_moves_no_money(northside: Client, theo: User, as_person: AsPerson, page: str) -> None:
    told = {"seen": "0", "amount": "50.00", "hours": "5", "is_certain": "on"}

    replies = [
        as_person(theo).get(f"/clients/{northside.pk}/{page}"),
        as_person(theo).post(f"/clients/{northside.pk}/{page}", told),
    ]

    assert [reply.status_code for reply in replies] == [404, 404]
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("page", [*PAGES, "money", "statement"])
def test_a_clients_money_does_not_exist_for_contacts(
    northside: Client, nora: User, stranger: User, as_person: AsPerson, page: str
) -> None:
    replies = [as_person(person).get(f"/clients/{northside.pk}/{page}") for person in (nora, stranger)]

    assert [reply.status_code for reply in replies] == [404, 404]
