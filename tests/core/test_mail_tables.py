"""The tables of mails: whatever stands in them, they are read as rows of cells, bounded, and nothing raises."""

import csv
import io
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.mail_tables import (
    LONGEST_CELL,
    LONGEST_SHEET,
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    Sheet,
    read_tables,
)

cells = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20).map(lambda one: " ".join(one.split()))
html_bits = st.sampled_from([
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th rowspan=3>", "<td colspan='2'>", "<td rowspan=9999>",
    "<!--", "-->", "<script>", "&amp;", "&#x110000;", "<", ">", "PC-07", "<style", "<td colspan=\"999\"", "\n",
])  # fmt: skip


def rows_of(text: str, *, is_html: bool = False) -> list[tuple[str, ...]]:
    return [row for grid in read_tables((Sheet("a file", text, is_html=is_html),)) for row in grid.rows]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_told_by_the_lines(sign: str) -> None:
    told = [("Computer", "Status", "Size, GB"), ("PC-01", "OK", "1,5"), ("PC-02", "Failed; again", "2,5")]
    file = io.StringIO()
    csv.writer(file, delimiter=sign).writerows(told)

    assert rows_of(file.getvalue()) == told


def test_excels_own_line_about_the_sign_is_believed() -> None:
    assert rows_of("sep=;\nComputer;a,b\nPC-01;c,d\n") == [("Computer", "a,b"), ("PC-01", "c,d")]


def test_a_quoted_line_end_stays_within_its_cell() -> None:
    assert rows_of('Computer,Text\r\nPC-01,"one\r\ntwo"\r\nPC-02,three\r\n') == [
        ("Computer", "Text"), ("PC-01", "one two"), ("PC-02", "three"),
    ]  # fmt: skip


def test_a_quote_that_nothing_ends_swallows_no_rows() -> None:
    told = rows_of('Computer,Text\nPC-01,"open\nPC-02,three\nPC-03,four\n')

    assert [row[0] for row in told] == ["Computer", "PC-01", "PC-02", "PC-03"]


def test_formulas_are_text_and_the_trick_of_exporters_is_taken_off() -> None:
    assert rows_of('Computer,Text\n"=""PC-01""",=1+1\n=cmd|x!A0,@SUM(A1)\n')[1:] == [
        ("PC-01", "=1+1"), ("=cmd|x!A0", "@SUM(A1)"),
    ]  # fmt: skip


def test_empty_rows_are_none_and_rows_are_numbered_through_all_tables() -> None:
    grids = read_tables((Sheet("a.csv", "A,B\n\n,,\n1,2\n"), Sheet("b.csv", "C,D\n3,4\n")))

    assert [(grid.first, len(grid.rows)) for grid in grids] == [(1, 2), (3, 2)]


def test_what_has_no_columns_is_no_table() -> None:
    assert rows_of("Dear all,\nnothing happened.\n\nGoodbye") == [("Dear all", "")] or not rows_of("Hello\nworld\n")
    assert rows_of("") == []


def test_html_tables_are_read_with_what_spans_rows_and_columns() -> None:
    html = """<style>td {}</style><table border=1><tr><th>Computer<th>Job<th>Status</tr>
      <tr><td rowspan="2"><b>PC&#45;01</b></td><td>A</td><td>OK</td></tr><tr><td>B</td><td>Failed</td></tr>
      <tr><td>PC-02</td><td colspan=2>none</td></tr></table>"""

    assert rows_of(html, is_html=True) == [
        ("Computer", "Job", "Status"), ("PC-01", "A", "OK"), ("PC-01", "B", "Failed"), ("PC-02", "none", ""),
    ]  # fmt: skip


def test_a_table_within_a_table_is_one_of_its_own() -> None:
    html = "<table><tr><td>Hello<table><tr><td>Computer<td>Status<tr><td>PC-01<td>OK</table></td></tr></table>"

    grids = read_tables((Sheet("", html, is_html=True),))

    assert [grid.rows for grid in grids] == [(("Computer", "Status"), ("PC-01", "OK")), (("Hello",),)]


