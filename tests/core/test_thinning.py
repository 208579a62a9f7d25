"""Thinning a series for a picture."""

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.thinning import Stretch, thin, with_gaps


def _as_taken(*figures: tuple[float, float]) -> list[Stretch]:
    return [Stretch(at, figure, figure, figure) for at, figure in figures]


def test_a_stretch_has_the_mean_and_the_range_of_what_was_measured_in_it() -> None:
    told = thin(_as_taken((0, 1.0), (5, 3.0), (25, 7.0)), since=0, until=40, step=10)

    assert told == [Stretch(5, 2.0, 1.0, 3.0), None, Stretch(25, 7.0, 7.0, 7.0), None]


def test_what_lies_outside_is_left_out() -> None:
    assert thin(_as_taken((-1, 1.0), (40, 1.0)), since=0, until=40, step=20) == [None, None]


@given(st.lists(st.tuples(st.floats(0, 99.9), st.floats(-1e6, 1e6))))
def test_nothing_is_lost_and_no_mean_leaves_its_range(figures: list[tuple[float, float]]) -> None:
    told = [one for one in thin(_as_taken(*figures), since=0, until=100, step=7) if one]

    assert all(one.low - 1e-6 <= one.mean <= one.high + 1e-6 for one in told)
    if figures:
        assert max(one.high for one in told) == max(figure for _, figure in figures)


def test_stretches_of_stretches_keep_the_range() -> None:
    told = thin([Stretch(0, 2.0, 1.0, 9.0), Stretch(5, 4.0, 3.0, 5.0)], since=0, until=10, step=10)

    assert told == [Stretch(5, 3.0, 1.0, 9.0)]


def test_a_hole_in_a_series_becomes_a_gap() -> None:
    first, second, third = _as_taken((0, 1.0), (60, 2.0), (200, 3.0))

    assert with_gaps([third, first, second], longest=100) == [first, second, None, third]
