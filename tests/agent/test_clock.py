"""The agent's clock: moments as the protocol writes them, corrected where the machine's clock is far off."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds_agent.clock import Clock, read_moment, write_moment


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2199, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_moments_are_read_as_they_were_written_and_as_python_reads_them(moment: datetime) -> None:
    text = write_moment(moment.timestamp())

    assert datetime.fromisoformat(text).timestamp() == pytest.approx(moment.timestamp(), abs=1e-5)
    assert read_moment(text) == pytest.approx(moment.timestamp(), abs=1e-5)


def test_a_clock_that_is_right_is_left_alone() -> None:
    clock = Clock()

    clock.hear(write_moment(time.time() + 3))

    assert clock.offset == pytest.approx(3, abs=0.5)
    assert clock.now() == pytest.approx(time.time(), abs=0.5)


@pytest.mark.parametrize("wrong_by", [-86_400.0, 600.0])
def test_a_clock_that_is_far_off_follows_the_servers(wrong_by: float) -> None:
    clock = Clock()

    clock.hear(write_moment(time.time() - wrong_by))

    assert clock.now() == pytest.approx(time.time() - wrong_by, abs=0.5)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-22", "2026-11-22T25", "x" * 40])
def test_a_servers_time_that_makes_no_sense_is_not_noted(text: str) -> None:
    clock = Clock()

    clock.hear(text)

    assert clock.offset is None
