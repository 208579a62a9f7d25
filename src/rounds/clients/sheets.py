"""Reads an uploaded table: its encoding, its separator, its headings, and its rows as text by column."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple

from rounds.core.money import Refused

LARGEST_FILE = 5_000_000
MOST_ROWS = 20_000
LONGEST_CELL = 5_000
SEPARATORS = ",;\t"
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}


class Problem(NamedTuple):
    """What is wrong in a file, and where; line 0 is the file as a whole."""

    line: int
    column: str
    value: str
    what: str


class Column(NamedTuple):
    """A column of a file: its heading, other headings it is known by, and how a cell is read."""

    name: str
    heading: str
    read: Callable[[str], Any]
    other: tuple[str, ...] = ()
    is_required: bool = False
    example: str = ""


@dataclass(slots=True)
class Row:
    """A row as read: its line in the file, and what was understood by column."""

    line: int
    told: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """A file as read: its rows, what is wrong with it, and what else the person should know."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def decode(raw: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding in which it is written. Refused: what is no text."""
    if len(raw) > LARGEST_FILE:
        raise Refused(f"the file is larger than {LARGEST_FILE // 1_000_000} MB: split it")
    if raw[:2] == b"PK":
        raise Refused("this is a spreadsheet, not a CSV file: save it as CSV and upload that")
    for encoding in _candidates(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff"), encoding
    raise Refused("this is not a text file that can be read: save it as CSV, in UTF-8 if there is a choice")


def _candidates(raw: bytes) -> Iterator[str]:
    """Encodings to try, the surest first; without a mark, UTF-16 is known by the zeros between Latin letters."""
    if raw[:3] == b"\xef\xbb\xbf":
        yield "utf-8-sig"
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        yield "utf-16"
    head = raw[:2000]
    if head[1::2].count(0) > len(head) // 4:
        yield "utf-16-le"
    if head[0::2].count(0) > len(head) // 4:
        yield "utf-16-be"
    yield "utf-8"
    yield "cp1252"


def _folded(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", heading).strip().casefold()


def _separator(first_line: str, known: set[str]) -> str:
    """The separator under which most headings are known; between equals, the one that splits more."""

    def fit(separator: str) -> tuple[int, int]:
        cells = next(csv.reader([first_line], delimiter=separator), [])
        return sum(_folded(cell) in known for cell in cells), len(cells)

    return max(SEPARATORS, key=fit)


def _without_guard(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"} else cell


def read_sheet(text: str, columns: Sequence[Column]) -> Sheet:
    """Read all rows; every cell that cannot be read is a problem with its line and column."""
    sheet = Sheet()
    by_heading = {_folded(word): one for one in columns for word in (one.name, one.heading, *one.other)}
    lines = io.StringIO(text, newline="")
    first = next((line for line in lines if line.strip(f"{SEPARATORS}\r\n ")), "")
    if not first:
        sheet.problems.append(Problem(0, "", "", "the file is empty"))
        return sheet
    lines.seek(0)
    reader = csv.reader(lines, delimiter=_separator(first.rstrip("\r\n"), set(by_heading)), strict=True)
    try:
        _read_rows(reader, by_heading, columns, sheet)
    except csv.Error as reason:
        what = f"the row cannot be read ({reason}); a quotation mark may be open"
        sheet.problems.append(Problem(reader.line_num, "", "", what))
    return sheet


def _read_rows(reader: Any, by_heading: dict[str, Column], columns: Sequence[Column], sheet: Sheet) -> None:
    chosen: list[Column | None] | None = None
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if chosen is None:
            chosen = _headings(cells, by_heading, columns, sheet)
            if sheet.problems:
                return
        elif len(sheet.rows) == MOST_ROWS:
            sheet.problems.append(Problem(reader.line_num, "", "", f"more than {MOST_ROWS:,} rows: split the file"))
            return
        else:
            sheet.rows.append(_row(reader.line_num, cells, chosen, columns, sheet))
    if not sheet.rows and not sheet.problems:
        sheet.problems.append(Problem(0, "", "", "the file has headings, but no rows"))


def _headings(
    cells: list[str], by_heading: dict[str, Column], columns: Sequence[Column], sheet: Sheet
) -> list[Column | None]:
    """Which column each heading names; unknown ones are left out and told, unless one was probably meant."""
    chosen = [by_heading.get(_folded(cell)) for cell in cells]
    for heading, column in zip(cells, chosen, strict=True):
        if column is not None and chosen.count(column) > 1:
            sheet.problems.append(Problem(1, heading, "", f"there are two columns for “{column.heading}”"))
        elif column is None and heading.strip():
            missing = [_folded(one.heading) for one in columns if one not in chosen]
            meant = get_close_matches(_folded(heading), missing, n=1, cutoff=0.75)
            if meant:
                right = by_heading[meant[0]].heading
                sheet.problems.append(Problem(1, heading, "", f"there is no such column; “{right}” is probably meant"))
            else:
                sheet.notes.append(f"The column “{heading}” is not imported.")
    for one in columns:
        if one.is_required and one not in chosen:
            sheet.problems.append(Problem(1, one.heading, "", "this column is missing"))
    return chosen


def _row(line: int, cells: list[str], chosen: list[Column | None], columns: Sequence[Column], sheet: Sheet) -> Row:
    if any(cell.strip() for cell in cells[len(chosen) :]):
        what = f"the row has {len(cells)} cells, the headings {len(chosen)}; a separator may stand inside a cell"
        sheet.problems.append(Problem(line, "", "", what))
    given = {
        one.name: _without_guard(cell.strip()) for one, cell in zip(chosen, cells, strict=False) if one is not None
    }
    told: dict[str, Any] = {}
    for one in columns:
        cell = given.get(one.name, "")
        try:
            if one.is_required and not cell:
                raise Refused("this must not be empty")
            if len(cell) > LONGEST_CELL:
                raise Refused("this is too long")
            told[one.name] = one.read(cell)
        except Refused as reason:
            sheet.problems.append(Problem(line, one.heading, cell[:60], str(reason)))
    return Row(line, told)