def test_rows_columns_and_cells_are_bounded_and_that_is_said() -> None:
    (long,) = read_tables((Sheet("long", "A,B\n" + "1,2\n" * MOST_ROWS),))
    wide = rows_of(",".join("x" * 700 for _ in range(MOST_COLUMNS * 2)) + "\n")

    assert (len(long.rows), long.is_cut) == (MOST_ROWS, True)
    assert (len(wide[0]), len(wide[0][0])) == (MOST_COLUMNS, LONGEST_CELL)


def test_the_last_line_of_a_file_that_was_cut_is_not_believed() -> None:
    (grid,) = read_tables((Sheet("cut", "Computer,Status\nPC-01,OK\nPC-02,O", is_cut=True),))

    assert (grid.rows[-1], grid.is_cut) == (("PC-01", "OK"), True)


@given(st.lists(st.lists(cells, min_size=2, max_size=5), min_size=1, max_size=20), st.sampled_from(",;\t|"))
def test_what_a_program_writes_as_csv_is_read_as_it_was_meant(rows: list[list[str]], sign: str) -> None:
    width = max(map(len, rows))
    told = [("Computer", "Status", *["More"] * (width - 2)), *(tuple(row + [""] * (width - len(row))) for row in rows)]
    file = io.StringIO()
    csv.writer(file, delimiter=sign, quoting=csv.QUOTE_ALL).writerows(told)
    text = f"sep={sign}\n{file.getvalue()}"

    meant = [row for row in told if any(row)]
    assert [row for row in rows_of(text) if not any('="' in cell for cell in row)] == [
        row for row in meant if not any('="' in cell for cell in row)
    ]


@given(
    st.lists(st.one_of(st.text(max_size=30), st.sampled_from(['"', ",", ";", "\n", "\r", "=", "\x00"])), max_size=40)
)
def test_garbage_is_read_as_a_table_of_something_or_nothing(parts: list[str]) -> None:
    assert are_bounded(read_tables((Sheet("x", "".join(parts)), Sheet("y", "".join(parts), is_cut=True))))


@given(st.lists(st.one_of(html_bits, st.text(max_size=10)), max_size=60))
def test_garbage_of_html_is_read_as_tables_of_something_or_nothing(parts: list[str]) -> None:
    assert are_bounded(read_tables((Sheet("", "".join(parts), is_html=True),)))


def are_bounded(grids: tuple[Grid, ...]) -> bool:
    """Are they as long and wide as they may be at the most, and their rows numbered through?"""
    rows = [row for grid in grids for row in grid.rows]
    firsts = [1 + sum(len(grid.rows) for grid in grids[:place]) for place in range(len(grids))]
    return (
        len(rows) <= MOST_ROWS
        and [grid.first for grid in grids] == firsts
        and all(0 < len(row) <= MOST_COLUMNS for row in rows)
        and all(len(cell) <= LONGEST_CELL for row in rows for cell in row)
    )


PIECES = ['"', ",", '",', "a,b\n", "\n", '"\n', "<table>", "<tr>", "<td>", "<!--", "<script", "<td rowspan=9>", "<"]


@pytest.mark.parametrize("piece", PIECES)
def test_a_file_twice_as_long_is_twice_the_work(piece: str) -> None:
    half, whole = (calls_for(piece * (length // len(piece))) for length in (LONGEST_SHEET // 8, LONGEST_SHEET // 4))

    assert whole <= 2.2 * half + 1000


def calls_for(text: str) -> int:
    """How many functions are called to read a text as either kind of table."""
    count = 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        read_tables((Sheet("x", text), Sheet("y", text, is_html=True)))
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_no_file_is_read_without_end(piece: str) -> None:
    """Patterns, whose work cannot be counted, must not hang either: a second or two are usual."""
    text = piece * (LONGEST_SHEET // len(piece))
    begun = time.process_time()

    assert are_bounded(read_tables((Sheet("x", text), Sheet("y", text, is_html=True))))

    assert time.process_time() - begun < 6
