"""What is usual in an hour of the week."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.usual import CALM_HOURS, FIGURES, Past, Standing, Unusual, figure_and_unit, range_in_words

MONDAY = datetime(2026, 4, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROCESSOR = FIGURES["processor.percent"]


def office(weeks: int) -> list[tuple[datetime, float]]:
    """Busy from 8 to 18 on working days, and from 2 to 3 each night; a little restless."""
    hours = [MONDAY - number * HOUR for number in range(1, weeks * 168 + 1)]
    return [
        (at, (70.0 if at.hour == 2 else 45.0 if at.weekday() < 5 and 8 <= at.hour < 18 else 4.0) + at.day % 4)
        for at in hours
    ]


def test_each_hour_of_the_week_has_a_range_of_its_own() -> None:
    past = Past(PROCESSOR, office(8))

    morning, night, sunday = (past.usual(MONDAY + hours * HOUR, 6) for hours in (10, 2, 6 * 24 + 10))

    assert morning is not None
    assert night is not None
    assert sunday is not None
    assert (morning.when, sunday.when) == ("Mondays", "Sundays")
    assert morning.holds(48)
    assert not morning.holds(99)
    assert night.holds(73)
    assert not sunday.holds(60)


def test_a_week_like_the_ones_before_is_usual() -> None:
    past = Past(PROCESSOR, office(8))

    ranges = [(past.usual(at + timedelta(weeks=1), 6), mean) for at, mean in office(1)]

    assert all(usual is not None and usual.holds(mean) for usual, mean in ranges)


def test_a_young_machine_is_judged_by_kinds_of_day_and_a_new_one_not_at_all() -> None:
    tuesday = MONDAY + timedelta(days=1, hours=10)

    young, new = (Past(PROCESSOR, one).usual(tuesday, 6) for one in (office(2), office(1)[:40]))

    assert young is not None
    assert young.when == "working days"
    assert new is None


def test_it_is_over_after_six_usual_hours_and_not_sooner() -> None:
    limit, now = Unusual(hours=2), Standing()
    for is_usual in (False, True, False, False):
        now = now.after(is_usual=is_usual, limit=limit)
    assert now.is_open

    after = []
    for is_usual in (*[True] * 5, False, *[True] * CALM_HOURS):
        now = now.after(is_usual=is_usual, limit=limit)
        after.append(now.is_open)

    assert after == [True] * (6 + CALM_HOURS - 1) + [False]


@given(st.lists(st.floats(0, 100), min_size=200, max_size=400), st.integers(0, 167), st.floats(1, 50))
def test_what_was_seen_in_such_an_hour_is_usual(means: list[float], hour: int, width: float) -> None:
    hours = [(MONDAY - number * HOUR, mean) for number, mean in enumerate(means, 1)]
    start = MONDAY + hour * HOUR

    usual = Past(PROCESSOR, hours).usual(start, width)

    assert usual is not None
    same = [mean for at, mean in hours if at.weekday() == start.weekday() and at.hour == start.hour]
    assert all(usual.holds(mean) for mean in same)
    assert usual.low < usual.middle < usual.high
    assert usual.high - usual.middle >= PROCESSOR.least or usual.high >= max(means)


def test_figures_are_written_as_they_are_read() -> None:
    assert figure_and_unit("processor.percent", 83.4) == "83 %"
    assert figure_and_unit("net.sent_bytes_per_second", 3_140_000) == "3.1 MB/s"
    assert range_in_words("memory.used_percent", -5, 130) == "0–100 %"
