"""Rating work and parts: billing-rules.md, "Billable minutes", "Plans", "Late entries"."""

from fractions import Fraction
from typing import Any

import pytest

from rounds.core import buying, opening
from rounds.core.account import Kind, NoticeKind
from rounds.core.rating import approved, billable_seconds, rate_part, rate_work
from rounds.core.taxing import one_tax
from rounds.core.terms import Place, Shop, Spyware
from tests.core.accounts import HOUR, account, agreement, day, kinds, part, work

SHOP = Shop(hourly_rate=10_000, minimum_onsite_minutes=60)


@pytest.mark.parametrize(("minutes", "billed"), [(0, 0), (1, 15), (15, 15), (16, 30), (50, 60), (61, 75)])
def test_minutes_are_rounded_up_to_the_increment(minutes: int, billed: int) -> None:
    assert billable_seconds(work(minutes=minutes), SHOP)[0] == billed * 60


@pytest.mark.parametrize(("minutes", "billed"), [(3, 15), (15, 15), (18, 15), (20, 15), (21, 30), (35, 30)])
def test_a_rest_within_the_grace_is_not_charged_but_the_first_increment_always_is(minutes: int, billed: int) -> None:
    shop = Shop(hourly_rate=10_000, grace_minutes=5)

    assert billable_seconds(work(minutes=minutes), shop)[0] == billed * 60


def test_the_trace_says_how_the_minutes_came_about() -> None:
    seconds, trace = billable_seconds(work(minutes=20, place=Place.ONSITE, is_after_hours=True), SHOP)

    assert seconds == 90 * 60
    assert trace == ("20 min", "raised to 60 min (on-site minimum)", "after hours, × 1.5: 1.5 h")


def test_a_multiplied_time_is_rounded_half_up_to_the_second() -> None:
    shop = Shop(hourly_rate=10_000, increment_minutes=1, after_hours_multiplier=Fraction(10_001, 8_000))

    assert billable_seconds(work(minutes=1, is_after_hours=True), shop)[0] == 75  # 75.0075
    shop = Shop(hourly_rate=10_000, increment_minutes=1, after_hours_multiplier=Fraction(151, 120))
    assert billable_seconds(work(minutes=1, is_after_hours=True), shop)[0] == 76  # 75.5


def test_no_charge_work_moves_nothing_even_where_there_is_a_minimum() -> None:
    outcome = rate_work(account(shop=SHOP), work(minutes=30, place=Place.ONSITE, is_no_charge=True))

    assert (outcome.billable_seconds, outcome.charges, outcome.draws, outcome.notices) == (0, (), (), ())


def test_included_hours_come_before_the_block_and_the_block_before_money() -> None:
    one = account(agreement("service-agreement", included_seconds=HOUR, discount=10))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 1))
    one = one.after(opening.close(one, day("2005-04-01")))

    outcome = rate_work(one, work(minutes=180))

    assert [(draw.source, draw.seconds) for draw in outcome.draws] == [("grant", HOUR), ("block", HOUR)]
    assert [(charge.kind, charge.seconds, charge.amount) for charge in outcome.charges] == [(Kind.OVERAGE, HOUR, 9_000)]
    assert outcome.charges[0].trace[-1] == "1 h overage at 90.00 (the overage rate, 10 % off): 90.00"


def test_the_overage_rate_has_a_discount_of_its_own_where_one_is_agreed() -> None:
    one = account(agreement("service-agreement", included_seconds=0, discount=20, overage_discount=5))

    assert rate_work(one, work()).charges[0].amount == 9_500


def test_the_agreements_rate_goes_before_the_shops_for_every_plan() -> None:
    for plan in ("service-agreement", "retainer", "block", "call-first", "reactive"):
        one = account(agreement(plan, hourly_rate=8_000))

        assert rate_work(one, work(category="other", is_approved=True)).charges[0].amount == 8_000


def test_a_discount_means_nothing_to_block_call_first_and_reactive() -> None:
    for plan in ("block", "call-first", "reactive"):
        one = account(agreement(plan, discount=50))

        assert rate_work(one, work(is_approved=True)).charges[0].amount == 10_000


