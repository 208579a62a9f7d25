"""What a day opens with: lapses, firsts of months and agreement starts (billing-rules.md, "The first of the month")."""

from datetime import date, timedelta
from fractions import Fraction

from rounds.core import buying
from rounds.core.account import Charge, Closing, Grant, Kind, NoticeKind
from rounds.core.opening import close, is_closing_day, lapse
from rounds.core.rating import rate_part, rate_work
from rounds.core.taxing import one_tax
from rounds.core.terms import Monitoring, Shop, Terms
from tests.core.accounts import HOUR, account, agreement, changed, day, kinds, part, work


def lines(closing: Closing | None) -> list[tuple[str, int]]:
    return [(line.kind.value, line.amount) for line in closing.lines] if closing else []


def test_the_lines_stand_in_the_order_fee_monitoring_what_was_left_to_bill_retainer() -> None:
    one = account(
        agreement("service-agreement", included_seconds=0, fee=5_000, monitoring=Monitoring(fee=100)),
    )
    one = one.after(close(one, day("2005-04-01")))
    one = one.after(rate_part(one, part(price=30)))
    one = one.after(rate_work(one, work()))

    outcome = close(one, day("2005-05-01"))

    assert lines(outcome.closing) == [("fee", 5_000), ("monitoring", 100), ("part", 30), ("overage", 10_000)]
    assert one.after(outcome).unbilled == ()


def test_closing_the_same_first_twice_changes_nothing() -> None:
    one = account(agreement("service-agreement", monitoring=Monitoring(fee=100)))
    one = one.after(close(one, day("2005-04-01")))

    again = close(one, day("2005-04-01"))

    assert again.closing is None
    assert one.after(again) == one


def test_work_of_the_day_itself_waits_for_the_next_first_even_if_the_closing_is_made_late() -> None:
    one = account()
    one = one.after(rate_work(one, work("2005-04-30")))
    one = one.after(rate_work(one, work("2005-05-01", 120)))

    outcome = close(one, day("2005-05-01"))

    assert lines(outcome.closing) == [("labour", 10_000)]
    assert one.after(outcome).unbilled_amount() == 20_000


def test_invoices_are_due_on_firsts_and_on_the_days_on_which_agreements_start() -> None:
    one = account(agreement("block", "2005-04-12", ends="2005-04-20"))

    days = [number for number in range(1, 31) if is_closing_day(one, date(2005, 4, number))]

    assert days == [1, 12]


def test_with_nothing_to_bill_there_is_no_closing() -> None:
    assert close(account(), day("2005-04-01")).closing is None
    assert close(account(agreement("block")), day("2005-04-01")).closing is None


def test_a_start_in_the_middle_of_a_month_bills_only_what_is_charged_in_advance() -> None:
    one = account(agreement("call-first", "2005-04-16", monitoring=Monitoring(fee=3_000)))
    one = one.after(rate_part(one, part(price=100)))

    start = close(one, day("2005-04-16"))
    first = close(one.after(start), day("2005-05-01"))

    assert lines(start.closing) == [("monitoring", 1_500)]
    assert start.closing is not None
    assert start.closing.reason == "start"
    assert lines(first.closing) == [("monitoring", 3_000), ("part", 100)]


def test_an_agreement_that_starts_and_ends_in_one_month_is_charged_for_its_days() -> None:
    one = account(
        agreement("service-agreement", "2005-04-11", ends="2005-04-13", included_seconds=10 * HOUR, fee=3_000)
    )

    outcome = close(one, day("2005-04-11"))

    assert lines(outcome.closing) == [("fee", 300)]
    assert outcome.grants == (Grant(1, day("2005-04-01"), day("2005-04-01"), HOUR, HOUR),)
    assert close(one.after(outcome), day("2005-05-01")).closing is None


def test_prorated_hours_are_rounded_up_to_the_shops_increment() -> None:
    shop = Shop(hourly_rate=10_000, increment_minutes=60)
    one = account(agreement("service-agreement", "2005-04-12", included_seconds=6 * HOUR), shop=shop)

    assert close(one, day("2005-04-12")).grants[0].seconds == 4 * HOUR  # 6 × 19/30 = 3.8


