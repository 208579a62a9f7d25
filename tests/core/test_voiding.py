"""Taking back: hours return where they came from, what a block earned is earned no more, to the cent."""

from hypothesis import given
from hypothesis import strategies as st

from rounds.core import buying, opening, voiding
from rounds.core.account import Account, NoticeKind
from rounds.core.rating import rate_work
from rounds.core.terms import Shop
from tests.core.accounts import HOUR, account, agreement, day, kinds, work

MAY = day("2005-05-20")


def _bought(*hours: int, shop: Shop | None = None) -> Account:
    one = account(agreement("block", low_at_seconds=2 * HOUR, hours_lapse_months=2), shop=shop)
    for number, size in enumerate(hours):
        one = one.after(buying.buy(one, f"block {number}", day("2005-04-01"), size))
    return one


@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    minutes=st.lists(st.integers(1, 300), min_size=1, max_size=4),
    rate=st.integers(1, 20_000),
)
def test_taking_everything_back_leaves_all_balances_as_they_were(
    sizes: list[int], minutes: list[int], rate: int
) -> None:
    before = now = _bought(*sizes, shop=Shop(hourly_rate=rate))
    outcomes = []
    for one in minutes:
        outcome = rate_work(now, work(minutes=one))
        now = now.after(outcome)
        outcomes.append(outcome)
    backs = []
    for number, outcome in enumerate(outcomes):
        back = voiding.void(now, outcome.draws, outcome.charges, key=f"void {number}", day=MAY)
        now = now.after(back)
        backs.append(back)

    assert now.blocks == before.blocks
    assert now.unbilled_amount() == 0
    assert sum(draw.earned for outcome in (*outcomes, *backs) for draw in outcome.draws) == 0


def test_hours_of_a_block_that_has_lapsed_since_do_not_return() -> None:
    held = _bought(2)
    outcome = rate_work(held, work(minutes=60))
    held = held.after(outcome)
    held = held.after(opening.lapse(held, day("2005-06-01")))

    back = voiding.void(held, outcome.draws, outcome.charges, key="void", day=day("2005-06-02"))

    assert back.draws == ()
    assert back.trace == ("1 h have lapsed since",)
    assert held.after(back).block_seconds == 0


def test_giving_hours_back_raises_no_notice_and_lets_the_next_be_raised() -> None:
    held = _bought(3)
    outcome = rate_work(held, work(minutes=120))
    held = held.after(outcome)
    assert kinds(outcome) == [NoticeKind.LOW_HOURS]

    back = voiding.void(held, outcome.draws, outcome.charges, key="void", day=MAY)

    assert kinds(back) == []
    held = held.after(back)
    assert kinds(rate_work(held, work(minutes=120))) == [NoticeKind.LOW_HOURS]