@pytest.mark.parametrize(
    ("plan", "category", "kind", "amount"),
    [
        ("service-agreement", "monitoring", Kind.OVERAGE, 9_000),
        ("service-agreement", "project", Kind.LABOUR, 10_000),
        ("service-agreement", "training", Kind.LABOUR, 10_000),
        ("service-agreement", "spyware", Kind.OVERAGE, 9_000),
        ("retainer", "project", Kind.LABOUR, 9_000),
        ("retainer", "spyware", Kind.LABOUR, 9_000),
        ("retainer", "training", Kind.LABOUR, 10_000),
        ("block", "support", Kind.LABOUR, 10_000),
    ],
)
def test_only_work_that_the_plan_covers_is_discounted(plan: str, category: str, kind: Kind, amount: int) -> None:
    terms: dict[str, Any] = {"included_seconds": 0} if plan == "service-agreement" else {}
    outcome = rate_work(account(agreement(plan, discount=10, **terms)), work(category=category))

    assert [(charge.kind, charge.amount) for charge in outcome.charges] == [(kind, amount)]


def test_neither_agreement_nor_block_pays_for_a_category_that_is_by_the_hour() -> None:
    one = account(agreement("service-agreement", discount=10, hourly=frozenset({"support"})))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 5))
    one = one.after(opening.close(one, day("2005-04-01")))

    outcome = rate_work(one, work())

    assert not outcome.draws
    assert [(charge.kind, charge.amount) for charge in outcome.charges] == [(Kind.LABOUR, 10_000)]


@pytest.mark.parametrize(
    ("policy", "details", "is_covered"),
    [
        (Spyware.COVERED, {"cause": "user"}, True),
        (Spyware.HOURLY, {"is_protected": True}, False),
        (Spyware.IF_PROTECTED, {"is_protected": True}, True),
        (Spyware.IF_PROTECTED, {"is_protected": True, "cause": "user"}, False),
        (Spyware.IF_PROTECTED, {}, False),
    ],
)
@pytest.mark.parametrize("plan", ["service-agreement", "call-first", "reactive"])
def test_block_hours_follow_the_spyware_policy_under_every_plan(
    policy: Spyware, details: dict[str, Any], is_covered: object, plan: str
) -> None:
    terms: dict[str, Any] = {"included_seconds": 0} if plan == "service-agreement" else {}
    one = account(agreement(plan, spyware=policy, **terms))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 5))

    outcome = rate_work(one, work(category="spyware", is_approved=True, **details))

    assert bool(outcome.draws) is is_covered
    assert bool(outcome.charges) is not is_covered


def test_call_first_and_reactive_do_not_cover_spyware_whatever_the_policy() -> None:
    for plan in ("call-first", "reactive"):
        one = account(agreement(plan, discount=50, spyware=Spyware.COVERED))

        outcome = rate_work(one, work(category="spyware", is_approved=True))

        assert [charge.amount for charge in outcome.charges] == [10_000]


def test_call_first_work_without_approval_is_held_and_told_on_the_day_it_is_recorded() -> None:
    one = account(agreement("call-first"))

    outcome = rate_work(one, work("2005-04-05", recorded_on="2005-04-09"))

    assert outcome.is_held
    assert [(notice.on, notice.kind) for notice in outcome.notices] == [
        (day("2005-04-09"), NoticeKind.WORK_NOT_APPROVED)
    ]
    assert one.after(outcome) == one


def test_work_that_is_no_charge_anyway_is_not_held() -> None:
    assert not rate_work(account(agreement("call-first")), work(is_no_charge=True)).is_held


def test_approval_rates_by_the_day_done_and_counts_as_recorded_then() -> None:
    shops = account(agreement("call-first", ends="2005-04-30", hourly_rate=9_000), agreement("block", "2005-05-01", 2))

    outcome = rate_work(shops, approved(work("2005-04-28"), day("2005-05-05")))

    assert [(charge.amount, charge.recorded_on) for charge in outcome.charges] == [(9_000, day("2005-05-05"))]


def test_late_work_is_rated_by_the_terms_of_its_day_and_drawn_from_todays_block() -> None:
    one = account(
        agreement("service-agreement", ends="2005-04-30", included_seconds=0, discount=10),
        agreement("block", "2005-05-01", 2, low_at_seconds=HOUR),
    )
    one = one.after(buying.buy(one, "block", day("2005-05-01"), 1))

    outcome = rate_work(one, work("2005-04-28", 120, recorded_on="2005-05-03"))

    assert [draw.seconds for draw in outcome.draws] == [HOUR]
    assert [(charge.kind, charge.amount) for charge in outcome.charges] == [(Kind.OVERAGE, 9_000)]
    assert kinds(outcome) == [NoticeKind.HOURS_EMPTY]


