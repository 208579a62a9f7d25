"""Lists with search, filters that stand in the address, sorting, paging, a count and CSV: one helper for all pages."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from rounds.pages.counting import counted

PAGE_SIZE = 50


class Listing[M: Model]:
    """One list as asked for by the address: `sort`, `page` and the filters the view has already applied.

    `sorts` maps a column's name in the address to the fields to order by; the first is the default.
    """

    def __init__(
        self, request: HttpRequest, rows: QuerySet[M], *, sorts: Mapping[str, Sequence[str]], noun: str = "rows"
    ) -> None:
        self.request, self.noun, self.sorts = request, noun, sorts
        asked = request.GET.get("sort", "")
        self.sort = asked if asked.removeprefix("-") in sorts else next(iter(sorts))
        self.all_rows = rows.order_by(*self._order(), "pk")

    def _order(self) -> list[str]:
        fields = self.sorts[self.sort.removeprefix("-")]
        if not self.sort.startswith("-"):
            return list(fields)
        return [field[1:] if field.startswith("-") else f"-{field}" for field in fields]

    @cached_property
    def count(self) -> int:
        """How many rows there are on all pages."""
        return self.all_rows.count()

    @property
    def counted(self) -> str:
        """How many of what."""
        return counted(self.count, self.noun)

    @property
    def pages(self) -> int:
        """How many pages; an empty list has one."""
        return max(1, -(-self.count // PAGE_SIZE))

    @cached_property
    def page(self) -> int:
        """The page shown, from 1; what is out of range is put in range."""
        asked = self.request.GET.get("page", "1")
        return min(self.pages, max(1, int(asked) if asked.isdecimal() and len(asked) < 9 else 1))

    @cached_property
    def rows(self) -> list[M]:
        """The rows of the page shown."""
        return list(self.all_rows[(self.page - 1) * PAGE_SIZE : self.page * PAGE_SIZE])

    def address(self, **changes: object) -> str:
        """The list's own address with some of its parameters changed; None takes one out."""
        query = self.request.GET.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"{self.request.path}?{query.urlencode()}"

    @property
    def previous_address(self) -> str:
        """The page before."""
        return self.address(page=self.page - 1)

    @property
    def next_address(self) -> str:
        """The page after."""
        return self.address(page=self.page + 1)

    @property
    def csv_address(self) -> str:
        """The same list as CSV, all pages."""
        return self.address(format="csv", page=None)

    @property
    def is_csv(self) -> bool:
        """Is CSV asked for?"""
        return self.request.GET.get("format") == "csv"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Hand the line back."""
        return text


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def csv_reply(name: str, rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Rows as a CSV file, sent as they come; the first one holds the headings. Amounts come as numbers."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([safe_cell(value) for value in row]) for row in rows)
    reply = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return reply


def as_csv[M: Model](
    listing: Listing[M], name: str, columns: Mapping[str, Callable[[M], Any]]
) -> StreamingHttpResponse:
    """All rows of a list as a CSV file; `columns` maps headings to what a row shows under them."""
    zone = timezone.get_current_timezone()  # the rows are sent when the page's own time zone no longer holds

    def rows() -> Iterator[Sequence[object]]:
        yield list(columns)
        for row in listing.all_rows.iterator(chunk_size=500):
            with timezone.override(zone):
                cells = [value(row) for value in columns.values()]
            yield cells

    return csv_reply(name, rows())


def as_number(cents: int) -> Decimal:
    """Cents as a number for a spreadsheet: 123450 is 1234.50."""
    return Decimal(cents).scaleb(-2)
