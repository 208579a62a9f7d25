"""A set of numbers as spans holds the numbers that were put into it, and no other."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.intervals import add

NUMBERS = st.lists(st.integers(1, 60))


@given(st.lists(NUMBERS))
def test_the_spans_hold_exactly_the_numbers_added_in_whatever_portions(portions: list[list[int]]) -> None:
    spans: list[tuple[int, int]] = []
    for numbers in portions:
        spans = add(spans, numbers)

    held = [number for first, last in spans for number in range(first, last + 1)]
    assert held == sorted({number for numbers in portions for number in numbers})


@given(NUMBERS)
def test_no_span_touches_another(numbers: list[int]) -> None:
    spans = add((), numbers)

    assert all(one[1] + 1 < other[0] for one, other in pairwise(spans))


def test_an_agent_without_gaps_takes_one_span() -> None:
    assert add([(1, 1440)], range(1441, 2881)) == [(1, 2880)]
