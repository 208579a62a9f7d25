"""An agreement that ends earlier than it was charged: what goes back, that the books follow, and its page."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges.accounts import load_account
from rounds.clients.agreeing import end, sign
from rounds.clients.models import Agreement, AgreementEnd, Client, ShopTerms
from rounds.core.books import Chart, balance
from rounds.core.days import first_of_month
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.debts import credit_of
from rounds.invoices.ending import end_early
from rounds.invoices.issuing import bring
from rounds.invoices.models import CreditNote, Invoice, Payout
from rounds.invoices.paying import pay
from rounds.invoices.refunding import Giving
from rounds.invoices.tax_reporting import wrong_tax
from rounds.ledger import booking
from rounds.ledger.balancing import balances
from rounds.people.models import User
from tests.trade import taxed

type AsPerson = Callable[[User], Browser]
AT = datetime(2026, 4, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def served(client: Client, at: datetime) -> Agreement:
    """A service agreement from the first of a month on: 600.00 for 6 h, monitoring for 90.00."""
    starts = first_of_month(at.date())
    ShopTerms.objects.create(since=starts - 30 * DAY, hourly_rate=100_00)
    taxed("10%", "fee", since=starts - 30 * DAY)
    terms = {"included_seconds": 6 * 3600, "fee": 600_00, "monitoring": "90.00"}
    made = sign(Agreement(client=client, plan="service-agreement", starts=starts, **terms), by=None, at=at)
    bring(client, at)
    return made


def test_the_unused_days_of_the_month_go_back_and_their_fee_is_never_earned(northside: Client) -> None:
    agreement = served(northside, AT)
    pay(northside, 750_00, at=AT + DAY)

    end_early(agreement, date(2026, 4, 20), Giving("moves away", AT + 20 * DAY))

    note, payout = CreditNote.objects.get(), Payout.objects.get()
    assert (note.amount, note.tax, payout.amount) == (250_00, 20_00, 250_00)
    assert load_account(northside).included_seconds(date(2026, 4, 15)) == 4 * 3600
    booking.pull(AT + 40 * DAY)
    assert [*differences(), *wrong_tax()] == []
    totals, chart = balances(), Chart(str(northside.pk))
    assert balance(totals, "liabilities:deferred", "USD") == 0
    assert balance(totals, "income:fee", "USD") == -400_00
    assert balance(totals, "income:monitoring", "USD") == -60_00
    assert balance(totals, "income:credited", "USD") == 0
    assert balance(totals, chart.bank, "USD") == 500_00
    bring(northside, AT + 70 * DAY)
    assert Invoice.objects.count() == 1


def test_months_that_were_earned_already_are_taken_back_from_revenue(northside: Client) -> None:
    agreement = served(northside, AT)
    bring(northside, AT + 35 * DAY)
    booking.pull(AT + 35 * DAY)

    end_early(agreement, date(2026, 4, 20), Giving("nobody told us", AT + 35 * DAY, how=None))

    assert [note.amount for note in CreditNote.objects.order_by("pk")] == [250_00, 750_00]
    booking.pull(AT + 70 * DAY)
    assert [*differences(), *wrong_tax()] == []
    totals = balances()
    assert balance(totals, "income", "USD") == -(400_00 + 60_00)
    assert balance(totals, "liabilities:deferred", "USD") == 0
    assert credit_of(northside) == 0


def test_an_end_that_cannot_be_is_refused_and_nothing_is_credited(northside: Client) -> None:
    agreement = served(northside, AT)
    giving = Giving("x", AT + 10 * DAY)

    for ends in (date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 1)):
        with pytest.raises(Refused):
            end_early(agreement, ends, giving)
    end(agreement, date(2026, 5, 31), by=None, at=AT)
    with pytest.raises(Refused, match="already been ended"):
        end_early(agreement, date(2026, 4, 10), giving)

    assert not CreditNote.objects.exists()


@time_machine.travel(AT, tick=False)
def test_the_page_shows_what_goes_back_before_it_ends_the_agreement_once(
    northside: Client, bea: User, theo: User, as_person: AsPerson
) -> None:
    now = timezone.now()
    agreement = served(northside, now)
    first = first_of_month(now.date())
    browser, address = as_person(bea), f"/agreements/{agreement.pk}/early-end"
    told = {"ends": str(first), "how": "transfer", "reference": "", "why": "moves away"}
    assert address in browser.get(f"/agreements/{agreement.pk}/end").content.decode()

    asked = browser.post(address, told).content.decode()
    assert "a credit note over" in asked
    assert "unused included hours" in asked
    assert not AgreementEnd.objects.exists()
    browser.post(address, told | {"is_certain": "on"})
    again = browser.post(address, told | {"is_certain": "on"})

    assert AgreementEnd.objects.get().ends == first
    assert CreditNote.objects.count() == 1
    assert again.status_code == 422
    assert "already been ended" in again.content.decode()
    assert as_person(theo).get(address).status_code == 404
    assert Browser().get(address).status_code == 302
