"""Calendar arithmetic, amounts and hours: what every rule rests on."""

from datetime import date
from fractions import Fraction

import pytest

from rounds.core import days
from rounds.core.money import Refused, parse_amount, price, round_half_away, show_amount, show_hours
from tests.core.accounts import day


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2005-01-31", 1, "2005-02-28"),
        ("2004-01-31", 1, "2004-02-29"),
        ("2005-08-31", 6, "2006-02-28"),
        ("2005-03-15", 12, "2006-03-15"),
        ("2005-12-31", 2, "2006-02-28"),
        ("2005-05-01", 0, "2005-05-01"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(start: str, months: int, end: str) -> None:
    assert days.add_months(day(start), months) == day(end)


def test_what_is_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Refused, match="beyond the calendar"):
        days.add_months(date.max, 1)
    with pytest.raises(Refused, match="beyond the calendar"):
        days.add_days(date.max, 1)


def test_shares_of_a_month_count_both_days() -> None:
    assert days.share_of_month(day("2005-04-12"), day("2005-04-30")) == Fraction(19, 30)
    assert days.share_of_month(day("2004-02-29"), day("2004-02-29")) == Fraction(1, 29)


def test_months_in_force_are_cut_where_the_agreement_starts_and_ends() -> None:
    months = days.months_in_force(day("2005-04-12"), day("2005-06-10"), day("2005-09-01"))

    assert list(months) == [
        (day("2005-04-12"), day("2005-04-30")),
        (day("2005-05-01"), day("2005-05-31")),
        (day("2005-06-01"), day("2005-06-10")),
    ]
    assert list(days.months_in_force(day("2005-04-12"), None, day("2005-04-11"))) == []
    assert len(list(days.months_in_force(date(9999, 12, 1), None, date.max))) == 1


@pytest.mark.parametrize(("exact", "rounded"), [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("149/100", 1), ("-5/2", -3)])
def test_halves_are_rounded_away_from_zero(exact: str, rounded: int) -> None:
    assert round_half_away(Fraction(exact)) == rounded


def test_time_is_priced_exactly_and_rounded_once() -> None:
    assert price(1800, Fraction(9025)) == 4513
    assert price(4951, 6400) == 8802


@pytest.mark.parametrize(("text", "cents"), [("12.50", 1250), ("0.05", 5), ("7", 700), ("7.5", 750), ("-3.20", -320)])
def test_amounts_are_read(text: str, cents: int) -> None:
    assert parse_amount(text) == cents
    assert parse_amount(show_amount(cents)) == cents


@pytest.mark.parametrize("text", ["", "a", "1,50", "1.005", "1.000", "1e3", "1_000", ".5", "5.", "nan", "٣", "1" * 13])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_amount(text)


@pytest.mark.parametrize(
    ("seconds", "hours"), [(6300, "1.75"), (0, "0"), (4951, "1.3753"), (36000, "10"), (1, "0.0003")]
)
def test_hours_are_written_with_at_most_four_decimals(seconds: int, hours: str) -> None:
    assert show_hours(seconds) == hours
