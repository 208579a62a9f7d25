"""Receivables by age, and tax by month and rate, as of any day: from invoices, payments and credit notes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import F, Q, Sum
from django.urls import reverse

from rounds.clients.models import Client
from rounds.core.books import Ageing, ageing
from rounds.core.days import last_of_month
from rounds.core.money import round_half_away, show_amount
from rounds.core.settling import Receivable
from rounds.invoices.models import Allocation, CreditNote, Invoice, InvoiceLine, WriteOff
from rounds.ledger.balancing import balances
from rounds.ledger.reports import entries_address
from rounds.ledger.tables import Cell, Column, Days, Table, totals_of

AGES = ("Not due", "1 to 30 days", "31 to 60 days", "61 to 90 days", "Over 90 days")


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice with something open on a day."""

    client: int
    number: str
    issued_on: date
    due_on: date
    cents: int


def open_on(day: date) -> list[Open]:
    """The invoices that were open at the end of a day, in the order due."""
    settled = defaultdict[int, int](int)
    for rows, field in (
        (Allocation.objects.filter(on__lte=day, invoice__isnull=False), "amount"),
        (CreditNote.objects.filter(on__lte=day), "lowers"),
        (WriteOff.objects.filter(on__lte=day), "amount"),
    ):
        for invoice, amount in rows.order_by().values_list("invoice").annotate(Sum(field)):
            settled[invoice] += int(amount)
    issued = (
        Invoice.objects.filter(issued_on__lte=day)
        .exclude(brought__opening__on__gt=day)
        .order_by("due_on", "pk")
        .annotate(asks=F("total") - F("from_retainer"))
    )
    fields = ("pk", "client", "series", "number", "old_number", "issued_on", "due_on", "asks")
    return [
        Open(client, old or f"{series}-{number:04d}", issued_on, due_on, asks - settled[key])
        for key, client, series, number, old, issued_on, due_on, asks in issued.order_by("due_on", "pk")
        .values_list(*fields)
        .iterator()
        if asks != settled[key]
    ]


def receivables_tables(day: date) -> list[Table]:
    """What clients owed at the end of a day: by client and age, then invoice by invoice."""
    found = open_on(day)
    names = dict(Client.objects.filter(pk__in={one.client for one in found}).values_list("pk", "name"))
    return [_ages_table(found, names, day), _invoices_table(found, names)]


def _ages_table(found: Sequence[Open], names: dict[int, str], day: date) -> Table:
    columns = [Column("Client"), *(Column(age, "money") for age in AGES), Column("In all", "money")]
    by_client = defaultdict[int, list[Open]](list)
    for one in found:
        by_client[one.client].append(one)
    rows = []
    for client in sorted(by_client, key=lambda key: names[key]):
        aged = _aged(by_client[client], day)
        own = entries_address(f"assets:receivable:{client}", day)
        figures = (aged.not_due, aged.to_30, aged.to_60, aged.to_90, aged.over_90)
        first = Cell(names[client], reverse("ledger:client", args=[client]) + f"?on={day}")
        rows.append([first, *(Cell(cents or None) for cents in figures), Cell(aged.total, own)])
    return Table("By age", columns, rows, "Nobody owed anything then.", totals_of(columns, rows))


def _aged(found: Sequence[Open], day: date) -> Ageing:
    return ageing((Receivable(0, 0, one.due_on, one.cents) for one in found), day)


def _invoices_table(found: Sequence[Open], names: dict[int, str]) -> Table:
    columns = [
        Column("Invoice"),
        Column("Client"),
        Column("Issued", "day"),
        Column("Due", "day"),
        Column("Open", "money"),
    ]
    rows = [
        [
            Cell(one.number, reverse("invoices:invoice", args=[one.number])), Cell(names[one.client]),
            Cell(one.issued_on), Cell(one.due_on), Cell(one.cents),
        ]
        for one in found
    ]  # fmt: skip
    return Table("Open invoices", columns, rows, "No invoice was open then.", totals_of(columns, rows))


