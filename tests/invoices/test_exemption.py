"""Clients who are exempt from tax: from a day on, with reason and certificate; what was invoiced before stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges.previewing import preview_of
from rounds.charges.standing import holdings_of
from rounds.clients.agreeing import sign
from rounds.clients.exempting import end_exemption, exempt, running_out
from rounds.clients.models import Agreement, Client, TaxExemption
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.issuing import pull
from rounds.invoices.models import Invoice
from rounds.invoices.printing import data_of
from rounds.invoices.selling import buy_hours, deposit
from rounds.ledger import booking
from rounds.people.models import User
from rounds.people.shop import local_day
from tests.trade import taxed as taxes
from tests.trade import used

APRIL = datetime(2005, 4, 4, 15, tzinfo=UTC)
MAY = datetime(2005, 5, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def taxed(northside: Client) -> Client:
    taxes("10%", "part", "hours")
    return northside


def freed(client: Client, since: date, until: date | None = None) -> TaxExemption:
    at = datetime(since.year, since.month, since.day, 15, tzinfo=UTC)
    return exempt(client, since, reason="Charity", certificate="X-17", until=until, by=None, at=at)


def test_nothing_is_taxed_while_a_client_is_exempt_and_his_invoice_says_why(taxed: Client, elm: Client) -> None:
    before = buy_hours(taxed, 1, at=APRIL)
    freed(taxed, date(2005, 4, 5), until=date(2005, 4, 6))

    during = buy_hours(taxed, 1, at=APRIL + DAY)
    after = buy_hours(taxed, 1, at=APRIL + 3 * DAY)
    other = buy_hours(elm, 1, at=APRIL + DAY)

    invoices = [Invoice.objects.get(pk=one.pk) for one in (before, during, after, other) if one]
    assert [one.tax for one in invoices] == [10_00, 0, 10_00, 10_00]
    assert [one.lines.get().tax is not None for one in invoices] == [True, False, True, True]
    assert data_of(invoices[1])["intro"] == "Exempt from tax: Charity, certificate X-17."
    assert data_of(invoices[2])["intro"] == ""
    booking.pull(APRIL + 4 * DAY)
    assert differences() == []


def test_the_month_is_billed_as_it_was_previewed(taxed: Client, theo: User) -> None:
    used(taxed, date(2005, 4, 5), 40_00, by=theo)
    freed(taxed, date(2005, 4, 20))
    pull(datetime(2005, 4, 30, 15, tzinfo=UTC))
    shown = preview_of(taxed, date(2005, 5, 1))

    pull(MAY)

    assert shown is not None
    assert (shown.closing.tax, Invoice.objects.get().tax, Invoice.objects.get().taxes) == (0, 0, [])


def test_an_exempt_clients_retainer_is_not_reserved_for_tax(taxed: Client, theo: User) -> None:
    sign(Agreement(client=taxed, plan="retainer", starts=date(2005, 4, 4)), by=None, at=APRIL)
    freed(taxed, date(2005, 4, 4))
    deposit(taxed, 100_00, at=APRIL)
    used(taxed, date(2005, 4, 5), 40_00, by=theo)
    pull(APRIL + 2 * DAY)

    assert holdings_of(taxed, date(2005, 4, 6)).retainer_available == 60_00


def test_an_exemption_is_ended_and_what_makes_no_sense_is_refused(taxed: Client) -> None:
    with pytest.raises(Refused, match="not exempt"):
        end_exemption(taxed, date(2005, 4, 4), by=None, at=APRIL)
    with pytest.raises(Refused, match="at the earliest"):
        exempt(taxed, date(2005, 4, 3), reason="Charity", certificate="X", by=None, at=APRIL)
    with pytest.raises(Refused, match="certificate"):
        exempt(taxed, date(2005, 4, 4), reason="Charity", certificate=" ", by=None, at=APRIL)
    with pytest.raises(Refused, match="before it starts"):
        freed(taxed, date(2005, 4, 4), until=date(2005, 4, 3))
    assert not TaxExemption.objects.exists()

    freed(taxed, date(2005, 4, 4))
    end_exemption(taxed, date(2005, 4, 5), by=None, at=APRIL)
    invoice = buy_hours(taxed, 1, at=APRIL + DAY)

    assert invoice is not None
    assert invoice.tax == 10_00


def test_the_bookkeeper_keeps_a_certificate_on_a_page_and_nobody_else(
    bea: User, theo: User, stranger: User, northside: Client, as_person: Callable[[User], Browser]
) -> None:
    page, today = f"/clients/{northside.pk}/tax", local_day(timezone.now())
    told = {"reason": "Charity", "certificate": "X-17", "since": str(today)}

    assert as_person(bea).post(page, told | {"since": "2005-01-01"}).status_code == 422
    assert as_person(bea).post(page, told | {"certificate": ""}).status_code == 422
    assert as_person(bea).post(page, told).status_code == 302
    assert "is exempt from tax" in as_person(bea).get(page).text
    as_person(bea).post(f"{page}/end")
    assert "is taxed like everybody" in as_person(bea).get(page).text
    for person in (theo, stranger):
        assert as_person(person).get(page).status_code == 404
        assert as_person(person).post(page, told).status_code == 404
        assert as_person(person).post(f"{page}/end").status_code == 404


def test_the_office_is_told_before_a_certificate_ends_and_not_once_there_is_a_new_one(
    bea: User, theo: User, nora: User, taxed: Client, as_person: Callable[[User], Browser]
) -> None:
    today = local_day(timezone.now())
    last, told = today + 20 * DAY, "the last day of certificate X-17"
    freed(taxed, today, until=last)

    assert running_out(today - DAY) == []
    assert [(row.client, day) for row, day in running_out(today)] == [(taxed, last)]
    assert running_out(last + DAY) == []
    assert told in as_person(bea).get("/").text
    for person in (theo, nora):
        assert told not in as_person(person).get("/", follow=True).text
    freed(taxed, last + DAY)
    assert running_out(today) == []
