"""Reports as tables: columns of a kind, cells that lead to what they are made of; the same for a page and for CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date

from rounds.pages.listing import as_number, csv_reply
from rounds.people.access import SignedIn
from rounds.people.shop import local_day

type Value = str | int | date | None
NUMBERS = {"money", "hours", "minutes", "count"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure or a word, and the address of what it is made of."""

    value: Value
    address: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """What stands in a column: text, day, money (cents), hours (seconds), minutes or count."""

    title: str
    kind: str = "text"

    @property
    def is_number(self) -> bool:
        """Is it set to the right?"""
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, with their sums; `empty` tells what would fill it."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str
    totals: Sequence[Value] = ()

    def shown(self) -> Iterator[list[tuple[Cell, Column]]]:
        """The rows, each cell with its column."""
        return (list(zip(row, self.columns, strict=True)) for row in self.rows)

    def shown_totals(self) -> list[tuple[Value, Column]]:
        """The sums, each with its column."""
        return list(zip(self.totals, self.columns, strict=True)) if self.totals else []

    def sheet(self) -> Iterator[Sequence[object]]:
        """The rows for CSV: amounts and hours as numbers."""
        yield [column.title for column in self.columns]
        for row in self.rows:
            yield [_plain(cell.value, column.kind) for cell, column in zip(row, self.columns, strict=True)]


def totals_of(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], but: Sequence[str] = ()) -> list[Value]:
    """Add up every column of numbers but those named."""
    found: list[Value] = ["In all"]
    for place, column in enumerate(columns[1:], start=1):
        values = [row[place].value for row in rows]
        is_summed = column.is_number and column.title not in but
        found.append(sum(value for value in values if isinstance(value, int)) if is_summed else None)
    return found


def _plain(value: Value, kind: str) -> object:
    if isinstance(value, int):
        if kind == "money":
            return as_number(value)
        if kind in {"hours", "minutes"}:
            return (Decimal(value) / (3600 if kind == "hours" else 60)).quantize(Decimal("0.0001"))
    return "" if value is None else value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Days:
    """The day, or the first and the last day, that a report is asked for; `wrong` tells what was no day."""

    first: date
    last: date
    wrong: str = ""

    @property
    def query(self) -> str:
        """The days as they stand in the address of entries."""
        return f"from={self.first}&to={self.last}"


def asked_days(request: SignedIn) -> Days:
    """Read `on`, or `from` and `to`: unless told otherwise today, or this year up to today."""
    today, wrong = local_day(timezone.now()), ""
    found = {"on": today, "from": today.replace(month=1, day=1), "to": today}
    for name, usual in list(found.items()):
        text = request.GET.get(name, "").strip()
        try:
            day = parse_date(text) if text else usual
        except ValueError:
            day = None
        if day is None:
            wrong = f"“{text}” is not a day; write it like {today}"
        else:
            found[name] = day
    if not wrong and found["from"] > found["to"]:
        wrong = f"{found['from']} is after {found['to']}"
    last = found["on"] if "on" in request.GET else found["to"]
    return Days(min(found["from"], last), last, wrong)


@dataclass(frozen=True, slots=True)
class Report:
    """A question, the tables that answer it, what to know about them, and how it is narrowed."""

    title: str
    tables: Sequence[Table]
    days: Days
    is_of_a_day: bool = True
    notes: Sequence[str] = ()
    choices: Mapping[str, str] = field(default_factory=dict)  # addresses to words, to look at it otherwise
    hidden: Mapping[str, str] = field(default_factory=dict)  # what stays in the address when other days are asked for


def show(request: SignedIn, report: Report) -> HttpResponseBase:
    """A report as a page, or one of its tables as CSV (`?format=csv&table=2`)."""
    if request.GET.get("format") == "csv":
        asked = request.GET.get("table", "1")
        number = int(asked) if asked.isdecimal() and len(asked) < 3 else 1
        table = report.tables[min(max(number, 1), len(report.tables)) - 1]
        return csv_reply(table.title.lower().replace(" ", "-"), table.sheet())
    query = request.GET.copy()
    query["format"] = "csv"
    reply = {"report": report, "csv": query.urlencode(), "path": request.path}
    return render(request, "ledger/report.html", reply, status=422 if report.days.wrong else 200)
