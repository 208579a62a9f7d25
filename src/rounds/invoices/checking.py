"""Proves the books and the invoices against each other: every figure that can be had in two ways is had in both."""

from django.db.models import Count, F, Max, Min, Q, Sum

from rounds.core.books import Chart
from rounds.invoices.models import Allocation, CreditNote, Invoice, InvoiceLine, Payment, Series
from rounds.ledger import checking
from rounds.people.shop import the_shop


def differences() -> list[str]:
    """Everything that is wrong with books and invoices, in words; nothing, if all is well. Book (`pull`) first."""
    return [
        *checking.differences(),
        *checking.compare(_expected(), ("assets:receivable", "liabilities:credit")),
        *_gaps(),
        *_wrong_totals(),
    ]


def _expected() -> dict[tuple[str, str], int]:
    """What invoices and payments say that the books should say of what clients owe and of their credit."""
    money = the_shop().currency
    expected: dict[tuple[str, str], int] = {}
    for invoice in Invoice.objects.unpaid():
        place = Chart(str(invoice.client_id), money).receivable, money
        expected[place] = expected.get(place, 0) + invoice.open
    for client, amount in _credits().items():
        expected[Chart(str(client), money).credit, money] = -amount
    return {place: amount for place, amount in expected.items() if amount}


def _credits() -> dict[int, int]:
    """What each client has paid too much: payments, and what credit notes left over, less what they settled."""
    left: dict[int, int] = {}
    for rows, by, field, sign in (
        (Payment.objects.filter(reversal=None), "client", "amount", 1),
        (CreditNote.objects.all(), "client", "over", 1),
        (Allocation.objects.filter(payout=None), "invoice__client", "amount", -1),
        (Allocation.objects.filter(invoice=None), "payout__client", "amount", -1),
    ):
        for client, amount in rows.order_by().values_list(by).annotate(Sum(field)):
            left[client] = left.get(client, 0) + sign * amount
    return left


def _gaps() -> list[str]:
    """Series of numbers with a gap, or that do not begin with their first number; old books' numbers are their own."""
    firsts = dict(Series.objects.values_list("name", "first"))
    issued = {Invoice: Q(old_number=""), CreditNote: Q()}
    return [
        f"numbers of {row['series']}: {row['count']} from {row['least']} to {row['last']}"
        for model, which in issued.items()
        for row in model._default_manager.filter(which)
        .order_by()
        .values("series")
        .annotate(count=Count("pk"), least=Min("number"), last=Max("number"))
        for begins in [firsts.get(row["series"], 1)]
        if (row["least"], row["last"]) != (begins, begins + row["count"] - 1)
    ]


def _wrong_totals() -> list[str]:
    """Invoices whose lines and tax are not their total."""
    sums = InvoiceLine.objects.order_by().values("invoice").annotate(sum=Sum("amount"))
    lines = sums.values_list("invoice", "sum", "invoice__total", "invoice__tax").exclude(
        sum=F("invoice__total") - F("invoice__tax")
    )
    return [f"invoice {key}: lines {found} and tax {tax} are not {total}" for key, found, total, tax in lines]
