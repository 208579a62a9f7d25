"""Hours bought, deposits, and retainer money that arrives or goes back (billing-rules.md, "Drawing down")."""

from fractions import Fraction

import pytest

from rounds.core import buying
from rounds.core.account import Kind
from rounds.core.rating import rate_part
from rounds.core.taxing import one_tax
from rounds.core.terms import Shop
from tests.core.accounts import HOUR, account, agreement, day, part

BONUS = Shop(hourly_rate=10_000, bonus_hours=((40, 8), (10, 1), (20, 3)))


@pytest.mark.parametrize(("hours", "held"), [(9, 9), (10, 11), (19, 20), (20, 23), (39, 42), (40, 48), (100, 108)])
def test_free_hours_are_those_of_the_largest_size_reached_in_whatever_order(hours: int, held: int) -> None:
    outcome = buying.buy(account(shop=BONUS), "block", day("2005-04-05"), hours)

    assert outcome.blocks[0].seconds == outcome.blocks[0].left == held * HOUR
    assert outcome.blocks[0].price == hours * 10_000


def test_hours_are_invoiced_on_their_day_at_the_standard_rate_and_no_retainer_pays() -> None:
    shop = Shop(hourly_rate=10_000, taxes=one_tax(Fraction(1, 10), ["hours"]))
    one = account(agreement("retainer", discount=50, hourly_rate=8_000), shop=shop, retainer=100_000)

    outcome = buying.buy(one, "block", day("2005-04-05"), 2)

    assert outcome.closing is not None
    assert [(line.kind, line.amount) for line in outcome.closing.lines] == [(Kind.HOURS, 16_000)]
    assert (outcome.closing.tax, outcome.closing.from_retainer, outcome.closing.open) == (1_600, 0, 17_600)
    assert one.after(outcome).retainer == 100_000


def test_lapsing_follows_the_agreement_in_force_under_any_plan() -> None:
    one = account(agreement("service-agreement", hours_lapse_months=6))

    assert buying.buy(one, "a", day("2005-08-31"), 1).blocks[0].lapses_on == day("2006-02-28")
    assert buying.buy(one, "b", day("2005-03-31"), 1).blocks[0].lapses_on is None


def test_hours_that_cost_nothing_are_held_without_an_invoice_and_no_hours_are_nothing() -> None:
    one = account(agreement("block", hourly_rate=0))

    assert buying.buy(one, "a", day("2005-04-05"), 1).closing is None
    assert buying.buy(one, "a", day("2005-04-05"), 1).blocks
    assert not buying.buy(account(), "a", day("2005-04-05"), 0).blocks


def test_a_deposit_is_invoiced_and_paid_at_once() -> None:
    one = account()

    outcome = buying.deposit(one, "deposit", day("2005-04-05"), 5_000)

    assert outcome.closing is not None
    assert (outcome.closing.total, outcome.closing.open, outcome.closing.asked) == (5_000, 0, 5_000)
    assert one.after(outcome).retainer == 5_000
    assert one.after(outcome).asked == 0
    assert buying.deposit(one, "nothing", day("2005-04-05"), 0).closing is None


def test_low_may_be_told_again_after_money_came_that_reaches_the_threshold() -> None:
    one = account(agreement("retainer", low_at_amount=5_000), asked=5_001)
    one = one.after(rate_part(one, part(price=1)))
    assert one.low_retainer_told == 1

    still_low = one.after(buying.deposit(one, "deposit", day("2005-04-06"), 5_000))
    well = one.after(buying.receive(one, "invoice", day("2005-04-06"), 5_001))

    assert still_low.low_retainer_told == 1
    assert well.low_retainer_told is None
    assert (well.retainer, well.asked) == (5_001, 0)
