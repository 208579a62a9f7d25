"""What is packed comes back as it was: any figures, any holes, any moments; and what is no chunk is refused."""

import struct
from base64 import b85decode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rounds.core.columns import Column
from rounds.core.packing import Damaged, Table, merge, pack, table_of, unpack, unpack_all

FIGURES = st.one_of(
    st.floats(),
    st.integers(-(2**60), 2**60).map(float),
    st.integers(-(10**6), 10**6).map(lambda number: number / 100),
    st.sampled_from([0.0, -0.0, float("nan"), float("inf"), float("-inf"), 5e-324, 1e308, 2.0**53]),
)
MOMENTS = st.lists(st.integers(-(2**50), 2**50), unique=True, max_size=40).map(sorted)
# Packed by the first version, which kept chunks in shops.
OF_THE_FIRST_VERSION = b85decode(
    "0SW*B00sa60A2t90ApfcWMpP!VQpq)U|?io0D-@P90H=^0=i710t|RTa(-TMNn&0JLvcxJK`}#4eqOo)gjtkXoSB!-ke`-ToLU0p"
    "CYCdlWTYw-C+4OyWaQ_h76ZBYrNxPPDa8N)=$E#d0RRAC>Hq)$0000000000000C)WdHyG000000b^uk;bH&)00000000000y|>("
    "n<@C!Lynhk008m@Dggih00Lu}s<kKZ8H1p*iCZ`T2LJ#7000000h5uI5|;u1GYJiy!!Xr2G_;iA8jxgQPy>=33@?DB4Fflje8Ql2"
    "`RY@120?p!`?>}@00IC50001!0ssL3000000004FU}ORS0RR91000000b^n06XXH_"
)


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

    assert list(back.times) == list(table.times)
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


@given(
    st.integers(0, 3),
    st.sampled_from([3, 200, 1023, 1024, 1025, 40_000]),
    st.sampled_from([0, 5, 10_200, 10_239, 10_240, 11_263, 30_000]),
    st.lists(st.integers(-(2**16), 2**16), min_size=1, max_size=60),
)
@example(1, 1025, 10_239, [1023, 1023, -1])
@example(2, 1024, 5, [-1000, 1001, -1024, -1024, 1])
def test_figures_come_back_wherever_they_begin_and_however_far_they_go(
    decimals: int, furthest: int, begin: int, steps: list[int]
) -> None:
    figures = [begin / 10**decimals]
    for step in steps:
        begin += step % (2 * furthest + 1) - furthest
        figures.append(begin / 10**decimals)
    table = Table(range(len(figures)), {"a": figures, "down": figures[::-1], "up": sorted(figures)})

    back = unpack(pack(table))

    assert {name: _bits(column) for name, column in back.columns.items()} == {
        name: _bits(column) for name, column in table.columns.items()
    }


def test_a_chunk_of_the_first_version_is_read() -> None:
    table = unpack(OF_THE_FIRST_VERSION)

    assert list(table.times) == [1_764_000_000_000 + 60_000 * minute for minute in range(6)]
    columns: dict[str, list[float | None]] = {
        "constant": [2.5] * 6,
        "steps": [10.1, 10.0, 9.7, 9.9, 10.4, 10.4],
        "long steps": [0.0, 300.5, 12.25, 0.75, 299.0, -3.5],
        "rising": [5e9, 5000004501.0, 5000009002.0, 5000013500.0, 5000018001.0, 5000022502.0],
        "offsets": [7.0, 21.0, 7.0, 20.0, 8.0, 21.0],
        "raw": [0.1 + 0.2, 1 / 3, 2 / 3, 1e300, -0.0, 1e-9],
        "the same": [10.1, 10.0, 9.7, 9.9, 10.4, 10.4],
        "holes": [None, 1.0, None, 2.0, 3.0, None],
        "thousands": [1000.0, 3000.0, 2000.0, 9000.0, 0.0, 5000.0],
    }
    assert {name: _bits(column) for name, column in table.columns.items()} == {
        name: _bits(column) for name, column in columns.items()
    }


@given(st.lists(tables(), max_size=4), st.data())
def test_chunks_at_once_come_back_as_each_by_itself(days: list[Table], data: st.DataObject) -> None:
    wanted = data.draw(st.none() | st.lists(st.sampled_from(["not in it", *{n for day in days for n in day.columns}])))
    wants = None if wanted is None else wanted.__contains__

    at_once = unpack_all([pack(day) for day in days], wants)

    one_by_one = merge([unpack(pack(day), wants) for day in days])
    assert list(at_once.times) == list(one_by_one.times)
    assert {name: _bits(column) for name, column in at_once.columns.items()} == {
        name: _bits(column) for name, column in one_by_one.columns.items()
    }


def test_days_of_even_moments_are_joined_without_listing_them() -> None:
    day, minute = 86_400_000, 60_000
    one, other = (Table(range(at, at + day, minute), {"load.1": [1.0] * 1440}) for at in (0, day))
    late = Table(range(day + 1000, 2 * day + 1000, minute), other.columns)

    assert unpack_all([pack(one), pack(other)]).times == range(0, 2 * day, minute)
    assert unpack_all([pack(one), pack(other)]) == merge([Table([*each.times], each.columns) for each in (one, other)])
    assert unpack_all([pack(one), pack(late)]).times == [*one.times, *late.times]


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


@given(tables(), st.data())
def test_a_chunk_with_another_byte_in_it_is_refused_or_gives_no_other_shape(table: Table, data: st.DataObject) -> None:
    chunk = bytearray(pack(table))
    chunk[data.draw(st.integers(0, len(chunk) - 1))] = data.draw(st.integers(0, 255))

    try:
        back = unpack(bytes(chunk))
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


def test_what_is_told_of_later_may_come_first_or_last() -> None:
    morning, evening = Table([1, 2], {"a": [1.0, None]}), Table(range(3, 5), {"a": [3.0, 4.0], "b": [None, 5.0]})

    for days in ([morning, evening], [evening, morning]):
        assert merge(days) == Table([1, 2, 3, 4], {"a": [1.0, None, 3.0, 4.0], "b": [None, None, None, 5.0]})


def test_merging_again_changes_nothing() -> None:
    day = Table([1, 2], {"a": [1.0, None]})

    assert merge([merge([day, day]), Table()]) == day


def test_a_span_of_a_table_leaves_out_what_has_no_figure_in_it() -> None:
    table = Table([1, 2, 3], {"a": [1.0, 2.0, 3.0], "b": [1.0, None, None]})

    assert table.between(2, 4) == Table([2, 3], {"a": [2.0, 3.0]})
    assert table.between(0, 9) is table
