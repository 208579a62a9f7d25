"""Rolled-up figures say of each stretch what its samples say, and nothing where there were none."""

import math

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.packing import Table, table_of
from rounds.core.rolling import KINDS, roll_up

MINUTE = 60_000


def test_an_hour_of_minutes_as_stretches_of_five() -> None:
    table = Table([minute * MINUTE for minute in range(60)], {"a": [float(minute) for minute in range(60)]})

    rolled = roll_up(table, 5 * MINUTE)

    assert rolled.times == [number * 5 * MINUTE for number in range(12)]
    assert {kind: rolled.columns[f"a|{kind}"][1] for kind in KINDS} == {
        "min": 5.0, "max": 9.0, "avg": 7.0, "last": 9.0, "p95": 9.0,
    }  # fmt: skip


def test_the_95th_percentile_of_a_hundred_is_the_95th() -> None:
    table = Table(list(range(100)), {"a": [float(number) for number in range(1, 101)]})

    assert roll_up(table, 1000).columns["a|p95"] == [95.0]


def test_a_stretch_without_samples_is_not_there_and_a_figure_without_any_is_none() -> None:
    table = Table([0, 1, 20 * MINUTE], {"a": [1.0, 2.0, 3.0], "b": [None, None, 4.0]})

    rolled = roll_up(table, 5 * MINUTE)

    assert rolled.times == [0, 20 * MINUTE]
    assert rolled.columns["a|avg"] == [1.5, 3.0]
    assert rolled.columns["b|avg"] == [None, 4.0]


ROWS = st.lists(st.tuples(st.integers(-(10**7), 10**7), st.floats(-1e9, 1e9)), min_size=1, max_size=60)


@given(ROWS, st.integers(1, 10**6))
def test_every_sample_lies_between_the_least_and_the_greatest_of_its_stretch(
    rows: list[tuple[int, float]], step: int
) -> None:
    table = table_of((at, {"a": figure}) for at, figure in rows)

    rolled = roll_up(table, step)

    places = {at: place for place, at in enumerate(rolled.times)}
    assert list(rolled.times) == sorted({at // step * step for at in table.times})
    for at, figure in zip(table.times, table.columns["a"], strict=True):
        low, high, mean, _, p95 = (rolled.columns[f"a|{kind}"][places[at // step * step]] for kind in KINDS)
        assert low is not None
        assert high is not None
        assert p95 is not None
        assert mean is not None
        assert figure is not None
        assert low <= figure <= high
        assert low <= p95 <= high
        assert low - 1e-5 * abs(low) <= mean <= high + 1e-5 * abs(high) or math.isclose(mean, low)
