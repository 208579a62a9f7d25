"""Interest on late invoices in the stored shop: charged once, shown where it is asked for, none where none is due."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, ShopTerms
from rounds.invoices.issuing import bring
from rounds.invoices.models import Interest, Invoice
from rounds.invoices.paying import Came, pay
from rounds.invoices.reminding import pause
from rounds.invoices.selling import buy_hours
from rounds.people.models import User
from tests.trade import moment

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def late(northside: Client) -> Invoice:
    """200.00 of 1 March, due the 11th; 12 % a year."""
    ShopTerms.objects.create(since=date(2005, 1, 2), interest_rate="12% a year")
    made = buy_hours(northside, 2, at=moment(2005, 3, 1, 9))
    assert made is not None
    return made


def test_a_first_charges_it_once_and_leads_it_to_its_invoice(northside: Client, late: Invoice) -> None:
    bring(northside, moment(2005, 4, 1, 9))
    bring(northside, moment(2005, 4, 1, 9))

    row = Interest.objects.get()
    line = Invoice.objects.latest("pk").lines.get()
    assert (row.invoice, row.first_day, row.last_day, row.amount) == (late, date(2005, 3, 12), date(2005, 3, 31), 132)
    assert (line.charge_id, line.kind, line.amount) == (row.charge_id, "interest", 132)
    assert line.text == f"Interest on late invoice {late}"
    assert (line.first_day, line.last_day) == (row.first_day, row.last_day)


def test_days_on_which_reminders_are_paused_bear_none(northside: Client, late: Invoice) -> None:
    pause(at=moment(2005, 3, 1, 10), invoice=late, by=None)

    bring(northside, moment(2005, 5, 1, 9))

    assert not Interest.objects.exists()


def test_money_that_the_bank_had_earlier_gives_it_back(northside: Client, late: Invoice) -> None:
    bring(northside, moment(2005, 4, 1, 9))

    pay(northside, 200_00, at=moment(2005, 4, 5, 9), invoice=late, came=Came(on=date(2005, 3, 10)))
    bring(northside, moment(2005, 5, 1, 9))

    assert sum(Interest.objects.values_list("amount", flat=True)) == 0


def test_pages_show_it_to_the_office_and_to_the_client_and_to_no_stranger(
    northside: Client, bea: User, nora: User, stranger: User, as_person: AsPerson
) -> None:
    ShopTerms.objects.create(since=date(2005, 1, 2), interest_rate="12% a year")
    late = buy_hours(northside, 2, at=timezone.now() - timedelta(days=75))
    assert late is not None
    bring(northside, timezone.now())
    bill, ours = Invoice.objects.latest("pk"), f"/portal/invoices/{late.full_number}"

    office = as_person(bea)
    assert f"Interest on late invoice {late}" in office.get(f"/invoices/{bill.full_number}").text
    assert 'id="interest"' in office.get(f"/invoices/{late.full_number}").text
    assert "Interest on late invoices" in office.get(f"/clients/{northside.pk}/money").text
    assert "Interest, as it is late" in as_person(nora).get(ours).text
    for page in (ours, f"/invoices/{late.full_number}", f"/clients/{northside.pk}/money"):
        assert as_person(stranger).get(page).status_code == 404, page
