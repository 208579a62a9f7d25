"""Charges interest on late invoices before a first of the month is billed, and shows what it has come to by any day."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum

from rounds.charges.accounts import Position
from rounds.charges.keeping import keep_charges
from rounds.charges.previewing import Preview, previews
from rounds.clients.agreeing import agreement_rows_of, of_clients, shop_versions
from rounds.clients.models import Client
from rounds.clients.rows import agreement_value
from rounds.core import account as values
from rounds.core import interest
from rounds.core.account import Kind
from rounds.core.days import add_months
from rounds.core.interest import Charged, Late
from rounds.core.taxing import Tax
from rounds.core.terms import Shops, Terms
from rounds.invoices.debts import due_since
from rounds.invoices.models import (
    Allocation,
    BankDecision,
    CreditLine,
    CreditNote,
    Fate,
    Interest,
    Invoice,
    InvoiceLine,
    ReminderPause,
    WriteOff,
)
from rounds.people.shop import local_day, local_moment

DAY = timedelta(days=1)


def is_charged(shops: Shops) -> bool:
    """Has the shop ever charged interest, or will it?"""
    return any(shop.lateness is not None for _, shop in shops)


def charge(position: Position, day: date, *, at: datetime) -> None:
    """Charge what a client's late invoices come to by the day before a first of the month; done before, it is done."""
    client = position.client
    found = [
        one
        for late in gather([client], day).get(client.pk, ())
        for one in interest.interest_on(
            position.account.terms, late.value, late.charged, day, forgiven=late.forgiven
        )
    ]  # fmt: skip
    if not found:
        return
    with transaction.atomic():
        keys = keep_charges(position, [one.charge(day - DAY) for one in found])
        Interest.objects.bulk_create(
            Interest(client=client, invoice_id=int(one.invoice), charge_id=key, on=day, first_day=one.first,
                     last_day=one.last, amount=one.amount, trace=list(one.trace), at=at)
            for one, key in zip(found, keys, strict=True)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bearing:
    """A late invoice as interest sees it, what it was charged so far, and what of that has been credited since."""

    value: Late
    charged: tuple[Charged, ...]
    forgiven: int


def coming(clients: Sequence[Client], on: date) -> dict[int, list[values.Charge]]:
    """What a first of the month will charge of interest if nothing is paid until then, by client; nothing is kept."""
    return {
        client: [one.charge(on - DAY) for one, _ in found] for client, found in coming_on_invoices(clients, on).items()
    }


def foreseen(clients: Sequence[Client], on: date) -> dict[int, Preview]:
    """The closings of a first of the month if nothing is paid until then, by client; who has none is left out."""
    return previews(clients, on, coming(clients, on), lambda key: due_since(Client(pk=key)))


def coming_on_invoices(clients: Sequence[Client], on: date) -> dict[int, list[tuple[interest.Interest, Late]]]:
    """The same, invoice by invoice."""
    shops = shop_versions()
    if not is_charged(shops):
        return {}
    late = gather(clients, on)
    terms = terms_of([client for client in clients if client.pk in late], shops)
    found: dict[int, list[tuple[interest.Interest, Late]]] = {}
    for client in terms:
        for one in late[client]:
            for made in interest.interest_on(terms[client], one.value, one.charged, on, forgiven=one.forgiven):
                found.setdefault(client, []).append((made, one.value))
    return found


def of_charges(charges: Collection[int]) -> dict[int, Interest]:
    """The interest that some charges are, with the invoice it is for, by charge."""
    if not charges:
        return {}
    return {row.charge_id: row for row in Interest.objects.filter(charge__in=charges).select_related("invoice")}


@dataclass(frozen=True, slots=True)
class OfInvoice:
    """An invoice's interest: what was charged and given back so far, and what the next first adds to it."""

    charged: Sequence[Interest]
    on: date
    coming: Sequence[interest.Interest]


def interest_of(invoice: Invoice, on: date) -> OfInvoice:
    """What one invoice was charged, each with the invoice (`line`) on which it is, and what a first will charge."""
    rows = list(Interest.objects.filter(invoice=invoice).select_related("charge"))
    lines = InvoiceLine.objects.filter(charge__in=[row.charge_id for row in rows]).select_related("invoice")
    billed = {line.charge_id: line.invoice for line in lines}
    for row in rows:
        row.line = billed.get(row.charge_id)
    found = coming_on_invoices([invoice.client], on).get(invoice.client_id, ())
    return OfInvoice(rows, on, [made for made, _ in found if made.invoice == invoice.pk])


def so_far(invoice: Invoice, day: date) -> int | None:
    """What the interest of an invoice has come to before a day, in cents; None: the client is charged none."""
    shops = shop_versions()
    if invoice.client.left_at is not None or not is_charged(shops):
        return None
    terms = terms_of([invoice.client], shops)[invoice.client_id]
    if interest.lateness_on(terms, day) is None:
        return None
    late = [
        one.value for one in gather([invoice.client], day).get(invoice.client_id, ()) if one.value.key == invoice.pk
    ]
    return sum(interest.accrued(interest.spans(terms, one, day - DAY)) for one in late)


@dataclass(frozen=True, slots=True)
class Coming:
    """What a first of the month will charge for an invoice, by its number as printed."""

    number: str
    first: date
    last: date
    amount: int
    trace: Sequence[str]


def coming_of(client: Client, on: date) -> list[Coming]:
    """What a first of the month will charge a client of interest if nothing is paid until then, by invoice."""
    found = [made for made, _ in coming_on_invoices([client], on).get(client.pk, ())]
    numbers = {row.pk: row.full_number for row in Invoice.objects.filter(pk__in=[int(one.invoice) for one in found])}
    return [Coming(numbers[int(one.invoice)], one.first, one.last, one.amount, one.trace) for one in found]


def terms_of(clients: Sequence[Client], shops: Shops) -> dict[int, Terms]:
    """All terms of some clients, as far back as they go."""
    rows = agreement_rows_of(clients)
    return {
        client.pk: Terms(shops, tuple(agreement_value(row) for row in rows.get(client.pk, ()))) for client in clients
    }


def gather(clients: Sequence[Client], day: date) -> dict[int, list[Bearing]]:
    """The invoices that may bear interest before a first of the month, by client, in order of issue.

    What was settled in full before the first before it has been reckoned up then, unless the bank's day was told since.
    """
    recent = {"invoice": OuterRef("pk"), "on__gte": add_months(day, -1)}
    paid, lowered, lost = (model._default_manager.filter(**recent) for model in (Allocation, CreditNote, WriteOff))
    told = BankDecision.objects.filter(
        payment__allocations__invoice=OuterRef("pk"), at__gte=local_moment(add_months(day, -1), time())
    )
    is_moved = Q(open__gt=0) | Exists(paid) | Exists(lowered) | Exists(lost) | Exists(told)
    rows = of_clients(Invoice.objects.with_open().standing().filter(due_on__lt=day), [c.pk for c in clients])
    invoices = list(rows.filter(is_moved).select_related("closing", "client", "brought__opening").order_by("pk"))
    if not invoices:
        return {}
    sums = _Rows(invoices)
    found: dict[int, list[Bearing]] = {}
    for invoice in invoices:
        found.setdefault(invoice.client_id, []).append(sums.bearing(invoice))
    return found


@dataclass(slots=True)
class _Lines:
    """The lines of interest on an invoice, each with its tax, and what of them was credited."""

    amounts: list[tuple[Tax | None, int]] = field(default_factory=list)
    credited: int = 0

    @property
    def own(self) -> int:
        """What they come to with their tax, less what was credited of it."""
        return interest.own_of(self.amounts, self.credited)


@dataclass(slots=True)
class _Own:
    """What was credited of some invoices, by their keys, and their own lines of interest."""

    credited: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    returned: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))  # to the retainer
    lines: defaultdict[int, _Lines] = field(default_factory=lambda: defaultdict(_Lines))

    @classmethod
    def of(cls, invoices: Collection[int]) -> "_Own":
        """Read them."""
        found, parts = cls(), ("invoice", "amount", "asked", "from_retainer", "to_retainer")
        for key, amount, asked, held, returned in CreditNote.objects.filter(invoice__in=invoices).values_list(*parts):
            found.credited[key] += amount - asked - held - returned
            found.returned[key] += returned
        for line in InvoiceLine.objects.filter(invoice__in=invoices, kind=Kind.INTEREST).select_related("tax"):
            found.lines[line.invoice_id].amounts.append((line.tax.value if line.tax else None, line.amount))
        of_interest = CreditLine.objects.filter(line__invoice__in=invoices, line__kind=Kind.INTEREST).order_by()
        for key, amount in of_interest.values_list("line__invoice").annotate(Sum("amount")):
            found.lines[key].credited = amount
        return found

    def base(self, invoice: Invoice) -> int:
        """What of it can bear interest; interest that was credited by its line is out of it already."""
        if invoice.closing.is_paid_at_once:
            return 0
        not_owed = invoice.asked + invoice.from_retainer + self.credited[invoice.pk]
        return invoice.total - not_owed - self.lines[invoice.pk].own

    def rest(self, invoice: Invoice) -> int:
        """What credit notes left of it besides interest, as `core.interest.forgiven` takes it."""
        return self.base(invoice) + invoice.from_retainer - self.returned[invoice.pk]


