"""Gives the whole books to other programs: plain-text journals, QuickBooks, Xero and CSV, line by line."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet

from rounds.clients.models import Client
from rounds.core import books
from rounds.core.beancount import beancount_lines
from rounds.core.journal import journal_lines
from rounds.core.quickbooks import iif_lines
from rounds.core.sheets import Row, posting_rows, xero_rows
from rounds.ledger.balancing import entry_value
from rounds.ledger.models import Entry, Posting
from rounds.pages.listing import safe_cell

AT_ONCE = 2000
CHUNK = 200  # lines given at once


class Books:
    """The books from one day through another (None: from the beginning, to the end), as an export asks for them.

    Entries that are booked while it is written are left to the next one: their accounts would not be declared.
    """

    def __init__(self, first: date | None = None, through: date | None = None) -> None:
        self.names = {str(key): name for key, name in Client.objects.order_by("pk").values_list("pk", "name")}
        newest = Entry.objects.aggregate(Max("pk"))["pk__max"] or 0
        self.rows: QuerySet[Entry] = Entry.objects.filter(pk__lte=newest).order_by("on", "pk")
        self.postings: QuerySet[Posting] = Posting.objects.filter(entry__lte=newest).order_by()
        if first is not None:
            self.rows = self.rows.filter(on__gte=first)
            self.postings = self.postings.filter(entry__on__gte=first)
        if through is not None:
            self.rows = self.rows.filter(on__lte=through)
            self.postings = self.postings.filter(entry__on__lte=through)

    def entries(self) -> Iterator[books.Entry]:
        """Every entry in the order of days, with its client's name."""
        for row in self.rows.prefetch_related("postings").iterator(chunk_size=AT_ONCE):
            yield entry_value(row, self.names.get(str(row.client_id), ""))

    def accounts(self) -> list[str]:
        """Every account that was posted to."""
        return sorted(self.postings.values_list("account", flat=True).distinct())

    def commodities(self) -> list[str]:
        """Every commodity that was posted."""
        return sorted(self.postings.values_list("commodity", flat=True).distinct())

    def begin(self) -> date:
        """The day of the first entry."""
        return self.rows.values_list("on", flat=True).first() or date(2000, 1, 1)

    def clients(self) -> list[tuple[str, str]]:
        """Numbers and names of the clients in the books."""
        numbers = self.rows.order_by().values_list("client", flat=True).distinct()
        return [(str(key), self.names[str(key)]) for key in sorted(key for key in numbers if key)]


@dataclass(frozen=True, slots=True)
class Format:
    """A form of the books: for which program, the ending of its file, how it is written and in which encoding."""

    label: str
    purpose: str
    ending: str
    lines: Callable[[Books], Iterable[str]]
    encoding: str = "utf-8"


def _journal(kept: Books) -> Iterator[str]:
    return journal_lines(kept.entries(), kept.accounts(), kept.commodities())


def _csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Rows as lines of CSV; text that a spreadsheet would take for a formula is made plain."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="")
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


FORMATS: Mapping[str, Format] = {
    "hledger": Format("hledger", "plain-text accounting; the journal with every account declared", "journal", _journal),
    "ledger": Format("ledger", "plain-text accounting; the same text as for hledger", "ledger", _journal),
    "beancount": Format(
        "beancount",
        "plain-text accounting, by beancount's own names of accounts",
        "beancount",
        lambda kept: beancount_lines(kept.entries(), kept.accounts(), kept.commodities(), kept.begin()),
    ),
    "csv": Format(
        "CSV", "spreadsheets; one posting a line", "csv", lambda kept: _csv_lines(posting_rows(kept.entries()))
    ),
    "iif": Format(
        "QuickBooks IIF",
        "QuickBooks Desktop; accounts, customers and one general journal entry an event, money only",
        "iif",
        lambda kept: iif_lines(kept.entries(), kept.accounts(), kept.clients()),
        "cp1252",
    ),
    "xero": Format(
        "Xero CSV",
        "Xero's import of manual journals, money only",
        "xero.csv",
        lambda kept: _csv_lines(xero_rows(kept.entries())),
    ),
}


def export(name: str, first: date | None = None, through: date | None = None) -> Iterator[bytes]:
    """The books in a format, from day to day, some lines at a time; a sign that its encoding lacks becomes `?`."""
    form = FORMATS[name]
    end = "\n" if name in {"hledger", "ledger", "beancount"} else "\r\n"
    waiting: list[str] = []
    for line in form.lines(Books(first, through)):
        waiting.append(line + end)
        if len(waiting) >= CHUNK:
            yield "".join(waiting).encode(form.encoding, "replace")
            waiting.clear()
    yield "".join(waiting).encode(form.encoding, "replace")