def test_an_agreement_recorded_after_its_start_is_charged_for_what_it_missed() -> None:
    one = account(agreement("service-agreement", "2005-02-15", included_seconds=2 * HOUR))

    outcome = close(one, day("2005-04-01"))

    assert lines(outcome.closing) == [("fee", 10_000), ("fee", 20_000), ("fee", 20_000)]  # 14/28 of February
    assert [grant.month for grant in outcome.grants] == [day("2005-02-01"), day("2005-03-01"), day("2005-04-01")]
    assert close(one.after(outcome), day("2005-04-01")).closing is None


def test_an_agreement_recorded_after_it_ended_is_charged_for_its_days_alone() -> None:
    one = account(agreement("call-first", "2005-02-15", ends="2005-03-10", monitoring=Monitoring(fee=3_100)))

    assert lines(close(one, day("2005-05-01")).closing) == [("monitoring", 1_550), ("monitoring", 1_000)]


def test_a_line_of_nothing_is_left_out_and_still_grants_its_hours() -> None:
    one = account(agreement("service-agreement", included_seconds=HOUR, fee=0))

    outcome = close(one, day("2005-04-01"))

    assert outcome.closing is None
    assert one.after(outcome).included_seconds(day("2005-04-01")) == HOUR
    assert close(one.after(outcome), day("2005-04-01")).grants == ()


def test_monitoring_hours_are_rounded_down_to_an_increment() -> None:
    one = account(agreement("block", monitoring=Monitoring(seconds=5_000)))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 5))

    assert [draw.seconds for draw in close(one, day("2005-04-01")).draws] == [4_500]


def test_monitoring_hours_that_round_down_to_none_are_not_charged() -> None:
    one = account(agreement("block", "2005-04-28", monitoring=Monitoring(seconds=2 * HOUR)))  # 2 h × 3/30 = 12 min

    assert close(one, day("2005-04-28")).closing is None


def test_monitoring_hours_are_drawn_from_blocks_under_any_plan_and_tell_of_low_hours() -> None:
    one = account(agreement("block", monitoring=Monitoring(seconds=2 * HOUR), low_at_seconds=4 * HOUR))
    one = one.after(buying.buy(one, "block", day("2005-04-01"), 5))

    outcome = close(one, day("2005-04-01"))

    assert outcome.closing is None
    assert [(draw.block, draw.seconds, draw.earned) for draw in outcome.draws] == [("block", 2 * HOUR, 20_000)]
    assert kinds(outcome) == [NoticeKind.LOW_HOURS]


def test_monitoring_that_is_included_or_not_stated_costs_nothing() -> None:
    for monitoring in (None, Monitoring(is_included=True)):
        assert close(account(agreement("retainer", monitoring=monitoring)), day("2005-04-01")).closing is None


def test_tax_is_computed_once_on_the_sum_of_the_taxable_lines() -> None:
    shop = Shop(hourly_rate=10_000, taxes=one_tax(Fraction(825, 10_000), ["part"]))
    one = account(shop=shop)
    for _ in range(3):
        one = one.after(rate_part(one, part(price=54)))  # each alone: 4.455 cents of tax

    closing = close(one, day("2005-05-01")).closing

    assert closing is not None
    assert closing.tax == 13  # 13.365, not 3 × 4
    assert [line.tax is not None for line in closing.lines] == [True, True, True]


def test_the_retainer_pays_tax_as_well_and_never_goes_below_zero() -> None:
    shop = Shop(hourly_rate=10_000, taxes=one_tax(Fraction(1, 10), ["labour"]))
    one = account(shop=shop, retainer=10_500)
    one = one.after(rate_work(one, work()))

    outcome = close(one, day("2005-05-01"))

    assert outcome.closing is not None
    assert outcome.closing.from_retainer == 10_500
    assert outcome.closing.open == 500
    assert one.after(outcome).retainer == 0