@dataclass(slots=True)
class Taxed:
    """What was taxed at one rate in one month, in cents: invoiced, and taken back by credit notes."""

    base: int = 0
    tax: int = 0
    base_credited: int = 0
    tax_credited: int = 0


def taxes(first: date, last: date) -> dict[tuple[date, str], Taxed]:
    """Taxable base and tax by month (its first day) and rate, for invoices and credit notes of these days.

    The tax of invoices that were brought over was told of in the old books; what is credited of it is taken back here.
    """
    found = defaultdict[tuple[date, str], Taxed](Taxed)
    issued = Invoice.objects.filter(issued_on__gte=first, issued_on__lte=last, old_number="")
    bases = _bases(Q(invoice__in=issued))
    for key, on, rate, tax in issued.order_by("issued_on", "pk").values_list("pk", "issued_on", "tax_rate", "tax"):
        base = bases.get(key, 0)
        if base or tax:
            one = found[on.replace(day=1), rate]
            one.base += base
            one.tax += tax
    for on, rate, base, tax in _credited(first, last):
        one = found[on.replace(day=1), rate]
        one.base_credited += base
        one.tax_credited += tax
    return dict(sorted(found.items()))


def _bases(which: Q) -> dict[int, int]:
    """The taxable lines of invoices, added up."""
    lines = InvoiceLine.objects.filter(which, is_taxable=True).order_by()
    return {key: int(amount) for key, amount in lines.values_list("invoice").annotate(Sum("amount"))}


def _credited(first: date, last: date) -> Iterator[tuple[date, str, int, int]]:
    """What credit notes of these days took back: day, rate, taxable base, tax, each in proportion and cumulative."""
    named = CreditNote.objects.filter(on__gte=first, on__lte=last).values("invoice")
    bases = _bases(Q(invoice__in=named))
    before = defaultdict[int, int](int)
    for note in CreditNote.objects.filter(invoice__in=named).select_related("invoice").order_by("pk"):
        invoice, base = note.invoice, bases.get(note.invoice_id, 0)
        taken = before[invoice.pk], before[invoice.pk] + note.amount - note.asked - note.from_retainer
        before[invoice.pk] = taken[1]
        if first <= note.on <= last and (base or invoice.tax):
            yield note.on, invoice.tax_rate, _part(invoice, base, taken), _part(invoice, invoice.tax, taken)


def _part(invoice: Invoice, amount: int, taken: tuple[int, int]) -> int:
    """The part of an invoice's amount that lies between what was credited of it before and after a credit note."""
    whole = invoice.total - invoice.asked
    before, after = (round_half_away(Fraction(amount * min(cents, whole), whole)) if whole else 0 for cents in taken)
    return after - before


def wrong_tax() -> Iterator[str]:
    """The tax of all invoices and credit notes, against the books."""
    owed = sum(one.tax - one.tax_credited for one in taxes(date.min, date.max).values())
    booked = -sum(balances(below="liabilities:tax").values())
    if owed != booked:
        yield f"liabilities:tax: {show_amount(booked)} in the books, {show_amount(owed)} expected"


def tax_table(days: Days) -> Table:
    """Tax by month and rate; what is owed leads to the entries of that month."""
    columns = [
        Column("Month"), Column("Rate"), Column("Taxable", "money"), Column("Tax", "money"),
        Column("Taxable credited", "money"), Column("Tax credited", "money"), Column("Tax owed", "money"),
    ]  # fmt: skip
    account = reverse("ledger:account", args=["liabilities:tax"])
    rows = [
        [
            Cell(f"{month:%B %Y}"), Cell(rate), Cell(one.base), Cell(one.tax), Cell(one.base_credited),
            Cell(one.tax_credited),
            Cell(
                one.tax - one.tax_credited,
                f"{account}?from={max(month, days.first)}&to={min(last_of_month(month), days.last)}",
            ),
        ]
        for (month, rate), one in taxes(days.first, days.last).items()
    ]  # fmt: skip
    return Table("Tax", columns, rows, "Nothing was taxed in these days.", totals_of(columns, rows))
