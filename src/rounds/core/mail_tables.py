"""Reads the tables of a mail, however broken they are: the text of its files and its HTML in; numbered rows out.

Whatever comes, there is an answer, bounded in rows, columns and cells, in time that grows with the text alone. Cells
are text and stay it: what a spreadsheet would take for a formula is never reckoned, and is escaped where it goes out.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from itertools import islice

MOST_ROWS = 2_000  # of all tables of a mail
MOST_COLUMNS, LONGEST_CELL, LONGEST_SHEET = 60, 500, 1_000_000
MOST_SHEETS, DEEPEST = 20, 20
LOOKED_AT = 30  # lines by which the sign between cells is told
_SIGNS = "\t;|,"
_SEP = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_TEXT_TRICK = re.compile(r'="(.*)"')  # how exporters keep spreadsheets from taking a name for a number
_UNSEEN = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_MARK = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]*)>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_SPAN = re.compile(r"\b(colspan|rowspan)\s*=\s*[\"']?([0-9]{1,4})", re.IGNORECASE)

type Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of a mail in which there may be tables: a file's name and text, or HTML; `is_cut`: it goes on."""

    name: str
    text: str
    is_html: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its rows without empty ones, the first of which has the number `first` among all rows of the mail."""

    name: str
    rows: tuple[Cells, ...]
    first: int = 1
    is_html: bool = False
    is_cut: bool = False  # it goes on beyond what was read


@lru_cache(maxsize=4)  # many rules look at the same mail
def read_tables(sheets: tuple[Sheet, ...]) -> tuple[Grid, ...]:
    """The tables of all parts, in their order, numbered through."""
    grids: list[Grid] = []
    number, left = 1, MOST_ROWS
    for sheet in sheets[:MOST_SHEETS]:
        for rows, is_cut in _tables_of(sheet):
            kept = rows[:left]
            if kept or is_cut:
                grids.append(Grid(sheet.name, tuple(kept), number, sheet.is_html, is_cut or len(rows) > left))
            number, left = number + len(kept), left - len(kept)
    return tuple(grids)


def _tables_of(sheet: Sheet) -> Iterator[tuple[list[Cells], bool]]:
    text = sheet.text[:LONGEST_SHEET]
    is_cut = sheet.is_cut or len(sheet.text) > LONGEST_SHEET
    if sheet.is_html:
        yield from ((rows, is_cut) for rows in _read_html(text))
    else:
        yield _read_separated(text, is_cut=is_cut), is_cut


def _read_separated(text: str, *, is_cut: bool) -> list[Cells]:
    """The rows of a CSV file, whichever sign stands between its cells; of a cut one without the last line."""
    told = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if is_cut:
        told = told.rpartition("\n")[0]
    first, _, rest = told.partition("\n")
    said = _SEP.fullmatch(first.strip('"'))
    if said:
        told = rest
    sign = said[1] if said and said[1] in _SIGNS else _sign(told)
    if not sign:
        return []
    lines = (f"{line}\n" for line in told.split("\n"))
    try:
        rows = list(islice(csv.reader(lines, delimiter=sign, strict=True), MOST_ROWS * 2))
    except csv.Error:  # a quote that nothing ends would swallow all rows after it: each line by itself then
        rows = [_read_line(line, sign) for line in told.split("\n")[: MOST_ROWS * 2]]
    return _tidied(rows)


def _read_line(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        return line.split(sign)


def _sign(text: str) -> str:
    """The sign that stands equally often in the most lines; none: there is no table."""
    lines = [_QUOTED.sub("", line) for line in text[:100_000].split("\n") if line.strip()][:LOOKED_AT]
    best, found = (0, 0), ""
    for sign in _SIGNS:
        counts = [count for line in lines if (count := line.count(sign))]
        usual = max(counts, key=lambda one: (counts.count(one), one), default=0)
        if usual and (counts.count(usual), usual) > best:
            best, found = (counts.count(usual), usual), sign
    return found


def _tidied(rows: Iterable[Sequence[str]]) -> list[Cells]:
    told = (tuple(_cell(cell) for cell in row[:MOST_COLUMNS]) for row in rows)
    return [row for row in told if any(row)]


def _cell(text: str) -> str:
    told = " ".join(text[: LONGEST_CELL * 4].split())
    trick = _TEXT_TRICK.fullmatch(told)
    return (trick[1] if trick else told)[:LONGEST_CELL].strip()


@dataclass(slots=True)
class _Open:
    """A table of HTML whose end has not come."""

    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] | None = None
    across: int = 1
    down: int = 1
    carried: dict[int, tuple[int, str]] = field(default_factory=dict)  # column: for how many more rows, what
    later: dict[int, tuple[int, str]] = field(default_factory=dict)  # the same from the next row on

    def begin_row(self) -> None:
        self.end_cell()
        self.rows.append([])
        self._carry()

    def begin_cell(self, attributes: str) -> None:
        self.end_cell()
        if not self.rows:
            self.begin_row()
        spans = {name.lower(): int(number) for name, number in _SPAN.findall(attributes[:1000])}
        self.across = min(max(1, spans.get("colspan", 1)), MOST_COLUMNS)
        self.down = min(max(1, spans.get("rowspan", 1)), MOST_ROWS)
        self.cell = []

    def end_cell(self) -> None:
        if self.cell is None:
            return
        row, told = self.rows[-1], _cell(unescape(_TAG.sub(" ", "".join(self.cell))))
        self.cell = None
        for number in range(self.across):
            if len(row) >= MOST_COLUMNS:
                break
            if self.down > 1:
                self.carried[len(row)] = (self.down - 1, told if not number else "")
            row.append(told if not number else "")
        self._carry()

    def _carry(self) -> None:
        """What a cell above says for this row too."""
        row = self.rows[-1]
        while len(row) in self.carried and len(row) < MOST_COLUMNS:
            left, told = self.carried.pop(len(row))
            if left > 1:
                self.later[len(row)] = (left - 1, told)
            row.append(told)

    def end_row(self) -> None:
        self.end_cell()
        self.carried |= self.later
        self.later.clear()


def _read_html(html: str) -> list[list[Cells]]:
    """The tables of HTML, the inner ones of nested ones first; what spans rows is said in each of them."""
    seen = _UNSEEN.sub(" ", html)
    stack: list[_Open] = []
    found: list[list[Cells]] = []
    end, left = 0, MOST_ROWS * 2
    for mark in _MARK.finditer(seen):
        if stack and stack[-1].cell is not None:
            stack[-1].cell.append(seen[end : mark.start()])
        end = mark.end()
        is_end, name = bool(mark[1]), mark[2].lower()
        if name == "table":
            if not is_end and len(stack) < DEEPEST:
                stack.append(_Open())
            elif is_end and stack:
                found.append(_closed(stack.pop()))
        elif stack and left > 0:
            left -= _step(stack[-1], name, mark[3], is_end=is_end)
    found += [_closed(one) for one in reversed(stack)]
    return [rows for rows in found if rows]


def _step(table: _Open, name: str, attributes: str, *, is_end: bool) -> int:
    """What a mark within a table does; 1 if it begins a row."""
    if name == "tr":
        if table.rows:
            table.end_row()
        if not is_end:
            table.begin_row()
    elif is_end:
        table.end_cell()
    else:
        table.begin_cell(attributes)
    return int(name == "tr" and not is_end)


def _closed(table: _Open) -> list[Cells]:
    if table.rows:
        table.end_row()
    return _tidied(table.rows)