def test_work_on_an_agreement_that_was_recorded_late_still_has_its_included_hours() -> None:
    one = account(agreement("service-agreement", "2005-03-15", included_seconds=4 * HOUR, roll_months=1))

    outcome = rate_work(one, work("2005-04-05", 300))
    again = rate_work(one.after(outcome), work("2005-04-06", 60))

    assert [draw.seconds for draw in outcome.draws] == [8100, 9900]  # 4 h × 17/31, up to 2.25 h, roll; then April's
    assert len(outcome.grants) == 2
    assert again.grants == ()
    assert one.after(outcome).after(again).included_seconds(day("2005-04-30")) == 900


def test_a_draw_that_leaves_nothing_says_empty_under_any_plan_and_low_is_not_said_as_well() -> None:
    one = account(agreement("reactive"))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 1))

    assert kinds(rate_work(one, work())) == [NoticeKind.HOURS_EMPTY]


def test_low_hours_are_told_once_and_again_only_after_the_threshold_was_reached() -> None:
    one = account(agreement("block", low_at_seconds=2 * HOUR))
    one = one.after(buying.buy(one, "first", day("2005-04-01"), 3))
    told = []

    for step in (work(minutes=60), work(minutes=15), None, work(minutes=15), None, work(minutes=60)):
        outcome = rate_work(one, step) if step else buying.buy(one, "more", day("2005-04-05"), 1)
        one = one.after(outcome)
        told.append((one.block_seconds / HOUR, kinds(outcome)))

    assert told == [
        (2, []),
        (1.75, [NoticeKind.LOW_HOURS]),
        (2.75, []),  # at the threshold again: may be told anew
        (2.5, []),
        (3.5, []),
        (2.5, []),
    ]
    assert kinds(rate_work(one, work(minutes=60))) == [NoticeKind.LOW_HOURS]


def test_low_is_not_told_again_while_a_purchase_leaves_the_hours_below_the_threshold() -> None:
    one = account(agreement("block", low_at_seconds=5 * HOUR))
    one = one.after(buying.buy(one, "first", day("2005-04-01"), 2))
    one = one.after(rate_work(one, work()))

    one = one.after(buying.buy(one, "second", day("2005-04-06"), 1))

    assert kinds(rate_work(one, work())) == []


def test_a_new_agreement_starts_unwarned() -> None:
    one = account(
        agreement("block", ends="2005-04-30", low_at_seconds=5 * HOUR),
        agreement("block", "2005-05-01", 2, low_at_seconds=5 * HOUR),
    )
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 4))
    first = rate_work(one, work())
    one = one.after(first)

    second = rate_work(one, work("2005-05-02"))

    assert kinds(first) == kinds(second) == [NoticeKind.LOW_HOURS]


def test_low_retainer_counts_what_is_not_yet_billed_and_its_tax() -> None:
    shop = Shop(hourly_rate=10_000, taxes=one_tax(Fraction(1, 10), ["labour"]))
    one = account(agreement("retainer", low_at_amount=9_000), shop=shop, retainer=20_000)

    just_enough = rate_work(one, work(minutes=60))
    one = one.after(just_enough)

    assert one.available_retainer(day("2005-04-05")) == 9_000
    assert kinds(just_enough) == []
    assert kinds(rate_part(one, part(price=1))) == [NoticeKind.LOW_RETAINER]


def test_work_that_costs_no_money_does_not_tell_of_a_low_retainer() -> None:
    one = account(agreement("retainer", low_at_amount=9_000))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 2))

    assert kinds(rate_work(one, work())) == []


def test_a_part_is_billed_at_its_price_or_at_cost_and_markup_rounded_once() -> None:
    one = account(shop=Shop(hourly_rate=10_000, parts_markup=Fraction(1, 4)))

    assert rate_part(one, part(price=4_995, quantity=3)).charges[0].amount == 14_985
    assert rate_part(one, part(cost=33, quantity=3)).charges[0].amount == 124  # 3 × 41.25 = 123.75
    assert rate_part(one, part(price=4_995, quantity=0)).charges == ()


def test_hours_never_pay_for_a_part() -> None:
    one = account(agreement("service-agreement"))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 5))
    one = one.after(opening.close(one, day("2005-04-01")))

    outcome = rate_part(one, part(price=100))

    assert not outcome.draws
    assert outcome.charges[0].kind is Kind.PART
