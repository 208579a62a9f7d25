"""Receivables by age, as of any day: from invoices, payments and credit notes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum
from django.urls import reverse

from rounds.clients.models import Client
from rounds.core.books import Ageing, ageing
from rounds.core.settling import Receivable
from rounds.invoices.models import Allocation, CreditNote, Invoice, WriteOff
from rounds.ledger.reports import entries_address
from rounds.ledger.tables import Cell, Column, Table, totals_of

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
