"""Writing, changing and ending agreements through their pages; the shop's prices."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients import drafting, explaining, pricing
from rounds.clients.models import Agreement, AgreementEnd, Client, ShopTerms
from rounds.core import terms
from rounds.core.days import first_of_month, last_of_month
from rounds.core.money import Refused, show_amount
from rounds.core.terms import Plan
from rounds.people.models import User
from rounds.people.shop import local_day

type AsPerson = Callable[[User], Browser]
AGREED = {"starts": "2030-04-01", "ends": "2031-03-31", "included_hours": "8", "discount": "10", "spyware": "covered"}


def new(client: Client, plan: str = "service-agreement") -> str:
    return f"/clients/{client.pk}/agreements/new?plan={plan}"


def test_an_agreement_is_signed(bea: User, northside: Client, as_person: AsPerson) -> None:
    reply = as_person(bea).post(new(northside), AGREED | {"hourly": "Project, web", "monitoring": "2 h"})

    row = northside.agreements.get()
    assert reply.status_code == 302
    assert (row.starts, row.ends, row.included_seconds, row.discount) == (
        date(2030, 4, 1), date(2031, 3, 31), 28_800, "10%",
    )  # fmt: skip
    assert (row.hourly, row.monitoring, row.recorded_by) == (["project", "web"], "2 hours", bea)


def test_the_preview_says_what_it_means_and_keeps_nothing(bea: User, northside: Client, as_person: AsPerson) -> None:
    told = AGREED | {"starts": "2030-04-16", "preview": "1", "monitoring": "100.00"}

    page = as_person(bea).post(new(northside), told).text

    assert "8 hours a month at 90.00 an hour (100.00 less 10 %), paid in advance." in page
    assert "From 2030-04-16 to 2030-04-30: the fee 360.00, monitoring 50.00." in page
    assert "Every month, in advance: the fee 720.00, monitoring 100.00." in page
    assert 'value="2030-04-16"' in page
    assert not northside.agreements.exists()


def test_a_block_that_is_bought_by_itself_is_written_previewed_changed_and_drafted(
    bea: User, northside: Client, as_person: AsPerson
) -> None:
    browser, url = as_person(bea), new(northside, "block")
    told = {"starts": "2030-04-01", "low_at_hours": "2", "next_block_hours": "10", "next_block_rate": "95.00",
            "next_block_late_days": "5", "spyware": "covered"}  # fmt: skip

    page = browser.post(url, told | {"preview": "1"}).text
    assert "when work would leave fewer than 2 hours, 10 hours are bought by themselves for 950.00 before tax" in page
    assert "Nothing is bought by itself while an invoice is more than 5 days late" in page
    assert "0 h are held now: the next work buys 10 h by itself, for 950.00 with tax." in page
    browser.post(url, told)

    row = northside.agreements.get()
    assert (row.next_block_hours, row.next_block_rate, row.next_block_below) == (10, 95_00, None)
    assert row.next_block_late_days == 5
    form = browser.get(f"/agreements/{row.pk}/change").context["form"]
    assert [form[name].value() for name in ("next_block_hours", "next_block_late_days")] == [10, 5]
    assert "bought by themselves for 950.00" in drafting.text_of(drafting.copy_of(row))


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        ({"next_block_hours": "1"}, "next_block_hours", "the block has fewer hours"),
        ({"low_at_hours": ""}, "low_at_hours", "say below how many hours"),
        ({"next_block_hours": "0"}, "next_block_hours", "greater than or equal to 1"),
        ({"next_block_hours": "", "next_block_rate": "95.00"}, "next_block_hours", "say how many hours"),
        ({"next_block_rate": "-1"}, "next_block_rate", "negative"),
    ],
)
def test_a_block_that_cannot_be_bought_by_itself_is_refused_where_it_is_wrong(
    bea: User, northside: Client, as_person: AsPerson, wrong: dict[str, str], field: str, why: str
) -> None:
    told = {"starts": "2030-04-01", "low_at_hours": "2", "next_block_hours": "10", "spyware": "covered"}

    reply = as_person(bea).post(new(northside, "block"), told | wrong)

    assert why in str(reply.context["form"].errors[field])
    assert not northside.agreements.exists()


@pytest.mark.parametrize("plan", list(Plan))
def test_every_plan_asks_what_means_something_to_it_and_can_be_signed_as_it_stands(
    olga: User, northside: Client, as_person: AsPerson, plan: Plan
) -> None:
    browser = as_person(olga)
    form = browser.get(new(northside, plan.value)).context["form"]
    told = {name: form[name].value() for name in form.fields}

    page = browser.post(new(northside, plan.value), {name: value for name, value in told.items() if value is not None})

    assert page.status_code == 302
    assert northside.agreements.get().plan == plan.value
    assert ("included_hours" in form.fields) == (plan is Plan.SERVICE_AGREEMENT)


@pytest.mark.parametrize(
    ("plan", "wrong", "where"),
    [
        ("service-agreement", {"included_hours": ""}, ("included_hours", "required")),
        ("service-agreement", {"included_hours": "-1"}, ("included_hours", "not negative")),
        ("service-agreement", {"discount": "110%"}, ("discount", "above 100 %")),
        ("service-agreement", {"discount": "much"}, ("discount", "is not a share")),
        ("service-agreement", {"ends": "2030-03-31"}, ("ends", "before it starts")),
        ("service-agreement", {"starts": "2030-02-30"}, ("starts", "2030-02-28")),
        ("service-agreement", {"starts": "2001-01-01"}, ("starts", "or later")),
        ("service-agreement", {"fee": "7.005"}, ("fee", "more decimals")),
        ("service-agreement", {"monitoring": "sometimes"}, ("monitoring", "sometimes")),
        ("retainer", {"top_up_to": "500"}, ("top_up_to", "below which amount")),
        ("retainer", {"top_up_to": "500", "low_at_amount": "600"}, ("top_up_to", "topped up to less")),
        ("block", {"hours_lapse_months": "0"}, ("hours_lapse_months", "greater than or equal to 1")),
        ("call-first", {"net_days": "1.5"}, ("net_days", "whole number")),
    ],
)  # fmt: skip
def test_what_the_rules_refuse_is_refused_at_its_field(
    olga: User, northside: Client, as_person: AsPerson, plan: str, wrong: dict[str, str], where: tuple[str, str]
) -> None:
    field, said = where

    page = as_person(olga).post(new(northside, plan), AGREED | wrong)

    assert page.status_code == 200
    assert any(said in reason for reason in page.context["form"].errors[field])
    assert not northside.agreements.exists()


def test_an_overlap_is_refused_at_the_start(olga: User, northside: Client, as_person: AsPerson) -> None:
    browser = as_person(olga)
    browser.post(new(northside), AGREED)

    page = browser.post(new(northside, "block"), AGREED)

    assert "overlaps" in page.context["form"].errors["starts"][0]


def test_a_change_from_a_day_on_is_a_new_version_and_the_old_one_stays(
    olga: User, northside: Client, as_person: AsPerson
) -> None:
    browser = as_person(olga)
    browser.post(new(northside), AGREED)
    old = northside.agreements.get()

    offered = browser.get(f"/agreements/{old.pk}/change").context["form"]
    browser.post(f"/agreements/{old.pk}/change", AGREED | {"starts": "2030-07-01", "included_hours": "12"})

    assert offered["included_hours"].value() == "8"
    assert [(row.starts, row.included_seconds) for row in northside.agreements.all()] == [
        (date(2030, 4, 1), 28_800),
        (date(2030, 7, 1), 43_200),
    ]
    assert AgreementEnd.objects.get(agreement=old).ends == date(2030, 6, 30)
    assert "12 hours a month" in browser.get(f"/clients/{northside.pk}").text


def test_ending_is_refused_in_a_month_that_is_charged_already(
    olga: User, northside: Client, as_person: AsPerson
) -> None:
    browser, today = as_person(olga), local_day(timezone.now())
    starts = first_of_month(today)
    browser.post(new(northside), AGREED | {"starts": str(starts), "ends": ""})
    row = northside.agreements.get()
    too_early = last_of_month(today) - timedelta(days=1)

    page = browser.post(f"/agreements/{row.pk}/end", {"ends": str(too_early)})
    ended = browser.post(f"/agreements/{row.pk}/end", {"ends": str(last_of_month(today)), "why": "moved away"})

    assert "charged in advance" in page.context["form"].errors["ends"][0]
    assert ended.status_code == 302
    assert "moved away" in browser.get(f"/clients/{northside.pk}").text


def test_prices_hold_from_a_day_on_and_the_old_ones_stay(olga: User, as_person: AsPerson) -> None:
    browser, today = as_person(olga), local_day(timezone.now())
    form = browser.get("/settings/prices").context["form"]
    told = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    told |= {"hourly_rate": "120", "bonus_hours": "10 = 1\n20 hours: 2.5 free"}

    page = browser.post("/settings/prices", told)

    assert page.status_code == 302
    kept = ShopTerms.objects.get(since=today)
    assert (kept.hourly_rate, kept.bonus_hours, kept.recorded_by) == (
        12_000, [["10", "1"], ["20", "2.5"]], olga,
    )  # fmt: skip
    assert ShopTerms.objects.get(since=date(2005, 1, 1)).hourly_rate == 100_00


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"since": "2020-01-01"}, "since", "or a later day"),
        ({"increment_minutes": "0"}, "increment_minutes", "greater than or equal to 1"),
        ({"hourly_rate": "-5"}, "hourly_rate", "not negative"),
        ({"after_hours_multiplier": "lots"}, "after_hours_multiplier", "lots"),
        ({"bonus_hours": "ten is one"}, "bonus_hours", "line 1"),
    ],
)
def test_prices_that_cannot_be_are_refused_at_their_field(
    olga: User, as_person: AsPerson, wrong: dict[str, str], field: str, said: str
) -> None:
    browser = as_person(olga)
    form = browser.get("/settings/prices").context["form"]
    told = {name: form[name].value() for name in form.fields if form[name].value() is not None}

    page = browser.post("/settings/prices", told | wrong)

    assert any(said in reason for reason in page.context["form"].errors[field])
    assert ShopTerms.objects.count() == 1


def test_a_version_is_replaced_while_its_day_lasts_and_not_after(olga: User) -> None:
    at = timezone.now()
    today = local_day(at)
    pricing.set_prices(ShopTerms(since=today, hourly_rate=1), by=olga, at=at)
    pricing.set_prices(ShopTerms(since=today, hourly_rate=2), by=olga, at=at)

    assert ShopTerms.objects.get(since=today).hourly_rate == 2
    with pytest.raises(Refused, match="billed by the old"):
        pricing.set_prices(ShopTerms(since=today, hourly_rate=3), by=olga, at=at + timedelta(days=1))


def test_every_plan_is_told_in_sentences() -> None:
    shop = terms.Shop(hourly_rate=10_000, bonus_hours=((10, 1),))
    told = {
        plan: " ".join(explaining.in_words(terms.Agreement(1, plan, date(2030, 1, 1), included_seconds=3600), shop))
        for plan in Plan
    }

    assert "1 hours a month at 100.00 an hour" in told[Plan.SERVICE_AGREEMENT]
    assert "1 with 10" in told[Plan.BLOCK]
    assert "asked first" in told[Plan.CALL_FIRST]
    assert all("due 10 days after" in words for words in told.values())


def test_no_agreement_leaves_a_trace_when_refused(olga: User, northside: Client, as_person: AsPerson) -> None:
    as_person(olga).post(new(northside), AGREED | {"ends": "2030-03-01"})

    assert not Agreement.objects.exists()


def test_the_prices_say_for_what_minimum_and_increment_count_and_what_a_trip_costs(
    olga: User, theo: User, as_person: AsPerson
) -> None:
    browser = as_person(olga)
    form = browser.get("/settings/prices").context["form"]
    told = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    told["since"] = "2030-02-01"

    browser.post("/settings/prices", told | {"is_per_visit": "True", "trip_fee": "45.50", "keep": "1"})

    row = ShopTerms.objects.get(since=date(2030, 2, 1))
    assert (row.is_per_visit, row.trip_fee) == (True, 45_50)
    again = browser.get("/settings/prices").text
    assert "each visit" in again
    assert "45.50" in again
    browser.post(
        "/settings/prices", told | {"since": "2030-03-01", "is_per_visit": "False", "trip_fee": "", "keep": "1"}
    )
    assert ShopTerms.objects.values_list("is_per_visit", "trip_fee").get(since=date(2030, 3, 1)) == (False, 0)
    wrong = browser.post("/settings/prices", told | {"is_per_visit": "perhaps", "trip_fee": "-1", "keep": "1"})
    assert set(wrong.context["form"].errors) == {"is_per_visit", "trip_fee"}
    assert as_person(theo).get("/settings/prices").status_code == 404


@pytest.mark.parametrize(
    ("typed", "kept", "words"),
    [
        ({"is_per_visit": "", "trip_fee": ""}, (None, None), ("added up", "costs 30.00 for the trip")),
        (
            {"is_per_visit": "False", "trip_fee": "0"},
            (False, 0),
            ("on its own", "Trips to visits on site are incl"),
        ),
        ({"is_per_visit": "True", "trip_fee": "12.00"}, (True, 12_00), ("at least 60 minutes on site", "costs 12.00")),
    ],
)
def test_an_agreement_says_it_for_its_client_and_empty_is_as_in_the_shop(
    bea: User,
    northside: Client,
    as_person: AsPerson,
    typed: dict[str, str],
    kept: tuple[bool | None, int | None],
    words: tuple[str, str],
) -> None:
    ShopTerms.objects.update(is_per_visit=True, trip_fee=30_00, minimum_onsite_minutes=60)
    browser = as_person(bea)

    preview = browser.post(new(northside), AGREED | typed | {"preview": "1"}).text
    browser.post(new(northside), AGREED | typed)

    row = northside.agreements.get()
    assert (row.is_per_visit, row.trip_fee) == kept
    shown = browser.get(f"/clients/{northside.pk}").text
    for told in words:
        assert told in preview
        assert told in shown
    form = browser.get(f"/agreements/{row.pk}/change").context["form"]
    assert form["is_per_visit"].value() == typed["is_per_visit"]
    assert form["trip_fee"].value() == (None if kept[1] is None else show_amount(kept[1]))


def test_what_a_visit_or_a_trip_cannot_be_is_refused_at_its_field(
    bea: User, stranger: User, northside: Client, as_person: AsPerson
) -> None:
    told = AGREED | {"is_per_visit": "sometimes", "trip_fee": "included"}

    page = as_person(bea).post(new(northside), told)

    assert set(page.context["form"].errors) == {"is_per_visit", "trip_fee"}
    assert 'value="included"' in page.text
    assert as_person(stranger).post(new(northside), told).status_code == 404
    assert not northside.agreements.exists()