def test_a_retainer_is_topped_up_on_a_first_if_balance_and_what_is_asked_for_are_below_its_threshold() -> None:
    one = account(agreement("retainer", low_at_amount=30_000, top_up_to=100_000), retainer=10_000, asked=15_000)

    outcome = close(one, day("2005-05-01"))

    assert lines(outcome.closing) == [("retainer", 75_000)]
    assert one.after(outcome).asked == 90_000
    assert close(changed(one, asked=20_000), day("2005-05-01")).closing is None


def test_no_top_up_is_asked_for_in_the_month_in_which_the_agreement_ends_nor_in_the_middle_of_a_month() -> None:
    ending = agreement("retainer", low_at_amount=30_000, top_up_to=100_000, ends="2005-05-31")
    starting = agreement("retainer", "2005-05-16", low_at_amount=30_000, top_up_to=100_000)

    assert close(account(ending), day("2005-05-01")).closing is None
    assert close(account(ending), day("2005-04-01")).closing is not None
    assert close(account(starting), day("2005-05-16")).closing is None


def test_an_invoice_that_leaves_less_available_than_the_threshold_tells_so() -> None:
    terms = agreement("retainer", low_at_amount=5_000, monitoring=Monitoring(fee=6_000))

    assert kinds(close(account(terms, retainer=11_000), day("2005-04-01"))) == []
    assert kinds(close(account(terms, retainer=10_999), day("2005-04-01"))) == [NoticeKind.LOW_RETAINER]


def test_due_is_the_net_days_of_the_agreement_in_force_on_the_day() -> None:
    one = account(
        agreement("call-first", ends="2005-04-30", net_days=30),
        unbilled=(Charge(Kind.PART, 100, "part", day("2005-03-05")),),
    )
    april, may = close(one, day("2005-04-01")).closing, close(one, day("2005-05-01")).closing

    assert april is not None
    assert may is not None
    assert (april.due, may.due) == (day("2005-05-01"), day("2005-05-11"))


def test_rates_of_a_month_are_those_of_its_first_day_of_force() -> None:
    terms = Terms(
        ((date.min, Shop(hourly_rate=10_000)), (day("2005-05-01"), Shop(hourly_rate=12_000))),
        (agreement("service-agreement", included_seconds=HOUR),),
    )
    one = changed(account(), terms=terms)

    assert lines(close(one, day("2005-05-01")).closing) == [("fee", 10_000), ("fee", 12_000)]


def test_hours_lapse_once_a_day_and_are_earned_as_breakage_to_the_last_cent() -> None:
    one = account(agreement("block", hours_lapse_months=1))
    one = one.after(buying.buy(one, "a", day("2005-04-05"), 3))
    one = one.after(buying.buy(one, "b", day("2005-04-05"), 2))
    one = one.after(rate_work(one, work(minutes=60)))

    outcome = lapse(one, day("2005-05-05"))
    after = one.after(outcome)

    assert [(gone.block, gone.seconds, gone.earned) for gone in outcome.lapses] == [
        ("a", 2 * HOUR, 20_000),
        ("b", 2 * HOUR, 20_000),
    ]
    assert kinds(outcome) == [NoticeKind.HOURS_LAPSED]
    assert after.block_seconds == 0
    assert after.after(lapse(after, day("2005-05-05"))) == after


def test_hours_about_to_lapse_are_told_fourteen_days_before_if_any_are_left() -> None:
    one = account(agreement("block", "2005-01-01", hours_lapse_months=1))
    one = one.after(buying.buy(one, "a", day("2005-01-31"), 1))

    assert one.blocks[0].lapses_on == day("2005-02-28")
    told = [on for on in (day("2005-02-01") + timedelta(days=n) for n in range(27)) if lapse(one, on).notices]
    assert told == [day("2005-02-14")]
    used = one.after(rate_work(one, work("2005-02-01")))
    assert lapse(used, day("2005-02-14")).notices == ()


def test_lapsed_comes_before_lapsing_on_the_same_day() -> None:
    one = account(agreement("block", "2005-01-01", hours_lapse_months=1))
    one = one.after(buying.buy(one, "a", day("2005-01-10"), 1))
    one = one.after(buying.buy(one, "b", day("2005-01-24"), 1))

    assert kinds(lapse(one, day("2005-02-10"))) == [NoticeKind.HOURS_LAPSED, NoticeKind.HOURS_LAPSING]
