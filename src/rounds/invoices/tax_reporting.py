"""Tax by month, code and rate, from invoices and credit notes, and whether the books say the same."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.urls import reverse

from rounds.charges.models import ClosingTax
from rounds.core.books import TAX, Chart
from rounds.core.days import last_of_month
from rounds.core.money import show_amount
from rounds.invoices.models import CreditTax, Invoice
from rounds.ledger.balancing import balances
from rounds.ledger.tables import Cell, Column, Days, Table, totals_of
from rounds.people.shop import the_shop


@dataclass(frozen=True, slots=True)
class Taxing:
    """What is told of together: a month (its first day), a code with its words, and a rate."""

    month: date
    code: str
    words: str
    rate: str


@dataclass(slots=True)
class Taxed:
    """What was taxed, in cents: invoiced, and taken back by credit notes."""

    base: int = 0
    tax: int = 0
    base_credited: int = 0
    tax_credited: int = 0

    @property
    def owed(self) -> int:
        """What is to be paid on."""
        return self.tax - self.tax_credited


def taxes(first: date, last: date) -> dict[Taxing, Taxed]:
    """What was taxed, and the tax, by month, code and rate, for invoices and credit notes of these days.

    The tax of invoices that were brought over was told of in the old books; what is credited of it is taken back here.
    """
    found = defaultdict[Taxing, Taxed](Taxed)
    issued = ClosingTax.objects.exclude(closing__reason="opening").filter(closing__on__gte=first, closing__on__lte=last)
    for key, base, tax in _summed(issued, ("closing__on", "code", "words", "rate"), "amount"):
        found[key].base += base
        found[key].tax += tax
    credited = CreditTax.objects.filter(note__on__gte=first, note__on__lte=last)
    for key, base, tax in _summed(credited, ("note__on", "row__code", "row__words", "row__rate"), "tax"):
        found[key].base_credited += base
        found[key].tax_credited += tax
    return dict(sorted(found.items(), key=lambda item: (item[0].month, item[0].code, item[0].rate)))


def _summed(
    rows: QuerySet[ClosingTax] | QuerySet[CreditTax], names: tuple[str, str, str, str], field: str
) -> Iterator[tuple[Taxing, int, int]]:
    """Add rows up in the database, day by day; what was taxed, and the tax."""
    sums = rows.order_by(*names).values_list(*names).annotate(Sum("base"), Sum(field))
    for day, code, words, rate, base, tax in sums:
        yield Taxing(day.replace(day=1), code, words, rate), int(base), int(tax)


def wrong_tax() -> Iterator[str]:
    """The tax of all invoices and credit notes, code by code, against the books."""
    money, chart = the_shop().currency, Chart("any")
    owed: dict[str, int] = {}
    for key, one in taxes(date.min, date.max).items():
        account = chart.tax(key.code)
        owed[account] = owed.get(account, 0) + one.owed
    booked = {name: -sum_ for (name, unit), sum_ in balances(below=TAX).items() if unit == money}
    for account in sorted({*owed, *booked}):
        if owed.get(account, 0) != booked.get(account, 0):
            does, should = show_amount(booked.get(account, 0)), show_amount(owed.get(account, 0))
            yield f"{account}: {does} in the books, {should} expected"


def tax_table(days: Days) -> Table:
    """Tax by month, code and rate; every figure leads to the entries of that month on the code's account."""
    columns = [
        Column("Month"), Column("Tax"), Column("Code"), Column("Rate"), Column("Taxable", "money"),
        Column("Tax charged", "money"), Column("Taxable credited", "money"), Column("Tax credited", "money"),
        Column("Tax owed", "money"),
    ]  # fmt: skip
    rows = []
    for key, one in taxes(days.first, days.last).items():
        entries = _entries(key, days) if one.tax or one.tax_credited else ""
        invoices = _papers(key, days)
        rows.append([
            Cell(f"{key.month:%B %Y}"), Cell(key.words), Cell(key.code), Cell(key.rate),
            Cell(one.base, invoices), Cell(one.tax, entries), Cell(one.base_credited, invoices),
            Cell(one.tax_credited, entries), Cell(one.owed, entries),
        ])  # fmt: skip
    return Table("Tax", columns, rows, "Nothing was taxed in these days.", totals_of(columns, rows))


def papers_table(days: Days, code: str, rate: str) -> Table:
    """The invoices and credit notes behind a code's figures at a rate: each leads to its own page."""
    columns = [
        Column("Day", "day"), Column("Paper"), Column("Client"), Column("Taxable", "money"), Column("Tax", "money"),
    ]  # fmt: skip
    charged = ClosingTax.objects.exclude(closing__reason="opening").filter(
        code=code, rate=rate, closing__on__gte=days.first, closing__on__lte=days.last
    )
    credited = CreditTax.objects.select_related("note__invoice").filter(
        row__code=code, row__rate=rate, note__on__gte=days.first, note__on__lte=days.last
    )
    numbers = {row.closing_id: row for row in Invoice.objects.filter(closing__in=charged.values("closing"))}
    rows = [
        [Cell(row.closing.on), *_paper(numbers.get(row.closing_id)), Cell(row.base), Cell(row.amount)]
        for row in charged.select_related("closing")
    ] + [
        [Cell(one.note.on), *_paper(one.note.invoice, str(one.note)), Cell(-one.base), Cell(-one.tax)]
        for one in credited
    ]
    rows.sort(key=lambda cells: (str(cells[0].value), str(cells[1].value)))
    return Table(f"{code} at {rate}", columns, rows, "Nothing was taxed by it in these days.", totals_of(columns, rows))


def _paper(invoice: Invoice | None, note: str = "") -> tuple[Cell, Cell]:
    """An invoice, or a credit note on it, and its client; a closing that is not issued yet has no number."""
    if invoice is None:
        return Cell("to be issued"), Cell("")
    address = reverse("invoices:invoice", args=[invoice.full_number])
    return Cell(note or invoice.full_number, address), Cell(invoice.client_name)


def _span(key: Taxing, days: Days) -> str:
    """The days of a row as they stand in an address."""
    return f"from={max(key.month, days.first)}&to={min(last_of_month(key.month), days.last)}"


def _entries(key: Taxing, days: Days) -> str:
    """Where the entries of a row are: those of the code's own account in its month."""
    return f"{reverse('ledger:account', args=[Chart('any').tax(key.code)])}?{_span(key, days)}&alone=1"


def _papers(key: Taxing, days: Days) -> str:
    """Where the invoices and credit notes of a row are."""
    return f"{reverse('invoices:tax')}?{_span(key, days)}&{urlencode({'code': key.code, 'rate': key.rate})}"
