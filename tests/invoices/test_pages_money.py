"""The shop's money at a glance, and the closing: previewed without a change, issued once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rounds.charges.models import Standing
from rounds.clients.models import Client, Contact
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work import timing
from tests.trade import agreed, worked

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def busy(northside: Client, theo: User) -> Client:
    """A service agreement since three months, and work of yesterday that its hours do not cover."""
    today = local_day(timezone.now())
    agreed(northside, "service-agreement", (today - timedelta(days=95)).replace(day=1), included_seconds=3600)
    bring(northside, timezone.now())
    worked(northside, today - timedelta(days=1), 60, by=theo, category="project")
    bring(northside, timezone.now())
    return northside


def test_the_overview_tells_what_is_owed_by_age_and_what_is_not_billed(
    busy: Client, theo: User, as_person: AsPerson
) -> None:
    reply = as_person(theo).get("/money/")

    shown = reply.context["overview"]
    assert shown.ageing.total == 100_00 * Invoice.objects.count()
    assert shown.ageing.over_90 + shown.ageing.to_90 + shown.ageing.to_60 > 0
    assert shown.overdue_amount > 0
    assert "nothing is overdue" not in reply.content.decode()


def test_an_empty_shop_owes_nothing_and_says_what_would_fill_the_page(theo: User, as_person: AsPerson) -> None:
    text = as_person(theo).get("/money/").content.decode()

    assert "nothing is overdue" in text
    assert "No invoice has been issued yet" in text


def test_the_closing_shows_each_client_and_changes_nothing(busy: Client, theo: User, as_person: AsPerson) -> None:
    before = list(Standing.objects.values_list("turn", "opened_through"))
    count = Invoice.objects.count()

    reply = as_person(theo).get("/money/closing")

    (row,) = reply.context["outlook"].rows
    assert row.client == busy
    assert row.in_advance == 100_00
    assert "nobody gets the invoice" in reply.content.decode()
    assert list(Standing.objects.values_list("turn", "opened_through")) == before
    assert Invoice.objects.count() == count


def test_the_closing_warns_of_running_timers_and_missing_answers(
    busy: Client, elm: Client, theo: User, as_person: AsPerson
) -> None:
    now = timezone.now()
    Contact.objects.filter(client=busy).update(gets_invoices=True)
    stint = worked(busy, local_day(now) - timedelta(days=2), 30, by=theo)
    timing.start(stint.order, who=theo, at=now)
    agreed(elm, "call-first", local_day(now) - timedelta(days=5), monitoring="none")
    worked(elm, local_day(now) - timedelta(days=1), 30, by=theo)
    bring(elm, now)

    rows = {row.client: row.warnings for row in as_person(theo).get("/money/closing").context["outlook"].rows}

    assert rows[busy] == [f"Theo has a timer running on order {stint.order_id}"]
    assert rows[elm] == ["1 answer is missing: work waits for approval"]


def test_the_closing_warns_of_unusual_amounts(busy: Client, theo: User, as_person: AsPerson) -> None:
    worked(busy, local_day(timezone.now()) - timedelta(days=1), 600, by=theo, category="website")
    bring(busy, timezone.now())

    text = as_person(theo).get("/money/closing").content.decode()

    assert "× the usual amount" in text


def test_the_closing_comes_as_csv(busy: Client, theo: User, as_person: AsPerson) -> None:
    table = as_person(theo).get("/money/closing?format=csv").getvalue().decode().splitlines()

    assert table[0] == "Client,Plan,Lines,Tax,Total,From retainer,To pay,To look at"
    assert table[1].startswith("Northside Dental,service agreement,")


def test_what_is_due_is_issued_once_however_often_it_is_asked_for(
    northside: Client, elm: Client, theo: User, bea: User, as_person: AsPerson
) -> None:
    for client in (northside, elm):
        worked(client, (local_day(timezone.now()).replace(day=1) - timedelta(days=20)), 60, by=theo)
    browser = as_person(bea)
    assert "2 clients to bring up to date" in browser.get("/money/closing").content.decode()

    first = browser.post("/money/closing/runs", follow=True).content.decode()
    second = browser.post("/money/closing/runs", follow=True).content.decode()

    assert "2 invoices are issued" in first
    assert "Nothing was left to issue" in second
    assert "everything that is due has been issued" in second
    assert Invoice.objects.count() == 2


def test_one_client_is_issued_alone(northside: Client, elm: Client, theo: User, bea: User, as_person: AsPerson) -> None:
    for client in (northside, elm):
        worked(client, (local_day(timezone.now()).replace(day=1) - timedelta(days=20)), 60, by=theo)

    reply = as_person(bea).post(f"/money/closing/runs/{elm.pk}", follow=True)

    assert [invoice.client for invoice in Invoice.objects.all()] == [elm]
    assert "Elm St Law: issued" in reply.content.decode()


def test_progress_alone_is_sent_to_a_page_that_asks_again(northside: Client, theo: User, as_person: AsPerson) -> None:
    worked(northside, (local_day(timezone.now()).replace(day=1) - timedelta(days=20)), 60, by=theo)

    with CaptureQueriesContext(connection) as asked:
        text = as_person(theo).get("/money/closing", headers={"HX-Request": "true"}).content.decode()

    assert text.strip().startswith('<section id="progress"')
    assert "<html" not in text
    assert not any('FROM "clients_shopterms"' in query["sql"] for query in asked), "it previews nothing"


def test_the_money_of_many_clients_takes_as_many_questions_as_that_of_one(
    busy: Client, elm: Client, theo: User, as_person: AsPerson
) -> None:
    browser = as_person(theo)

    def questions(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        return len(asked)

    before = [questions(address) for address in ("/money/", "/money/closing")]
    for number in range(3):
        client = Client.objects.create(name=f"Client {number}")
        worked(client, local_day(timezone.now()) - timedelta(days=1), 60, by=theo)
        bring(client, timezone.now())

    assert [questions(address) for address in ("/money/", "/money/closing")] == before


def test_a_technician_looks_and_issues_nothing(busy: Client, theo: User, as_person: AsPerson) -> None:
    browser, count = as_person(theo), Invoice.objects.count()

    looks = [browser.get("/money/"), browser.get("/money/closing")]
    moves = [browser.post("/money/closing/runs"), browser.post(f"/money/closing/runs/{busy.pk}")]

    assert [reply.status_code for reply in looks] == [200, 200]
    assert [reply.status_code for reply in moves] == [404, 404]
    assert Invoice.objects.count() == count


@pytest.mark.parametrize("page", ["/money/", "/money/closing"])
def test_the_shops_money_does_not_exist_for_a_contact(
    busy: Client, nora: User, stranger: User, as_person: AsPerson, page: str
) -> None:
    assert [as_person(person).get(page).status_code for person in (nora, stranger)] == [404, 404]
