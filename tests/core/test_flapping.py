"""What opens and closes again and again is told from what does so once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.flapping import is_flapping

NOON = datetime(2026, 4, 14, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_three_times_open_and_closed_within_three_hours_is_flapping() -> None:
    changes = [at(minute) for minute in (0, 20, 40, 60, 80, 100)]

    assert not is_flapping(changes, at(99))
    assert is_flapping(changes, at(100))


def test_it_goes_on_while_there_are_more_than_two_changes_and_ends_when_it_is_calm() -> None:
    changes = [at(minute) for minute in (0, 20, 40, 60, 80, 100, 200)]

    assert is_flapping(changes, at(239))
    assert not is_flapping(changes, at(281))  # 80 and before are three hours ago: two are left


def test_a_cause_that_has_calmed_down_does_not_flap_by_one_more_change() -> None:
    changes = [at(minute) for minute in (0, 20, 40, 60, 80, 100, 600)]

    assert not is_flapping(changes, at(601))


def test_what_changes_once_a_day_never_flaps() -> None:
    assert not is_flapping([NOON + timedelta(days=day) for day in range(40)], NOON + timedelta(days=40))


@given(st.lists(st.integers(0, 2000), max_size=30), st.integers(0, 2400))
def test_the_order_in_which_changes_are_known_does_not_matter(minutes: list[int], now: int) -> None:
    changes = [at(minute) for minute in minutes]

    assert is_flapping(changes, at(now)) == is_flapping(reversed(changes), at(now))
    assert not is_flapping(changes, at(now + 3000))
