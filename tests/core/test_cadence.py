"""What falls due when, as a calendar would show it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.cadence import Cadence, Due, Past, falls_due, next_due, parse
from rounds.core.money import Refused

DAY = timedelta(days=1)
START = date(2026, 1, 5)  # a Monday


def made(
    cadence: str, until: date, *, done_after: int | None, since: date = START, is_floating: bool = False
) -> list[str]:
    """Every duty made from the start until a day, each done so many days after it was made; None: never."""
    past, said, today = Past(since=since), [], START
    while today <= until:
        due = falls_due(parse(cadence), START, past, today, is_floating=is_floating)
        if due:
            said.append(f"{due.on:%d %b}" + (f" missed {due.missed}" if due.missed else ""))
            closes = None if done_after is None else today + done_after * DAY
            past = Past(since=since, last_due=due.on)
        if past.is_open and closes == today:
            past = Past(since=since, last_due=past.last_due, last_closed=today)
        today += DAY
    return said


def test_weekly_falls_due_on_the_day_of_the_week_of_its_start() -> None:
    assert made("weekly", date(2026, 1, 26), done_after=0) == ["05 Jan", "12 Jan", "19 Jan", "26 Jan"]


def test_monthly_from_the_31st_is_each_months_last_day() -> None:
    monthly = parse("monthly")

    assert [monthly.step(date(2026, 1, 31), number).isoformat() for number in range(4)] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


def test_nothing_stacks_while_a_duty_is_open() -> None:
    assert made("daily", date(2026, 3, 1), done_after=None) == ["05 Jan"]


def test_what_passed_while_a_duty_was_open_is_counted_as_missed() -> None:
    assert made("daily", date(2026, 1, 9), done_after=2) == ["05 Jan", "08 Jan missed 2"]


def test_after_a_pause_there_is_one_duty_the_latest() -> None:
    done = Past(since=START, last_due=START, last_closed=START)

    assert falls_due(parse("daily"), START, done, START + 21 * DAY) == Due(START + 21 * DAY, missed=20)


def test_what_fell_due_before_a_client_came_does_not_concern_him() -> None:
    came = Past(since=date(2026, 3, 10))

    assert falls_due(parse("6 months"), START, came, date(2026, 3, 10)) is None
    assert falls_due(parse("6 months"), START, came, date(2026, 7, 5)) == Due(date(2026, 7, 5))


def test_cleaning_counts_from_when_it_was_last_done() -> None:
    cleaned_late = Past(since=START, last_due=START, last_closed=date(2026, 3, 1))

    assert falls_due(parse("6 months"), START, cleaned_late, date(2026, 7, 5), is_floating=True) is None
    assert falls_due(parse("6 months"), START, cleaned_late, date(2026, 9, 1), is_floating=True) == Due(
        date(2026, 9, 1)
    )


@pytest.mark.parametrize(("environment", "months"), [("office", 6), ("shared", 4), ("dusty", 3), ("server-room", 6)])
def test_dust_shortens_the_time_between_cleanings(environment: str, months: int) -> None:
    assert parse("by environment", environment) == Cadence(months=months)


@pytest.mark.parametrize(
    ("text", "cadence"),
    [
        ("daily", Cadence(days=1)), (" Weekly ", Cadence(days=7)), ("monthly", Cadence(months=1)),
        ("6 months", Cadence(months=6)), ("2 weeks", Cadence(days=14)), ("yearly", Cadence(months=12)),
        ("1 day", Cadence(days=1)),
    ],
)  # fmt: skip
def test_cadences_are_written_as_people_say_them(text: str, cadence: Cadence) -> None:
    assert parse(text) == cadence


@pytest.mark.parametrize("text", ["", "often", "0 days", "-1 months", "1.5 months", "6 moons", "1000 days"])
def test_what_is_no_cadence_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(Refused, match="write it like daily"):
        parse(text)


def test_the_next_day_by_the_calendar() -> None:
    assert next_due(parse("weekly"), START, START) == START
    assert next_due(parse("weekly"), START, START + DAY) == START + 7 * DAY
    assert next_due(parse("monthly"), START, date(2025, 1, 1)) == START


cadences = st.one_of(
    st.integers(1, 40).map(lambda n: Cadence(days=n)), st.integers(1, 14).map(lambda n: Cadence(months=n))
)
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(cadences, days, days)
def test_a_count_is_the_last_step_that_is_not_after_the_day(cadence: Cadence, start: date, day: date) -> None:
    count = cadence.count_until(start, day)

    assert (count == -1) == (day < start)
    if count >= 0:
        assert cadence.step(start, count) <= day < cadence.step(start, count + 1)


@given(
    cadence=cadences,
    start=days,
    is_floating=st.booleans(),
    looks=st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=30),
)
def test_never_two_open_never_the_same_day_twice_never_ahead_of_time(
    *, cadence: Cadence, start: date, is_floating: bool, looks: list[tuple[int, bool]]
) -> None:
    past, today, dues = Past(since=start), start, list[date]()
    for wait, is_done in looks:
        today += wait * DAY
        due = falls_due(cadence, start, past, today, is_floating=is_floating)
        if due:
            assert not past.is_open
            assert due.on <= today
            dues.append(due.on)
            past = Past(since=start, last_due=due.on)
        assert falls_due(cadence, start, past, today, is_floating=is_floating) is None or not past.is_open
        if is_done and past.is_open:
            past = Past(since=start, last_due=past.last_due, last_closed=today)

    assert dues == sorted(set(dues))


@given(cadences, days, st.integers(1, 400), st.integers(0, 30))
def test_done_and_missed_together_are_all_that_fell_due(cadence: Cadence, start: date, length: int, slow: int) -> None:
    past, told = Past(since=start), 0
    for today in (start + number * DAY for number in range(length)):
        due = falls_due(cadence, start, past, today)
        if due:
            told += 1 + due.missed
            past, closes, last = Past(since=start, last_due=due.on), today + slow * DAY, due.on
        if past.is_open and closes <= today:
            past = Past(since=start, last_due=past.last_due, last_closed=today)

    assert told == cadence.count_until(start, last) + 1
