"""Maintenance windows hold by the clock on the wall, on the days that they should, and end after real minutes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.money import Refused
from rounds.core.windows import Repeats, Window, next_span, span_at

NEW_YORK = ZoneInfo("America/New_York")


def local(day: int, hour: int, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK)


def test_a_window_of_one_evening_holds_then_and_never_again() -> None:
    window = Window(date(2026, 4, 14), time(20), 120)

    assert span_at(window, local(14, 19, 59), NEW_YORK) is None
    assert span_at(window, local(14, 20), NEW_YORK) == (local(14, 20), local(14, 22))
    assert span_at(window, local(14, 21, 59), NEW_YORK) is not None
    assert span_at(window, local(14, 22), NEW_YORK) is None
    assert span_at(window, local(15, 21), NEW_YORK) is None


def test_a_window_over_midnight_holds_on_the_next_day() -> None:
    every_night = Window(date(2026, 4, 1), time(23), 180, Repeats.DAILY)

    assert span_at(every_night, local(15, 1), NEW_YORK) == (local(14, 23), local(15, 2))
    assert span_at(every_night, local(1, 1), NEW_YORK) is None  # the first one begins that evening


def test_patch_tuesday_is_the_second_tuesday_of_each_month() -> None:
    patches = Window(date(2026, 4, 14), time(22), 60, Repeats.MONTHLY)

    assert [day for day in range(1, 32) if patches.begins_on(date(2026, 5, day))] == [12]
    assert next_span(patches, local(15, 9), NEW_YORK) == (local(12, 22, month=5), local(12, 23, month=5))


def test_a_weekly_window_stops_with_its_last_day() -> None:
    window = Window(date(2026, 4, 5), time(6), 60, Repeats.WEEKLY, last_on=date(2026, 4, 12))

    assert [day for day in range(1, 31) if window.begins_on(date(2026, 4, day))] == [5, 12]
    assert next_span(window, local(13, 0), NEW_YORK) is None


def test_where_the_clock_is_put_back_a_window_is_no_hour_longer() -> None:
    night = Window(date(2026, 11, 1), time(1), 120)

    span = span_at(night, datetime(2026, 11, 1, 5, 30, tzinfo=UTC), NEW_YORK)

    assert span == (datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("window", "why"),
    [
        ({"minutes": 0}, "from a minute"),
        ({"minutes": 1440, "repeats": Repeats.DAILY}, "would never end"),
        ({"minutes": 60, "last_on": date(2026, 4, 1)}, "before it begins"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(window: dict[str, object], why: str) -> None:
    with pytest.raises(Refused, match=why):
        Window(date(2026, 4, 14), time(20), **window)  # type: ignore[arg-type]


@given(
    minutes=st.integers(1, 1439),
    hour=st.integers(0, 23),
    repeats=st.sampled_from(Repeats),
    after=st.integers(0, 400 * 24 * 60),
)
def test_a_span_holds_its_moments_and_the_next_one_is_never_past(
    minutes: int, hour: int, repeats: Repeats, after: int
) -> None:
    window = Window(date(2026, 1, 13), time(hour), minutes, repeats)
    at = datetime(2026, 1, 13, tzinfo=NEW_YORK).astimezone(UTC) + timedelta(minutes=after)

    held, coming = span_at(window, at, NEW_YORK), next_span(window, at, NEW_YORK)

    if held is not None:
        assert held[0] <= at < held[1] == held[0] + timedelta(minutes=minutes)
        assert coming == held
    elif coming is not None:
        assert at < coming[0]
        assert span_at(window, coming[0], NEW_YORK) is not None
        assert span_at(window, coming[1] - timedelta(seconds=1), NEW_YORK) is not None
