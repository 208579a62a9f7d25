"""A year under other plans, by the same engine."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from rounds.core.account import Kind
from rounds.core.money import Refused
from rounds.core.replay import Candidate, replay_year
from rounds.core.taxing import one_tax
from rounds.core.terms import Monitoring, NextBlock, Shop
from tests.core.accounts import HOUR, agreement, day, part, work

SHOP = Shop(hourly_rate=10_000, bonus_hours=((10, 1),))
WORKS = [
    work("2005-01-10", 120, category="maintenance"),
    work("2005-01-20", 60),
    work("2005-03-05", 300, category="project"),
    work("2004-12-31", 600),
    work("2006-01-01", 600),
]
PARTS = [part("2005-03-06", price=5_000)]


def test_one_year_costs_what_each_plan_says() -> None:
    candidates = {
        "agreement": Candidate(agreement("service-agreement", included_seconds=2 * HOUR, discount=10)),
        "retainer": Candidate(agreement("retainer", discount=10, low_at_amount=1, top_up_to=50_000)),
        "block": Candidate(agreement("block")),
        "call first": Candidate(agreement("call-first", monitoring=Monitoring(fee=7_500))),
        "reactive": Candidate(agreement("reactive")),
    }

    years = replay_year(WORKS, PARTS, candidates, shop=SHOP, first=day("2005-01-01"))

    assert years["agreement"].total == 12 * 18_000 + 9_000 + 50_000 + 5_000
    assert years["retainer"].total == 8 * 9_000 + 5_000
    assert years["block"].total == 100_000 - years["block"].unused + 5_000
    assert years["block"].unused == 27_273  # 3 of 11 hours, of 1,000.00: what has not been earned
    assert years["call first"].total == 12 * 7_500 + 80_000 + 5_000
    assert years["reactive"].total == 80_000 + 5_000


def test_costs_count_in_the_month_of_the_work() -> None:
    year = replay_year(WORKS, PARTS, {"it": Candidate(agreement("reactive"))}, shop=SHOP, first=day("2005-01-15"))["it"]

    assert [month.first for month in year.months] == [date(2005, number, 1) for number in range(1, 13)]
    assert dict(year.months[2].amounts) == {Kind.LABOUR: 50_000, Kind.PART: 5_000}
    assert [month.total for month in year.months] == [30_000, 0, 55_000, *[0] * 9]
    assert [month.billable_seconds for month in year.months[:3]] == [3 * HOUR, 0, 5 * HOUR]


def test_blocks_are_bought_when_the_hours_do_not_cover_the_next_work_and_for_monitoring() -> None:
    candidate = Candidate(agreement("block", monitoring=Monitoring(seconds=HOUR)), block_hours=5)

    year = replay_year(WORKS, [], {"it": candidate}, shop=SHOP, first=day("2005-01-01"))["it"]

    bought = [month.amounts.get(Kind.HOURS, 0) // 10_000 for month in year.months]
    assert bought == [5, 0, 10, 0, 0, 0, 0, 5, 0, 0, 0, 0]
    assert all(Kind.MONITORING not in month.amounts for month in year.months)
    assert year.unused == 0
    assert year.total == 20 * 10_000


def test_hours_that_lapse_are_a_cost() -> None:
    candidate = Candidate(agreement("block", hours_lapse_months=1))

    year = replay_year(
        [work("2005-01-10"), work("2005-05-10")], [], {"it": candidate}, shop=SHOP, first=day("2005-01-01")
    )

    assert year["it"].total == 200_000 - year["it"].unused
    assert year["it"].unused == 0  # the second block lapsed in June


def test_no_block_is_bought_for_work_that_blocks_do_not_pay_for() -> None:
    candidate = Candidate(agreement("block", hourly=frozenset({"support"})))

    year = replay_year([work("2005-01-10")], [], {"it": candidate}, shop=SHOP, first=day("2005-01-01"))["it"]

    assert dict(year.months[0].amounts) == {Kind.LABOUR: 10_000}


def test_the_next_block_is_bought_by_itself_as_the_agreement_says() -> None:
    terms = agreement("block", low_at_seconds=2 * HOUR, next_block=NextBlock(4, rate=9_000))
    works = [work("2005-01-10", 180), work("2005-01-20", 60), work("2005-02-05", 600), work("2005-02-06", 60)]

    year = replay_year(works, [], {"it": Candidate(terms)}, shop=SHOP, first=day("2005-01-01"))["it"]

    # 4 h, 1 left; 4 more, 4 left; one block again for the large draw, 2 h of which are by the hour; and the next.
    assert [month.amounts.get(Kind.HOURS, 0) for month in year.months[:2]] == [72_000, 72_000]
    assert year.months[1].amounts[Kind.LABOUR] == 20_000
    assert year.unused == 3 * 9_000
    assert any("by itself as agreed" in said for said in year.assumed)


def test_what_is_assumed_is_said() -> None:
    candidates = {plan: Candidate(agreement(plan)) for plan in ("block", "retainer", "call-first", "reactive")}

    years = replay_year([], [], candidates, shop=SHOP, first=day("2005-01-01"))

    assert [len(year.assumed) for year in years.values()] == [3, 3, 3, 2]


def test_replaying_twice_is_the_same_and_the_order_of_entries_does_not_matter() -> None:
    candidates = {"it": Candidate(agreement("service-agreement", discount=10, roll_months=1))}

    once = replay_year(WORKS, PARTS, candidates, shop=SHOP, first=day("2005-01-01"))

    assert replay_year(WORKS[::-1], PARTS, candidates, shop=SHOP, first=day("2005-01-01")) == once


def test_amounts_are_before_tax() -> None:
    taxed = replace(SHOP, taxes=one_tax(Fraction(1, 10), ["labour"]))

    year = replay_year(WORKS, [], {"it": Candidate(agreement("reactive"))}, shop=taxed, first=day("2005-01-01"))["it"]

    assert year.total == 80_000


def test_a_block_of_no_hours_is_refused() -> None:
    with pytest.raises(Refused, match="at least one hour"):
        replay_year(WORKS, [], {"it": Candidate(agreement("block"), 0)}, shop=SHOP, first=day("2005-01-01"))
