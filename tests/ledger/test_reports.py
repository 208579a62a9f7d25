"""Reports of the books: on any day they come to what the books say, their figures lead on, and strangers see none."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser

from rounds.clients.models import Client, ShopTerms
from rounds.invoices import auditing
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice
from rounds.invoices.noting import credit
from rounds.invoices.paying import pay
from rounds.invoices.reporting import open_on
from rounds.invoices.selling import buy_hours
from rounds.invoices.tax_reporting import Taxing, taxes
from rounds.ledger import booking
from rounds.ledger.balancing import balances, movements
from rounds.ledger.earning import earnings, grouped, shared
from rounds.ledger.models import Proof
from rounds.people.models import User
from tests.trade import agreed, moment, taxed, used, worked

type AsPerson = Callable[[User], Browser]
BEGINS, ENDS = date(2026, 2, 1), date(2026, 6, 10)
PAGES = [
    "/books/accounts", "/books/deferred", "/books/revenue", "/books/revenue?by=plan", "/books/revenue?by=technician",
    "/books/receivables", "/books/tax", "/books/export",
]  # fmt: skip


@pytest.fixture
def traded(northside: Client, elm: Client, theo: User, olga: User) -> None:
    """Northside under a service agreement with a block besides, Elm by the hour; taxed parts, payments, a credit."""
    ShopTerms.objects.create(since=BEGINS)
    taxed("8.25%", "part", since=BEGINS)
    agreed(northside, "service-agreement", date(2026, 3, 1), included_seconds=4 * 3600)
    buy_hours(northside, 5, at=moment(2026, 3, 2))
    pay(northside, 500_00, at=moment(2026, 3, 20))
    worked(northside, date(2026, 3, 10), 180, by=theo)
    worked(northside, date(2026, 3, 12), 60, by=olga)
    worked(northside, date(2026, 3, 15), 120, by=theo)
    worked(elm, date(2026, 3, 12), 90, by=theo)
    used(elm, date(2026, 3, 12), 99_99, by=theo)
    for client in (northside, elm):
        bring(client, moment(2026, 4, 2))
    credit(Invoice.objects.get(client=elm), 50_00, at=moment(2026, 4, 20), why="Too much")
    pay(elm, 30_00, at=moment(2026, 5, 3))
    for client in (northside, elm):
        bring(client, moment(2026, 6, 10))
    booking.pull(moment(2026, 6, 10))


def _days() -> list[date]:
    return [BEGINS + timedelta(days=number) for number in range((ENDS - BEGINS).days + 1)]


def test_what_is_open_on_any_day_is_what_the_books_say(traded: None) -> None:
    for day in _days():
        found: dict[int, int] = {}
        for one in open_on(day):
            found[one.client] = found.get(one.client, 0) + one.cents
        books = {int(name.split(":")[2]): amount for (name, _), amount in balances(day, "assets:receivable:").items()}
        assert found == books, day


def test_tax_by_month_and_rate_is_what_the_books_say(traded: None) -> None:
    found = taxes(BEGINS, ENDS)
    april = found[Taxing(date(2026, 4, 1), "tax", "Tax", "8.25%")]

    assert (april.base, april.tax) == (99_99, 8_25)
    assert april.tax_credited > 0
    assert april.base_credited > 0
    owed = sum(one.tax - one.tax_credited for one in found.values())
    assert owed == -sum(movements(BEGINS, ENDS, "liabilities:tax").values())
    for day in (date(2026, 4, 10), date(2026, 4, 20)):
        owed = sum(one.tax - one.tax_credited for one in taxes(day, day).values())
        assert owed == -sum(movements(day, day, "liabilities:tax").values())


def test_revenue_by_client_plan_and_technician_adds_up_to_all_income(traded: None, theo: User, olga: User) -> None:
    found = earnings(BEGINS, ENDS)
    income = -sum(movements(BEGINS, ENDS, "income:").values())

    for place in range(3):
        assert sum(one.cents for one in grouped(found, place).values()) == income
        assert sum(one.minutes for one in grouped(found, place).values()) == 450
    by_who = grouped(found, 2)
    # March's fee, 400.00, goes to those who worked on the 4 included hours: 3 h to 1 h; the block and Elm are Theo's.
    assert (by_who[theo.pk].cents, by_who[olga.pk].cents) == (300_00 + 200_00 + 150_00, 100_00)
    assert by_who[olga.pk].hourly == 100_00
    assert set(grouped(found, 1)) == {"service-agreement", "reactive"}


def test_days_on_which_nothing_was_earned_are_empty(traded: None) -> None:
    assert earnings(date(2025, 1, 1), date(2025, 12, 31)) == {}


def test_shares_add_up_to_the_cent() -> None:
    assert shared(100, {1: 1, 2: 1, 3: 1}) == {1: 33, 2: 34, 3: 33}
    assert sum(shared(-7, {1: 2, 2: 3}).values()) == -7
    assert shared(100, {1: 60, 2: -60}) == {0: 100}


def test_hours_outstanding_are_shown_by_block_with_what_they_are_worth(
    traded: None, northside: Client, bea: User, as_person: AsPerson
) -> None:
    browser = as_person(bea)

    bought = browser.get("/books/deferred?on=2026-03-05").context["report"].tables[0]
    later = browser.get("/books/deferred?on=2026-03-31").context["report"].tables[0]

    assert [cell.value for cell in bought.rows[0]][3:] == [5 * 3600, 5 * 3600, 500_00]
    assert [cell.value for cell in later.rows[0]][3:] == [5 * 3600, 3 * 3600, 300_00]


@pytest.mark.parametrize("page", [*PAGES, "/books/clients/{}", "/books/accounts/income?client={}&from=2026-03-01"])
def test_every_figure_leads_to_a_page_that_is_there(
    traded: None, northside: Client, bea: User, as_person: AsPerson, page: str
) -> None:
    browser = as_person(bea)
    asked = page.format(northside.pk)
    reply = browser.get(asked + ("&" if "?" in asked else "?") + "from=2026-02-01&to=2026-06-10")

    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([?/][^"]*)"', reply.content.decode())}

    assert reply.status_code == 200
    for link in links:
        address = asked.split("?")[0] + link if link.startswith("?") else link
        if address.startswith(("/books", "/invoices")):
            assert browser.get(address).status_code == 200, address


def test_a_figure_of_revenue_is_the_total_of_the_entries_it_leads_to(
    traded: None, bea: User, as_person: AsPerson
) -> None:
    browser = as_person(bea)
    table = browser.get("/books/revenue?by=client&from=2026-02-01&to=2026-06-10").context["report"].tables[0]

    for row in table.rows:
        shown = browser.get(row[1].address).context["total"]
        assert -shown.balance == row[1].value


def test_receivables_lead_to_the_account_of_the_day(traded: None, bea: User, as_person: AsPerson) -> None:
    browser = as_person(bea)
    table = browser.get("/books/receivables?on=2026-04-10").context["report"].tables[0]

    assert table.rows
    for row in table.rows:
        assert browser.get(row[-1].address).context["total"].balance == row[-1].value


@pytest.mark.parametrize("page", PAGES[:-1])
def test_a_report_comes_as_csv(traded: None, bea: User, as_person: AsPerson, page: str) -> None:
    browser = as_person(bea)
    asked = page + ("&" if "?" in page else "?") + "format=csv&from=2026-02-01&to=2026-06-10"

    lines = browser.get(asked).getvalue().decode().splitlines()

    assert len(lines) > 1
    assert len({line.count(",") for line in lines if '"' not in line}) == 1


@pytest.mark.parametrize("page", ["/books/accounts?on=soon", "/books/tax?from=2026-02-30", "/books/revenue?to=x"])
def test_what_is_no_day_is_told(traded: None, bea: User, as_person: AsPerson, page: str) -> None:
    reply = as_person(bea).get(page)

    assert reply.status_code == 422
    assert "is not a day" in reply.content.decode()


@pytest.mark.parametrize("page", [*PAGES, "/books/clients/{}", "/books/export/iif"])
def test_the_reports_do_not_exist_for_others(
    northside: Client, theo: User, nora: User, stranger: User, as_person: AsPerson, page: str
) -> None:
    asked = page.format(northside.pk)

    assert [as_person(person).get(asked).status_code for person in (theo, nora, stranger)] == [404] * 3


def test_the_trial_balance_tells_of_the_last_proof(traded: None, bea: User, as_person: AsPerson) -> None:
    browser = as_person(bea)
    auditing.pull(moment(2026, 6, 11))
    well = browser.get("/books").content.decode()

    Proof.objects.create(on=date(2026, 6, 12), at=moment(2026, 6, 12), wrong=["entry 7 is not what was sealed"])
    wrong = browser.get("/books").content.decode()

    assert "every entry is as it was sealed" in well
    assert "does not hold" in wrong
    assert "entry 7 is not what was sealed" in wrong


@pytest.mark.parametrize("name", ["hledger", "ledger", "beancount", "csv", "iif", "xero"])
def test_every_format_can_be_taken(traded: None, bea: User, as_person: AsPerson, name: str) -> None:
    browser = as_person(bea)

    whole = browser.get(f"/books/export/{name}").getvalue()
    march = browser.get(f"/books/export/{name}?from=2026-03-01&to=2026-03-31").getvalue()

    assert len(whole) > len(march) > 100
    assert browser.get("/books/export/fax").status_code == 404
