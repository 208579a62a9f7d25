"""Visits: minimum and increment once for an order's day at a place, and what a trip costs."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core import voiding
from rounds.core.account import Account, Kind, Outcome, Work
from rounds.core.money import Refused
from rounds.core.rating import rate_work
from rounds.core.terms import Place, Shop
from rounds.core.voiding import Entered, Rest
from tests.core.accounts import account, agreement, day, work

SHOP = Shop(hourly_rate=8_999, minimum_onsite_minutes=60, is_per_visit=True)

shops = st.builds(
    Shop,
    hourly_rate=st.sampled_from([8_999, 10_000]),
    increment_minutes=st.sampled_from([1, 6, 15, 60]),
    grace_minutes=st.sampled_from([0, 5]),
    minimum_onsite_minutes=st.sampled_from([0, 45, 60]),
    after_hours_multiplier=st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(2), Fraction(1, 2)]),
    is_per_visit=st.just(True),
    trip_fee=st.sampled_from([0, 4_500]),
)
stints = st.lists(st.tuples(st.integers(0, 150), st.booleans()), min_size=1, max_size=6)


def entries(told: Sequence[tuple[int, bool]]) -> list[Work]:
    return [
        replace(work(minutes=minutes, place=Place.ONSITE, is_after_hours=late, order=7), key=f"stint {number}")
        for number, (minutes, late) in enumerate(told, start=1)
    ]


def rate(one: Account, works: Sequence[Work]) -> tuple[Account, list[Outcome]]:
    outcomes = []
    for entry in works:
        outcomes.append(rate_work(one, entry))
        one = one.after(outcomes[-1])
    return one, outcomes


def billed(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Seconds and cents of a visit in all."""
    return (
        sum(outcome.billable_seconds or 0 for outcome in outcomes),
        sum(charge.amount for outcome in outcomes for charge in outcome.charges),
    )


@given(shop=shops, told=stints, data=st.data())
def test_the_order_of_recording_never_changes_what_a_visit_comes_to(
    shop: Shop, told: list[tuple[int, bool]], data: st.DataObject
) -> None:
    works = entries(told)
    shuffled = data.draw(st.permutations(works))

    _, in_order = rate(account(shop=shop), works)
    _, otherwise = rate(account(shop=shop), shuffled)

    assert billed(in_order) == billed(otherwise)


@given(shop=shops, told=stints, data=st.data())
def test_splitting_a_stint_never_changes_what_a_visit_comes_to(
    shop: Shop, told: list[tuple[int, bool]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(told) - 1))
    minutes, late = told[place]
    first = data.draw(st.integers(0, minutes))
    split = [*told[:place], (first, late), (minutes - first, late), *told[place + 1 :]]

    _, whole = rate(account(shop=shop), entries(told))
    _, in_two = rate(account(shop=shop), entries(split))

    assert billed(whole) == billed(in_two)
    assert sum(minutes for minutes, _ in split) == sum(minutes for minutes, _ in told)


@given(shop=shops, told=stints)
def test_a_visit_of_one_stint_within_or_after_hours_is_billed_like_an_entry(
    shop: Shop, told: list[tuple[int, bool]]
) -> None:
    shop = replace(shop, after_hours_multiplier=max(Fraction(1), shop.after_hours_multiplier))
    alone = entries(told[:1])[0]

    by_visit = rate_work(account(shop=shop), alone)
    by_entry = rate_work(account(shop=replace(shop, is_per_visit=False)), alone)

    assert by_visit.billable_seconds == by_entry.billable_seconds


@given(shop=shops, told=stints, data=st.data())
def test_a_visit_without_what_was_taken_back_is_billed_as_if_that_had_never_been_recorded(
    shop: Shop, told: list[tuple[int, bool]], data: st.DataObject
) -> None:
    works, wrong = entries(told), data.draw(st.integers(0, len(told) - 1))
    one, outcomes = rate(account(shop=shop), works)
    entered = [
        Entered(entry, outcome.billable_seconds or 0, outcome.draws, outcome.charges)
        for entry, outcome in zip(works, outcomes, strict=True)
    ]
    others = tuple(entered[:wrong] + entered[wrong + 1 :])

    rest = Rest(works[wrong], others, trip=shop.trip_fee)
    back = voiding.void(one, (), outcomes[wrong].charges, key="void", day=day("2005-04-06"), rest=rest)

    _, fresh = rate(account(shop=shop), [entry.work for entry in others])
    assert back.visit is not None
    assert back.visit[1].seconds == billed(fresh)[0]
    in_all = billed(outcomes)[1] + sum(charge.amount for charge in back.charges)
    assert abs(in_all - billed(fresh)[1]) <= 1  # a cent, where what was charged for the rest was rounded before


