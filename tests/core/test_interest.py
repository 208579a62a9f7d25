"""Interest on late invoices: day by day, rounded once, and never a cent more than the days that were late."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.days import add_months, days_in_month
from rounds.core.interest import Charged, Late, accrued, interest_on, spans
from rounds.core.money import Refused, round_half_away
from rounds.core.reading_terms import read_interest
from rounds.core.terms import Agreement, Lateness, Plan, Shop, Terms

DUE = date(2005, 1, 11)
days = st.integers(-20, 220).map(lambda count: DUE + timedelta(days=count))
rates = st.builds(
    Lateness,
    st.sampled_from([Fraction(12, 100), Fraction(1, 100), Fraction(1)]),
    st.booleans(),
    st.sampled_from([0, 5, 40]),
    st.sampled_from([0, 0, 250]),
)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """One to three versions of prices, with interest or without, and perhaps an agreement that waives it."""
    since = sorted(draw(st.lists(days, max_size=2, unique=True)))
    shops = [Shop(100_00, lateness=draw(st.none() | rates)) for _ in range(len(since) + 1)]
    starts, length = draw(days), draw(st.integers(0, 90))
    waived = Agreement(
        1, Plan.REACTIVE, starts, starts + timedelta(days=length), waives_interest=draw(st.booleans())
    )  # fmt: skip
    return Terms(tuple(zip([date.min, *since], shops, strict=True)), (waived,))


@st.composite
def lates(draw: st.DrawFn) -> Late:
    """An invoice with payments, some taken back, and pauses."""
    cleared = draw(st.lists(st.tuples(days, st.integers(-300_00, 700_00)), max_size=4))
    pauses = draw(st.lists(st.tuples(days, st.none() | days), max_size=2))
    return Late("1", DUE, draw(st.integers(0, 1000_00)), tuple(cleared), tuple(pauses), until=draw(st.none() | days))


def _by_the_day(terms: Terms, late: Late, through: date) -> Fraction:
    """The same, one day after the other."""
    found, day = Fraction(0), late.due + timedelta(days=1)
    while day <= through:
        told, agreement = terms.shop_on(day).lateness, terms.agreement_on(day)
        is_waived = agreement is not None and agreement.waives_interest
        is_paused = any(first <= day and (end is None or day < end) for first, end in late.quiet)
        is_here = late.until is None or day < late.until
        if told and not is_waived and not is_paused and is_here and (day - late.due).days > told.grace_days:
            paid = sum(amount for since, amount in late.cleared if since <= day)
            found += max(0, late.base - paid) * told.rate / (days_in_month(day) if told.is_monthly else 365)
        day += timedelta(days=1)
    return found


@given(terms(), lates(), days)
def test_stretches_of_days_come_to_what_the_days_come_to(terms: Terms, late: Late, through: date) -> None:
    assert accrued(spans(terms, late, through)) == round_half_away(_by_the_day(terms, late, through))


@given(terms(), lates())
def test_what_is_charged_month_by_month_is_what_is_owed_rounded_once(terms: Terms, late: Late) -> None:
    first, charged = date(2005, 2, 1), list[Charged]()
    for _ in range(7):
        made = interest_on(terms, late, charged, first)
        charged += [Charged(one.first, one.last, one.amount) for one in made]
        owed = round_half_away(_by_the_day(terms, late, first - timedelta(days=1)))
        told = terms.shop_on(first).lateness
        waits = owed - sum(one.amount for one in charged)

        assert waits >= 0
        assert waits == 0 or (told is not None and waits < told.minimum)
        assert interest_on(terms, late, charged, first) == ()  # a second run changes nothing
        assert all(late.due < one.first <= one.last < first for one in charged)
        first = add_months(first, 1)
    assert all(one.last < after.first for one, after in pairwise(charged))


@given(terms(), lates(), st.integers(1, 1000_00), days)
def test_a_payment_that_turns_out_earlier_gives_back_to_the_cent(
    terms: Terms, late: Late, paid: int, when: date
) -> None:
    day = date(2005, 6, 1)
    charged = [Charged(one.first, one.last, one.amount) for one in interest_on(terms, late, (), day)]
    better = Late(late.key, late.due, late.base, (*late.cleared, (when, paid)), late.quiet, until=late.until)

    made = interest_on(terms, better, charged, day)

    left = sum(one.amount for one in charged) + sum(one.amount for one in made)
    assert all(one.amount < 0 for one in made)
    assert left == (min(sum(one.amount for one in charged), accrued(spans(terms, better, date(2005, 5, 31)))))


def test_what_was_credited_where_it_was_charged_is_not_given_back_again() -> None:
    terms = Terms(((date.min, Shop(100_00, lateness=Lateness(Fraction(1, 100), is_monthly=True))),))
    charged = [Charged(date(2005, 1, 12), date(2005, 1, 31), 6_45)]
    credited = Late("1", DUE, 0)

    assert interest_on(terms, credited, charged, date(2005, 3, 1), forgiven=6_45) == ()
    assert sum(one.amount for one in interest_on(terms, credited, charged, date(2005, 3, 1), forgiven=2_00)) == -4_45


@pytest.mark.parametrize("text", ["12%", "12 a year", "% a year", "1% a week", ""])
def test_a_rate_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_interest(text, "interest")


def test_a_rate_says_for_how_long_it_is() -> None:
    assert read_interest("12% a year", "interest") == (Fraction(12, 100), False)
    assert read_interest("1.5 % per month", "interest") == (Fraction(15, 1000), True)
    with pytest.raises(Refused, match="above 100 %"):
        Lateness(Fraction(2))
    with pytest.raises(Refused, match="negative"):
        Lateness(Fraction(-1, 100), is_monthly=True)
