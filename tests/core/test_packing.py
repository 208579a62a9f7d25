"""What is packed comes back as it was: any figures, any holes, any moments; and what is no chunk is refused."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.packing import Column, Damaged, Table, merge, pack, table_of, unpack

FIGURES = st.one_of(
    st.floats(),
    st.integers(-(2**60), 2**60).map(float),
    st.integers(-(10**6), 10**6).map(lambda number: number / 100),
    st.sampled_from([0.0, -0.0, float("nan"), float("inf"), float("-inf"), 5e-324, 1e308, 2.0**53]),
)
MOMENTS = st.lists(st.integers(-(2**50), 2**50), unique=True, max_size=40).map(sorted)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    times = draw(MOMENTS)
    column = st.one_of(
        st.lists(FIGURES | st.none(), min_size=len(times), max_size=len(times)),
        FIGURES.map(lambda figure: [figure] * len(times)),
    )
    return Table(times, draw(st.dictionaries(st.text(st.characters(exclude_characters="\0")), column, max_size=6)))


def _bits(column: Column) -> list[Any]:
    """A column in which a figure that is not a number equals itself, and minus nothing does not equal nothing."""
    return [None if figure is None else struct.pack("<d", figure) for figure in column]


@given(tables())
def test_a_table_comes_back_as_it_was(table: Table) -> None:
    back = unpack(pack(table))

    assert back.times == list(table.times)
    assert {name: _bits(column) for name, column in back.columns.items()} == {
        name: _bits(column) for name, column in table.columns.items()
    }


@given(tables(), st.data())
def test_some_columns_alone_come_back_as_from_the_whole(table: Table, data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from([*table.columns, "not in it"]), unique=True))

    back = unpack(pack(table), lambda name: name in wanted)

    assert {name: _bits(column) for name, column in back.columns.items()} == {
        name: _bits(table.columns[name]) for name in wanted if name in table.columns
    }


def test_a_day_of_a_server_takes_less_than_a_byte_a_figure() -> None:
    times = [1_764_000_000_000 + 60_000 * minute + minute * 7919 % 4000 for minute in range(1440)]
    columns: dict[str, list[float | None]] = {
        "share": [40 + (minute * 7919 % 90) / 10 for minute in range(1440)],
        "growing": [float(1_000_000 * minute + minute * 104_729 % 4096) for minute in range(1440)],
        "fixed": [25279045632.0] * 1440,
        "with a hole": [None if 300 < minute < 400 else float(minute % 7) for minute in range(1440)],
        "the same": [40 + (minute * 7919 % 90) / 10 for minute in range(1440)],
    }

    chunk = pack(Table(times, columns))

    assert len(chunk) < 1440 * len(columns)
    assert unpack(chunk) == Table(times, columns)


@given(st.binary(max_size=300))
def test_what_is_no_chunk_is_refused(noise: bytes) -> None:
    for text in (noise, b"\x01" + noise):
        with pytest.raises(Damaged):
            unpack(text)


@given(tables(), st.data())
def test_a_chunk_that_was_cut_is_refused_or_gives_no_other_shape(table: Table, data: st.DataObject) -> None:
    chunk = pack(table)
    cut = chunk[: data.draw(st.integers(0, max(0, len(chunk) - 1)))]

    try:
        back = unpack(cut)
    except Damaged:
        return

    assert all(len(column) == len(back.times) for column in back.columns.values())


def test_a_column_of_another_length_is_not_packed() -> None:
    with pytest.raises(ValueError, match="as long as"):
        pack(Table([1, 2], {"a": [1.0]}))


def test_moments_that_do_not_ascend_are_not_packed() -> None:
    with pytest.raises(ValueError, match="ascend"):
        pack(Table([2, 1], {"a": [1.0, 2.0]}))


def test_rows_make_a_table_in_the_order_of_time() -> None:
    table = table_of([(3, {"a": 3.0}), (1, {"a": 1.0, "b": 9.0}), (3, {"a": 4.0, "c": 5.0})])

    assert table == Table([1, 3], {"a": [1.0, 4.0], "b": [9.0, None], "c": [None, 5.0]})
    assert table.series("b") == [(0.001, 9.0)]


@given(tables(), tables())
def test_merging_keeps_every_row_and_the_later_tables_figures(one: Table, other: Table) -> None:
    merged = merge([one, other])

    assert list(merged.times) == sorted({*one.times, *other.times})
    for table in (one, other):
        for name, column in table.columns.items():
            for at, figure in zip(table.times, column, strict=True):
                if figure is not None and (table is other or not _told(other, name, at)):
                    assert _bits([merged.columns[name][merged.times.index(at)]]) == _bits([figure])


def _told(table: Table, name: str, at: int) -> bool:
    return name in table.columns and at in table.times and table.columns[name][table.times.index(at)] is not None


def test_merging_again_changes_nothing() -> None:
    day = Table([1, 2], {"a": [1.0, None]})

    assert merge([merge([day, day]), Table()]) == day


def test_a_span_of_a_table_leaves_out_what_has_no_figure_in_it() -> None:
    table = Table([1, 2, 3], {"a": [1.0, 2.0, 3.0], "b": [1.0, None, None]})

    assert table.between(2, 4) == Table([2, 3], {"a": [2.0, 3.0]})
    assert table.between(0, 9) is table
