"""Stories are checked entirely before they are played, and refused with the reason (billing-rules.md, "Refused")."""

import tomllib
from decimal import Decimal
from typing import Any

import pytest

from rounds.core.money import Refused
from rounds.core.rehearsing import play
from rounds.core.stories import read_story

STORY = """
title = "A story"
through = 2005-06-01
[shop]
hourly_rate = "100.00"
{shop}
[[agreement]]
plan = "{plan}"
starts = 2005-04-01
{agreement}
[[event]]
at = 2005-04-05T09:00:00
{event}
"""


def tell(text: str) -> dict[str, Any]:
    return play(read_story(tomllib.loads(text, parse_float=Decimal)))


def story(shop: str = "", agreement: str = "", event: str = "work = { minutes = 60 }", plan: str = "block") -> str:
    return STORY.format(shop=shop, agreement=agreement, event=event, plan=plan)


def test_the_story_that_the_refused_ones_are_variants_of_is_played() -> None:
    assert tell(story())["closing"]["receivable"] == "100.00"


@pytest.mark.parametrize(
    ("plan", "agreement", "why"),
    [
        ("block", "ends = 2005-03-31", "before it starts"),
        ("retainer", 'top_up_to = "500.00"', "top_up_to needs low_at"),
        ("retainer", 'low_at = "500.00"\ntop_up_to = "499.99"', "top_up_to is below low_at"),
        ("service-agreement", "", "needs included_hours"),
        ("service-agreement", "included_hours = -1", "included_hours is negative"),
        ("service-agreement", 'included_hours = "8"', "not a number"),
        ("service-agreement", "included_hours = nan", "can be meant"),
        ("service-agreement", "included_hours = 8\nroll_months = 0.5", "not a whole number"),
        ("service-agreement", "included_hours = 8\nroll_months = -1", "negative"),
        ("service-agreement", 'included_hours = 8\nfee = "-1.00"', "negative"),
        ("service-agreement", 'included_hours = 8\ndiscount = "100.01%"', "above 100 %"),
        ("service-agreement", 'included_hours = 8\noverage_discount = "101%"', "above 100 %"),
        ("service-agreement", 'included_hours = 8\ndiscount = "-1%"', "negative"),
        ("service-agreement", 'included_hours = 8\ndiscount = "10"', "not a share"),
        ("gold", "", "none of service-agreement"),
        ("block", 'spyware = "maybe"', "none of covered, hourly, if-protected"),
        ("block", 'monitoring = "sometimes"', '"none", "included"'),
        ("block", 'monitoring = "-2 hours"', "not an amount"),
        ("block", 'monitoring = "-2.00"', "negative"),
        ("block", "low_at = -1", "negative"),
        ("block", 'low_at = "300.00"', "not a number"),
        ("retainer", "low_at = 300", "as text"),
        ("reactive", "low_at = -1", "negative"),
        ("block", "hours_lapse_months = 0", "at least 1"),
        ("block", "net_days = -1", "negative"),
        ("block", 'hourly_rate = "-1.00"', "negative"),
        ("block", 'hourly_rate = "90.005"', "more decimals than the currency"),
        ("block", 'discont = "5%"', "not a field that the rules know"),
        ("block", '[[agreement]]\nplan = "block"\nstarts = 2006-01-01', "overlaps"),
        ("block", "ends = 2005-04-30\n[[agreement]]\nplan = 'block'\nstarts = 2005-04-30", "overlaps"),
        ("block", "[[agreement]]\nplan = 'block'", "agreement 2: starts is missing"),
        ("block", "[[agreement]]\nstarts = 2006-01-01", "agreement 2: plan is missing"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(plan: str, agreement: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        tell(story(plan=plan, agreement=agreement))


@pytest.mark.parametrize(
    ("shop", "why"),
    [
        ("increment_minutes = 0", "at least 1"),
        ("increment_minutes = 7.5", "not a whole number"),
        ("grace_minutes = -1", "negative"),
        ("minimum_minutes = { onsite = -60 }", "negative"),
        ("minimum_minutes = { moon = 60 }", "not a field"),
        ('after_hours_multiplier = "-1.5"', "negative"),
        ('after_hours_multiplier = "twice"', "not a number"),
        ('monitoring_fee = "-100.00"', "negative"),
        ('parts_markup = "-20%"', "negative"),
        ('tax_rate = "-1%"', "negative"),
        ('taxable = ["retainer"]', "never taxed"),
        ('taxable = ["tea"]', "none of hours, fee"),
        ("bonus_hours = [[10, -1]]", "negative"),
        ("bonus_hours = [[10]]", "pair"),
        ("net_days = -1", "negative"),
        ("net_days = 4000000", "beyond the calendar"),
        ('rate = "100.00"', "not a field"),
    ],
)
def test_settings_of_the_shop_that_cannot_be_meant_are_refused(shop: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        tell(story(shop=shop))


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("work = { minutes = 7.5 }", "not a whole number"),
        ("work = { minutes = -5 }", "negative"),
        ("work = { minutes = true }", "not a number"),
        ("work = {}", "minutes is missing"),
        ('work = { minutes = 5, place = "home" }', "none of remote, onsite"),
        ('work = { minutes = 5, after_hours = "yes" }', "neither true nor false"),
        ("void = 1", "void names no work or part"),
        ("void = 7", "void names no work or part"),
        ('work = { minutes = 5, approved = "yes" }', "not a date"),
        ("work = { minutes = 5, hours = 1 }", "not a field"),
        ('part = { price = "5.00", quantity = 1.5 }', "not a whole number"),
        ('part = { price = "5.00", quantity = -1 }', "negative"),
        ('part = { price = "-5.00" }', "negative"),
        ('part = { price = "5.00", cost = "4.00" }', "one of the two"),
        ("part = {}", "one of the two"),
        ("part = 5", "not a table"),
        ("buy_hours = 1.5", "not a whole number"),
        ("buy_hours = -1", "negative"),
        ("buy_hours = 99999999999", "can be meant"),
        ('deposit = "-1.00"', "negative"),
        ("deposit = 100", "as text"),
        ('deposit = "10.005"', "more decimals"),
        ('deposit = "1e3"', "not an amount"),
        ('pay = "-1.00"', "negative"),
        ('pay = { amount = "1.00" }', "invoice is missing"),
        ('pay = { invoice = 1, amount = "1.00" }', "no invoice 1"),
        ('credit = { invoice = 1, amount = "1.00" }', "no invoice 1"),
        ("credit = { invoice = 1 }", "amount is missing"),
        ('credit = { invoice = 1, whole = true, amount = "1.00" }', "either whole"),
        ("credit = { invoice = 1, line = 1 }", "no invoice 1"),
        ("write_off = { invoice = 1 }", "no invoice 1"),
        ('write_off = "1.00"', "not a table"),
        ("expect_again = 1", "no invoice 1"),
        ('credit = "1.00"', "not a table"),
        ("", "exactly one of"),
        ('deposit = "1.00"\nbuy_hours = 1', "exactly one of"),
        ("reclaim = true\nbuy_hours = 1", "not a field"),
        ("refund = true", "not a table"),
        ("refund = {}", "exactly one of block, retainer, credit"),
        ("refund = { block = 1 }", "refund names no hours"),
        ('refund = { credit = "1.00", to = "cash" }', "none of bank, credit"),
        ("recorded = 2005-04-04T09:00:00\nbuy_hours = 1", "before it happened"),
        ("recorded = 2005-04-05T09:00:00Z\nbuy_hours = 1", "offset"),
        ("recorded = 10:00:00\nbuy_hours = 1", "not a date"),
        ("recorded = 2205-04-05\nbuy_hours = 1", "more than 100 years"),
        ("work = { minutes = 5, until = 2005-04-05T10:00:00 }", "one of the two"),
        ("work = { until = 2005-04-05T09:00:00 }", "whole minutes after it began at 09:00"),
        ("work = { until = 2005-04-05T09:00:30 }", "whole minutes after it began at 09:00"),
        ("second = true\nbuy_hours = 1", "comes only once"),
    ],
)
def test_events_that_cannot_be_meant_are_refused(event: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        tell(story(event=event))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("through = 2005-01-01", "shop is missing"),
        ("[shop]\nhourly_rate = '1.00'", "through is missing"),
        ("through = 2005-01-01\n[shop]", "shop: hourly_rate is missing"),
        ("through = 2005-01-01T00:00:00\n[shop]\nhourly_rate = '1.00'", "not a date"),
        ("through = 2005-01-01\nshop = 5", "not a table"),
        ("through = 2005-01-01\n[shop]\nhourly_rate = '1.00'\n[agreement]\nplan = 'block'", "under .*agreement"),
        ("through = 2005-01-01\n[shop]\nhourly_rate = '1.00'\n[event]\nat = 2005-01-01", "under .*event"),
        ("through = 2005-01-01\nzone = 'Mars/Olympus'\n[shop]\nhourly_rate = '1.00'", "no time zone"),
        ("through = 2005-01-01\nzone = 1\n[shop]\nhourly_rate = '1.00'", "no time zone"),
        ("through = 2005-01-01\nevents = []\n[shop]\nhourly_rate = '1.00'", "not a field"),
        ("through = 2005-01-01\n[shop]\nhourly_rate = '1.00'\n[[event]]\nbuy_hours = 1", "event 1: at is missing"),
    ],
)
def test_a_story_that_lacks_something_is_refused(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        tell(text)


def test_events_after_the_last_day_are_checked_though_they_are_not_played() -> None:
    late = "work = { minutes = 60 }\n[[event]]\nat = 2005-07-05\n"

    with pytest.raises(Refused, match="no invoice 2"):
        tell(story(event=late + 'pay = { invoice = 2, amount = "1.00" }'))
    paid_later = tell(story(event=late + 'pay = { invoice = 1, amount = "100.00" }'))

    assert paid_later["closing"]["receivable"] == "100.00"


def test_a_date_counts_as_noon() -> None:
    morning = 'pay = { invoice = 1, amount = "50.00" }\n[[event]]\nat = 2005-04-05T11:59:00\nbuy_hours = 1'

    with pytest.raises(Refused, match="no invoice 1"):
        tell(story(event=morning.replace("T11:59:00", "T12:01:00")).replace("2005-04-05T09:00:00", "2005-04-04"))
    assert tell(story(event=morning).replace("2005-04-05T09:00:00", "2005-04-05"))["closing"]["receivable"] == "50.00"


def test_at_the_same_moment_the_order_of_the_file_counts() -> None:
    work_first = tell(story(event="work = { minutes = 60 }\n[[event]]\nat = 2005-04-05T09:00:00\nbuy_hours = 1"))

    assert work_first["closing"]["block_hours"] == "0"  # hours bought count before the day's work, whatever the order


def test_work_on_a_first_is_recorded_after_that_days_invoice() -> None:
    told = tell(story(event="work = { minutes = 60 }").replace("2005-04-05T09:00:00", "2005-05-01T00:00:00"))

    assert [invoice["date"] for invoice in told["invoices"]] == ["2005-06-01"]


def test_an_amount_may_be_paid_for_an_invoice_of_the_same_first() -> None:
    payment = "[[event]]\nat = 2005-05-01T00:00:00\npay = { invoice = 1, amount = '99.99' }"

    told = tell(story(event="work = { minutes = 60 }\n" + payment))

    assert told["invoices"][0]["open"] == "0.01"


def test_approval_before_the_work_was_recorded_is_approval() -> None:
    event = "work = { minutes = 60, approved = 2005-04-01T08:00:00 }"

    told = tell(story(plan="call-first", event=event))

    assert told["notices"] == []
    assert told["closing"]["receivable"] == "100.00"


def test_approval_after_the_last_day_leaves_the_work_held() -> None:
    told = tell(story(plan="call-first", event="work = { minutes = 60, approved = 2005-06-02 }"))

    assert told["closing"]["held"] == 1
    assert told["invoices"] == []


def test_approval_of_work_that_was_never_held_does_nothing() -> None:
    told = tell(story(plan="reactive", event="work = { minutes = 60, approved = 2005-05-20 }"))

    assert [invoice["total"] for invoice in told["invoices"]] == ["100.00"]


def test_numbers_may_be_given_as_floats_and_are_read_as_written() -> None:
    values = tomllib.loads(story(plan="service-agreement", agreement="included_hours = 7.1"))

    assert play(read_story(values))["closing"]["included_hours"] == "7.1"  # type: ignore[index]


def test_a_time_that_the_clock_skips_is_refused_and_one_that_comes_once_has_no_second() -> None:
    zoned = story().replace("through", "zone = 'America/Chicago'\nthrough", 1)

    with pytest.raises(Refused, match="put forward over 02:30 on 2005-04-03"):
        tell(zoned.replace("2005-04-05T09:00:00", "2005-04-03T02:30:00"))
    with pytest.raises(Refused, match="comes only once"):
        tell(zoned.replace("2005-04-05T09:00:00", "2005-04-05T09:00:00\nsecond = true"))
    assert tell(zoned)["closing"]["receivable"] == "100.00"


def test_events_of_the_hour_that_comes_twice_are_put_in_order_by_the_real_time() -> None:
    zoned = story(event="buy_hours = 1\nsecond = true\n[[event]]\nat = 2005-10-30T01:45:00\nwork = { minutes = 60 }")
    zoned = zoned.replace("through", "zone = 'America/Chicago'\nthrough", 1).replace("2005-07-01", "2005-11-01")

    events = read_story(tomllib.loads(zoned.replace("2005-04-05T09:00:00", "2005-10-30T01:15:00"))).events

    assert [event.key for event in events] == [2, 1]
