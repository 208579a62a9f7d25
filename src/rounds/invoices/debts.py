"""Loads what a client owes, and the credit that he has, as values for the rules."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from rounds.charges.models import RetainerMove
from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.core.settling import Debts, Receivable
from rounds.invoices.models import Allocation, CreditNote, Invoice, Payment, WriteOff
from rounds.rows.asking import Question


@dataclass(slots=True)
class Source:
    """Money of a client that settles nothing yet: what is left of a payment, or of what a credit note left over."""

    row: Payment | CreditNote
    left: int


def sources_of(client: Client) -> list[Source]:
    """A client's unused money, oldest first."""
    payments = dict(UNUSED_PAYMENTS.about(client.pk))
    notes = dict(UNUSED_NOTES.about(client.pk))
    found = [Source(row, payments[row.pk]) for row in Payment.objects.filter(pk__in=payments)] if payments else []
    found += [Source(row, notes[row.pk]) for row in CreditNote.objects.filter(pk__in=notes)] if notes else []
    return sorted(found, key=lambda source: (source.row.at, source.row.pk))


def _unused_payments(client: int) -> QuerySet[Payment, tuple[int, int]]:
    used = Coalesce(Sum("allocations__amount"), Value(0))
    payments = Payment.objects.filter(client=client, reversal=None).annotate(left=F("amount") - used)
    return payments.filter(left__gt=0).order_by().values_list("pk", "left")


def _unused_notes(client: int) -> QuerySet[CreditNote, tuple[int, int]]:
    used = Coalesce(Sum("allocations__amount"), Value(0))
    notes = CreditNote.objects.filter(client=client, over__gt=0).annotate(left=F("over") - used)
    return notes.filter(left__gt=0).order_by().values_list("pk", "left")


UNUSED_PAYMENTS, UNUSED_NOTES = Question(_unused_payments), Question(_unused_notes)


def credit_of(client: Client) -> int:
    """What a client has paid too much, in cents."""
    return sum(source.left for source in sources_of(client))


def due_since(client: Client) -> date | None:
    """The day on which the first of a client's open invoices is due; None: nothing is open."""
    return Invoice.objects.filter(client=client).unpaid().values_list("due_on", flat=True).first()


def load_debts(client: Client, named: Invoice | None = None) -> Debts:
    """What a client owes: his open invoices and the one named, in order of issue, and his credit."""
    wanted = Q(open__gt=0) | Q(pk=named.pk) if named else Q(open__gt=0)
    asked_back = _sum_of(CreditNote, "asked") + _sum_of(WriteOff, "asked")
    told = {
        "asked_back": asked_back,
        "taken_back": _sum_of(CreditNote, "from_retainer"),
        "paid": _sum_of(Allocation, "amount") - _sum_of(CreditNote, "over"),
        "drawn": F("from_retainer") - _sum_of(CreditNote, "to_retainer"),
        "lost": _sum_of(WriteOff, "amount") - _sum_of(WriteOff, "asked"),
    }
    rows = Invoice.objects.filter(client=client).with_open().annotate(**told)
    invoices = tuple(_receivable(row) for row in rows.filter(wanted).order_by("pk"))
    if named is not None and named.client_id != client.pk:
        raise Refused(f"invoice {named} is not one of {client}")
    return Debts(invoices, credit_of(client))


def _receivable(row: Invoice) -> Receivable:
    """An invoice as settling sees it: its retainer line waits while anything is open, and counts as received then."""
    asked: int = row.asked - row.asked_back  # type: ignore[attr-defined]
    held: int = 0 if row.open else asked - row.taken_back  # type: ignore[attr-defined]
    paid: int = row.paid  # type: ignore[attr-defined]
    drawn: int = row.drawn  # type: ignore[attr-defined]
    lost: int = row.lost
    return Receivable(
        row.pk, row.pk, row.due_on, row.open, asked if row.open else 0, held, max(0, paid), drawn, lost
    )  # fmt: skip


def retainer_of(client: Client) -> int:
    """The balance of a client's retainer, in cents."""
    return int(RetainerMove.objects.filter(client=client).aggregate(sum=Sum("amount"))["sum"] or 0)


def _sum_of(model: type[Allocation] | type[CreditNote] | type[WriteOff], field: str) -> Coalesce:
    notes = model._default_manager.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    return Coalesce(Subquery(notes.annotate(sum=Sum(field)).values("sum")), Value(0))
