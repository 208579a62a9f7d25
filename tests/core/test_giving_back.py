"""What goes back: unused hours at what is deferred for them, retainer money, and what a retainer had paid."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core import giving_back
from rounds.core.account import Block
from rounds.core.giving_back import ListRate
from rounds.core.money import Refused
from rounds.core.rating import rate_work
from rounds.core.settling import Debts, Receivable, credit
from tests.core.accounts import HOUR, account, agreement, day, work

ON = date(2005, 4, 10)
BONUS = Block("b", date(2005, 4, 1), 11 * HOUR, 10 * HOUR, 1_000_00)  # ten bought, one free, one used


def test_unused_hours_are_worth_what_is_deferred_for_them() -> None:
    refund = giving_back.refund_hours(BONUS, None, ON)

    assert (refund.seconds, refund.amount, refund.earned) == (10 * HOUR, 909_09, 0)  # 1,000 × 10/11


def test_some_hours_go_back_and_the_rest_still_earn_to_the_cent() -> None:
    refund = giving_back.refund_hours(BONUS, 4 * HOUR, ON)

    assert refund.amount == 363_64
    rest = Block("b", BONUS.bought_on, BONUS.seconds, 6 * HOUR, BONUS.price)
    assert 90_91 + refund.amount + rest.earns(rest.left) == 1_000_00


def test_at_the_list_rate_the_hours_used_cost_their_price_and_the_free_ones_are_taken_back() -> None:
    refund = giving_back.refund_hours(BONUS, None, ON, ListRate(100_00, used=HOUR, refunded=0))

    assert (refund.seconds, refund.amount, refund.earned) == (10 * HOUR, 900_00, 9_09)


@pytest.mark.parametrize(
    ("seconds", "list_rate", "why"),
    [
        (11 * HOUR, None, "10 h of the block are unused"),
        (0, None, "10 h of the block are unused"),
        (HOUR, ListRate(100_00, HOUR, 0), "all unused hours"),
        (None, ListRate(1_000_00, HOUR, 0), "nothing is left"),
    ],
)
def test_what_is_not_there_is_not_given_back(seconds: int | None, list_rate: ListRate | None, why: str) -> None:
    with pytest.raises(Refused, match=why):
        giving_back.refund_hours(BONUS, seconds, ON, list_rate)


@given(
    price=st.integers(0, 5_000_00),
    hours=st.integers(1, 60),
    used=st.floats(0, 1),
    amounts=st.lists(st.integers(0, 1_000_00), max_size=6),
)
def test_crediting_in_parts_takes_back_what_crediting_at_once_does_and_never_more_than_it_credits(
    price: int, hours: int, used: float, amounts: list[int]
) -> None:
    left = hours * HOUR - int(used * hours * HOUR)
    block, net, before = Block("b", ON, hours * HOUR, left, price), 0, 0

    for cents in [*amounts, price]:
        net = min(net + cents, price)
        refund = giving_back.hours_of_credit(block, net, before, ON)
        if refund is not None:
            before += refund.amount
            block = Block("b", ON, block.seconds, block.left - refund.seconds, price)
        assert before <= net
        assert block.left >= 0

    assert (block.left, block.earns(block.left)) == (0, 0)


def test_what_the_retainer_paid_goes_back_onto_it_after_what_was_paid_later() -> None:
    debts = Debts((Receivable(1, 1, ON, 0, paid=200, drawn=300),))

    crediting = credit(debts, 1, 250, retainer=0)
    taken = giving_back.credit(account(), crediting, ON, key=1)

    assert (crediting.returned, crediting.beyond.credit_change) == (50, 200)
    assert taken.retainer_change == 50
    after = debts.credited(crediting).find(1)
    assert (after.paid, after.drawn) == (0, 250)


def test_what_is_needed_for_what_is_not_billed_yet_stays_on_the_retainer_unless_the_owner_says_so() -> None:
    one = account(agreement("retainer"), retainer=500_00)
    one = one.after(rate_work(one, work(minutes=60)))

    with pytest.raises(Refused, match=r"100\.00 more is needed"):
        giving_back.take_off_retainer(one, 450_00, day("2005-04-10"), key="r")

    taken = giving_back.take_off_retainer(one, 450_00, day("2005-04-10"), key="r", even_if_needed=True)
    assert one.after(taken).retainer == 50_00
    with pytest.raises(Refused, match=r"500\.00 of the retainer"):
        giving_back.take_off_retainer(one, 500_01, day("2005-04-10"), key="r", even_if_needed=True)