def test_a_later_entry_of_a_visit_is_billed_what_the_visit_comes_to_less_what_is_billed_of_it() -> None:
    _, (first, second, third) = rate(account(shop=SHOP), entries([(20, False), (25, False), (30, False)]))

    assert [one.billable_seconds for one in (first, second, third)] == [3600, 0, 900]
    assert first.trace[:2] == ("20 min", "raised to 60 min (on-site minimum)")
    assert second.trace == (
        "25 min",
        "with what was recorded before, the on-site visit is 45 min",
        "raised to 60 min (on-site minimum)",
        "1 h of it are billed already: 0 h more",
    )
    assert third.trace[-2] == "1 h of it are billed already: 0.25 h more"


def test_another_order_day_or_place_is_another_visit() -> None:
    one, _ = rate(account(shop=SHOP), entries([(20, False)]))
    same = work(minutes=20, place=Place.ONSITE, order=7)

    tomorrow = replace(same, on=day("2005-04-06"), recorded_on=day("2005-04-06"))
    for other in (replace(same, order=8), tomorrow, replace(same, order=None)):
        assert rate_work(one, other).billable_seconds == 3600
    assert rate_work(one, replace(same, place=Place.REMOTE)).billable_seconds == 1800
    assert rate_work(one, same).billable_seconds == 0


def test_no_charge_is_no_part_of_a_visit() -> None:
    free = replace(work(minutes=300, place=Place.ONSITE, order=7), is_no_charge=True)
    one = account(shop=SHOP).after(rate_work(account(shop=SHOP), free))

    assert not one.visits
    assert rate_work(one, work(minutes=20, place=Place.ONSITE, order=7)).billable_seconds == 3600


def test_an_agreement_says_how_time_counts_and_what_a_trip_costs() -> None:
    shop = Shop(hourly_rate=10_000, minimum_onsite_minutes=60, trip_fee=4_500)
    own = agreement("reactive", is_per_visit=True, trip_fee=0)

    _, agreed = rate(account(own, shop=shop), entries([(20, False), (20, False)]))
    _, usual = rate(account(shop=shop), entries([(20, False), (20, False)]))

    assert billed(agreed) == (3600, 10_000)
    assert billed(usual) == (7200, 24_500)
    assert [charge.kind for charge in usual[0].charges] == [Kind.LABOUR, Kind.TRIP]
    assert [charge.kind for charge in usual[1].charges] == [Kind.LABOUR]


def test_no_hours_pay_for_a_trip() -> None:
    one = account(agreement("service-agreement"), shop=Shop(hourly_rate=10_000, trip_fee=4_500))

    outcome = rate_work(one, work(minutes=60, place=Place.ONSITE, order=7))

    assert [draw.seconds for draw in outcome.draws] == [3600]
    assert [(charge.kind, charge.amount, charge.seconds) for charge in outcome.charges] == [(Kind.TRIP, 4_500, None)]


def test_a_trip_is_charged_back_with_the_last_stint_of_its_visit() -> None:
    shop = Shop(hourly_rate=10_000, trip_fee=4_500)
    works = entries([(30, False), (30, False)])
    one, (first, second) = rate(account(shop=shop), works)
    other = Entered(works[1], second.billable_seconds or 0, (), second.charges)

    back = voiding.void(one, (), first.charges, key="void", day=day("2005-04-06"), rest=Rest(works[0], (other,), 4_500))
    last = voiding.void(one, (), second.charges, key="next", day=day("2005-04-06"), rest=Rest(works[1], (), 4_500))

    assert [(charge.kind, charge.amount) for charge in back.charges] == [(Kind.LABOUR, -5_000)]
    assert [(charge.kind, charge.amount) for charge in last.charges] == [(Kind.LABOUR, -5_000), (Kind.TRIP, -4_500)]


def test_a_trip_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="trip_fee"):
        agreement("reactive", trip_fee=-1)
    with pytest.raises(Refused, match="trip_fee"):
        Shop(hourly_rate=10_000, trip_fee=-1)