@dataclass(slots=True)
class _Rows:
    """What was paid, credited, written off and paused of some invoices, by their keys."""

    invoices: Sequence[Invoice]
    own: _Own = field(init=False)
    cleared: defaultdict[int, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))
    charged: defaultdict[int, list[Charged]] = field(default_factory=lambda: defaultdict(list))
    forgiven: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    quiet: defaultdict[tuple[str, int], list[tuple[date, date | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        mine = [invoice.pk for invoice in self.invoices]
        self.own = _Own.of(mine)
        self._read_paid(mine)
        for key, amount, asked, on in WriteOff.objects.filter(invoice__in=mine).values_list(
            "invoice", "amount", "asked", "on"
        ):
            self.cleared[key].append((on, amount - asked))
        self._read_charged(mine)
        self._read_pauses(mine)

    def _read_paid(self, mine: Collection[int]) -> None:
        """Payments count from the bank's day, if that is known and earlier than the one on which they were recorded."""
        fields = ("invoice", "amount", "on", "payment", "payment__received_on")
        paid = list(Allocation.objects.filter(invoice__in=mine).order_by("pk").values_list(*fields))
        by_bank = _days_of_bank({payment for *_, payment, _ in paid if payment is not None})
        for key, amount, on, payment, received_on in paid:
            days = [day for day in (on, received_on, by_bank.get(payment)) if day is not None]
            self.cleared[key].append((min(days) if amount > 0 else on, amount))

    def _read_charged(self, mine: Collection[int]) -> None:
        rows = Interest.objects.filter(invoice__in=mine).order_by("pk")
        for key, first, last, amount in rows.values_list("invoice", "first_day", "last_day", "amount"):
            self.charged[key].append(Charged(first, last, amount))
        late = dict(rows.values_list("charge", "invoice"))
        credited = CreditLine.objects.filter(line__charge__in=list(late)) if late else CreditLine.objects.none()
        for charge, amount in credited.values_list("line__charge", "amount"):
            self.forgiven[late[charge]] += amount
        for charge, amount in _forgiven_by_amounts(late).items():
            self.forgiven[late[charge]] += amount

    def _read_pauses(self, mine: Collection[int]) -> None:
        about = Q(invoice__in=mine) | Q(client__in={invoice.client_id for invoice in self.invoices})
        for pause in ReminderPause.objects.filter(about):
            whose = ("invoice", pause.invoice_id) if pause.invoice_id else ("client", pause.client_id or 0)
            ended = local_day(pause.ended_at) if pause.ended_at else None
            self.quiet[whose].append((local_day(pause.since), ended))

    def bearing(self, invoice: Invoice) -> Bearing:
        """One invoice."""
        key, left_at = invoice.pk, invoice.client.left_at
        brought = getattr(invoice, "brought", None)
        value = Late(
            key,
            invoice.due_on,
            self.own.base(invoice),
            tuple(self.cleared[key]),
            (*self.quiet["invoice", key], *self.quiet["client", invoice.client_id]),
            since=brought.opening.on if brought else date.min,
            until=local_day(left_at) if left_at else None,
        )
        return Bearing(value, tuple(self.charged[key]), self.forgiven[key])


def _forgiven_by_amounts(charges: Collection[int]) -> dict[int, int]:
    """What credit notes of an amount took back of charges of interest, where they were billed, by charge."""
    bills = Invoice.objects.filter(lines__charge__in=list(charges), credit_notes__isnull=False) if charges else ()
    billed = {bill.pk: bill for bill in bills}
    if not billed:
        return {}
    own, found = _Own.of(billed), dict[int, int]()
    lines = InvoiceLine.objects.filter(invoice__in=billed, kind=Kind.INTEREST).select_related("tax")
    rows = defaultdict[int, list[tuple[values.Key, int, Tax | None]]](list)
    for line in lines.annotate(by_name=Sum("credits__amount")).order_by("invoice", "position"):
        left = line.amount - (line.by_name or 0)
        rows[line.invoice_id].append((line.charge_id or 0, left, line.tax.value if line.tax else None))
    for key, of_bill in rows.items():
        shares = interest.forgiven(own.rest(billed[key]), of_bill)
        found |= {int(charge): cents for charge, cents in shares.items() if int(charge) in charges}
    return found


def _days_of_bank(payments: Collection[int]) -> dict[int, date]:
    """The bank's day of payments that stand for a line of the bank's."""
    if not payments:
        return {}
    later = BankDecision.objects.filter(line=OuterRef("line"), turn__gt=OuterRef("turn"))
    standing = BankDecision.objects.filter(~Exists(later), payment__in=payments, what=Fate.MATCHED)
    return {payment: on for payment, on in standing.values_list("payment", "line__on") if payment is not None}
