"""Thinning a series for a picture."""

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.thinning import Stretch, thin, with_gaps


def test_a_stretch_has_the_mean_and_the_range_of_what_was_measured_in_it() -> None:
    told = thin([(0, 1.0), (5, 3.0), (25, 7.0)], since=0, until=40, step=10)

    assert told == [Stretch(5, 2.0, 1.0, 3.0), None, Stretch(25, 7.0, 7.0, 7.0), None]


def test_what_lies_outside_is_left_out() -> None:
    assert thin([(-1, 1.0), (40, 1.0)], since=0, until=40, step=20) == [None, None]


@given(st.lists(st.tuples(st.floats(0, 99.9), st.floats(-1e6, 1e6))))
def test_nothing_is_lost_and_no_mean_leaves_its_range(figures: list[tuple[float, float]]) -> None:
    told = [one for one in thin(figures, since=0, until=100, step=7) if one]

    assert all(one.low - 1e-6 <= one.mean <= one.high + 1e-6 for one in told)
    if figures:
        assert max(one.high for one in told) == max(figure for _, figure in figures)


def test_a_hole_in_a_series_becomes_a_gap() -> None:
    assert with_gaps([(200, 3.0), (0, 1.0), (60, 2.0)], longest=100) == [(0, 1.0), (60, 2.0), None, (200, 3.0)]
