"""What clients hold, what the next first will bill, and the page that explains a charge."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rounds.charges.accounts import load_account
from rounds.charges.models import Closing, Draw, Rated, Standing
from rounds.charges.previewing import next_first, preview_of, previews
from rounds.charges.standing import holdings, holdings_of
from rounds.clients import agreeing
from rounds.clients.models import Client, ShopTerms
from rounds.core.terms import Plan
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice
from rounds.invoices.selling import buy_hours, deposit
from rounds.people.models import User
from rounds.work.models import Void
from rounds.work.timing import Worked, enter
from rounds.work.voiding import void
from tests.trade import agreed, moment, taxed, used, worked

type AsPerson = Callable[[User], Browser]
NOON: datetime = moment(2026, 4, 20, 16)
TODAY = date(2026, 4, 20)


def test_what_a_client_holds_is_what_his_account_says(northside: Client, theo: User) -> None:
    ShopTerms.objects.update(bonus_hours=[[10, 2]])
    taxed("8%", "labour", "part")
    agreed(northside, "service-agreement", date(2026, 3, 10), included_seconds=7200, roll_months=1)
    buy_hours(northside, 10, at=moment(2026, 3, 12))
    deposit(northside, 500_00, at=moment(2026, 3, 13))
    for day, minutes, category in ((15, 100, "support"), (16, 300, "project"), (20, 45, "website")):
        worked(northside, date(2026, 3, day), minutes, by=theo, category=category)
    worked(northside, date(2026, 4, 3), 50, by=theo, category="website")
    used(northside, date(2026, 4, 4), 80_00, by=theo)
    bring(northside, NOON)

    held, account = holdings_of(northside, TODAY), load_account(northside)

    assert held.plan is Plan.SERVICE_AGREEMENT
    assert held.block_seconds == account.block_seconds > 0
    assert held.included_seconds == account.included_seconds(TODAY) > 0
    assert held.retainer == account.retainer > 0
    assert held.retainer_asked == account.asked
    assert held.unbilled == account.unbilled_amount() == 180_00
    assert held.retainer_available == account.available_retainer(TODAY)


def test_the_day_on_which_hours_run_out_is_told_from_the_last_90_days(northside: Client, theo: User) -> None:
    agreed(northside, "block", date(2026, 1, 1), low_at_seconds=4 * 3600)
    buy_hours(northside, 10, at=moment(2026, 1, 10))
    worked(northside, date(2026, 1, 12), 60, by=theo)  # longer ago than 90 days
    worked(northside, date(2026, 4, 1), 180, by=theo)
    bring(northside, NOON)

    held = holdings_of(northside, TODAY)

    assert held.block_seconds == 6 * 3600
    assert held.runs_out_on == date(2026, 10, 17)  # 180 days at 3 h in 90 days
    assert not held.are_hours_low


def test_a_client_who_holds_nothing_has_no_day(northside: Client) -> None:
    held = holdings_of(northside, TODAY)

    assert (held.plan, held.has_blocks, held.has_retainer, held.runs_out_on) == (Plan.REACTIVE, False, False, None)


def test_who_has_no_retainer_is_shown_none_though_work_waits_to_be_billed(
    northside: Client, theo: User, bea: User, as_person: AsPerson
) -> None:
    agreed(northside, "retainer", date(2026, 1, 1), ends=date(2026, 3, 31))
    deposit(northside, 100_00, at=moment(2026, 1, 5))
    worked(northside, date(2026, 1, 12), 60, by=theo)
    worked(northside, date(2026, 4, 12), 60, by=theo)
    office = as_person(bea)
    assert "on the retainer" in office.get(f"/clients/{northside.pk}/money").text

    bring(northside, NOON)

    held = holdings_of(northside, TODAY)
    assert (held.retainer, held.unbilled, held.has_retainer) == (0, 100_00, False)
    assert "on the retainer" not in office.get(f"/clients/{northside.pk}/money").text


def test_many_clients_cost_as_many_questions_as_one(northside: Client, elm: Client, theo: User) -> None:
    agreed(northside, "block", date(2026, 1, 1))
    buy_hours(northside, 10, at=moment(2026, 1, 10))
    worked(elm, date(2026, 4, 1), 180, by=theo)
    bring(elm, NOON)

    with CaptureQueriesContext(connection) as one:
        holdings([northside], TODAY)
    with CaptureQueriesContext(connection) as both:
        found = holdings([northside, elm], TODAY)

    assert len(one) == len(both)
    assert (found[northside.pk].block_seconds, found[elm.pk].unbilled) == (36_000, 300_00)


PLANS: list[tuple[str, dict[str, Any]]] = [
    ("service-agreement", {"included_seconds": 7200, "discount": "10%"}),
    ("retainer", {"low_at_amount": 300_00, "top_up_to": 600_00, "discount": "5%", "monitoring": "included"}),
    ("block", {"monitoring": "2 hours"}),
    ("call-first", {"monitoring": "75.00"}),
    ("reactive", {}),
]


@pytest.mark.parametrize(("plan", "terms"), PLANS, ids=[plan for plan, _terms in PLANS])
def test_a_preview_is_the_invoice_that_follows_and_changes_nothing(
    northside: Client, theo: User, plan: str, terms: dict[str, Any]
) -> None:
    taxed("8%", "labour", "part", "overage")
    agreed(northside, plan, date(2026, 3, 1), **terms)
    deposit(northside, 200_00, at=moment(2026, 3, 5))
    buy_hours(northside, 1, at=moment(2026, 3, 6))
    worked(northside, date(2026, 3, 12), 200, by=theo)
    bring(northside, moment(2026, 4, 2))
    worked(northside, date(2026, 4, 12), 200, by=theo)
    used(northside, date(2026, 4, 13), 80_00, by=theo)
    bring(northside, NOON)
    before = Standing.objects.values_list("turn", "opened_through").get(client=northside)

    preview = preview_of(northside, next_first(TODAY))

    assert Standing.objects.values_list("turn", "opened_through").get(client=northside) == before
    assert preview is not None
    (invoice,) = bring(northside, moment(2026, 5, 1))
    made = Closing.objects.get(pk=invoice.closing_id)
    told = preview.closing
    assert (told.total, told.tax, told.from_retainer, told.asked) == (
        invoice.total, made.tax, made.from_retainer, made.asked,
    )  # fmt: skip
    assert [(line.kind, line.amount) for line in told.lines] == list(made.lines.values_list("kind", "amount"))


def test_very_many_clients_are_previewed_like_a_few(
    northside: Client, elm: Client, theo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for client, plan in ((northside, "block"), (elm, "retainer")):
        agreed(client, plan, date(2026, 3, 1), monitoring="2 hours")
        buy_hours(client, 1, at=moment(2026, 3, 6))
        worked(client, date(2026, 3, 12), 200, by=theo)
        bring(client, moment(2026, 3, 20))
    few = previews([northside, elm], date(2026, 4, 1))

    monkeypatch.setattr(agreeing, "MANY", 1)

    assert len(few) == 2
    assert previews([northside, elm], date(2026, 4, 1)) == few


def test_who_has_nothing_to_bill_has_no_preview(northside: Client, elm: Client) -> None:
    assert previews([northside, elm], date(2026, 5, 1)) == {}


def test_a_charge_explains_itself(northside: Client, theo: User, bea: User, as_person: AsPerson) -> None:
    worked(northside, date(2026, 4, 12), 50, by=theo, is_after_hours=True, note="Profile rebuilt")
    bring(northside, NOON)
    rated = Rated.objects.get()

    for person in (theo, bea):
        text = as_person(person).get(f"/charges/{rated.pk}").content.decode()

        assert "50 min" in text
        assert "rounded up to 60 min (by 15)" in text
        assert "after hours, × 1.5: 1.5 h" in text
        assert "the standard rate" in text
        assert "150.00" in text
        assert "Profile rebuilt" in text
        assert "waits for the next first of the month" in text


def test_a_charge_of_a_visit_tells_what_a_void_of_another_entry_changed(
    northside: Client, theo: User, bea: User, stranger: User, as_person: AsPerson
) -> None:
    ShopTerms.objects.update(is_per_visit=True, minimum_onsite_minutes=60)
    first = worked(northside, date(2026, 4, 12), 40, by=theo, place="onsite")
    evening = moment(2026, 4, 12, 19)
    second = enter(first.order, Worked(evening, 10, place="onsite"), who=theo, at=moment(2026, 4, 13))
    bring(northside, NOON)
    paid_by_the_first = f"/charges/{Rated.objects.get(stint=second).pk}"
    before = as_person(theo).get(paid_by_the_first).text

    void(first, why="entered twice", by=bea, at=moment(2026, 4, 20, 17))
    bring(northside, moment(2026, 4, 20, 18))

    assert "1 h of it are billed already: 0 h more" in before
    assert "Changed since" not in before
    for person in (theo, bea):
        text = " ".join(as_person(person).get(paid_by_the_first).text.split())
        assert "<dd>1 h <span" in text
        assert "40 min of the same visit were taken back by Bea" in text
        assert "(entered twice). Without what was taken back, 1 h more billed." in text
        assert "100.00" in text
    assert as_person(stranger).get(paid_by_the_first).status_code == 404


def test_an_order_shows_what_it_came_to(northside: Client, theo: User, as_person: AsPerson) -> None:
    stint = worked(northside, date(2026, 4, 12), 50, by=theo)
    bring(northside, NOON)

    text = as_person(theo).get(f"/work/orders/{stint.order_id}").content.decode()

    assert "What it came to" in text
    assert "rounded up to 60 min (by 15)" in text


def test_before_time_is_taken_back_its_page_says_what_comes_of_it(
    northside: Client, theo: User, olga: User, nora: User, as_person: AsPerson
) -> None:
    agreed(northside, "service-agreement", date(2026, 4, 1), included_seconds=3600)
    row = worked(northside, date(2026, 4, 10), 90, by=theo)
    path = reverse("work:void-stint", args=[row.pk])
    before = as_person(olga).get(path).content.decode()
    bring(northside, NOON)

    after = as_person(olga).get(path).content.decode()

    assert "Nothing has been drawn or charged for it yet" in before
    assert "50.00 charged back" in after
    assert "<strong>-50.00</strong>" in after
    assert not Void.objects.exists()
    assert Draw.objects.count() == 1
    assert as_person(nora).get(path).status_code == 404


def test_a_charge_does_not_exist_for_a_contact(
    northside: Client, theo: User, nora: User, stranger: User, as_person: AsPerson
) -> None:
    worked(northside, date(2026, 4, 12), 50, by=theo)
    bring(northside, NOON)
    rated = Rated.objects.get()

    replies = [as_person(person).get(f"/charges/{rated.pk}") for person in (nora, stranger)]

    assert [reply.status_code for reply in replies] == [404, 404]


def test_what_hours_pay_for_is_told_as_such(northside: Client, theo: User, as_person: AsPerson) -> None:
    agreed(northside, "service-agreement", date(2026, 4, 1), included_seconds=7200)
    worked(northside, date(2026, 4, 12), 50, by=theo)
    bring(northside, NOON)

    text = as_person(theo).get(f"/charges/{Rated.objects.get().pk}").content.decode()

    assert "the included hours of April 2026" in text
    assert "hours held paid for all of it" in text
    assert Invoice.objects.count() == 1
