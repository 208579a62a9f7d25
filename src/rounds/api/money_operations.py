"""Invoices, payments, balances and the books, for other programs."""

from datetime import date, datetime
from typing import Any, Literal

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from rounds.api import money_shapes as told
from rounds.api import shapes
from rounds.api.models import Scope
from rounds.api.operations import BASE, BOOKKEEPER, Asked, Document, operation
from rounds.api.paging import page_of, shown_at, since
from rounds.api.shop_operations import money, money_if
from rounds.api.work_operations import named, read_money, wrong
from rounds.clients.models import Client
from rounds.core.books import HOURS
from rounds.core.chart import account_of, folded
from rounds.core.money import show_amount, show_hours
from rounds.invoices.e_invoicing import CII, UBL, document_of, e_invoice, paper_of
from rounds.invoices.looking_back import on_day
from rounds.invoices.models import (
    Allocation,
    CreditNote,
    Invoice,
    Payment,
    Payout,
    PayoutReturn,
    Reversal,
    WriteOff,
)
from rounds.invoices.paying import Came, pay
from rounds.invoices.printing import file_name
from rounds.invoices.searching import numbered
from rounds.ledger.balancing import balances


class InvoiceQuery(shapes.Days, frozen=True, kw_only=True):
    """Which invoices: by the day on which they were issued."""

    client: shapes.Id | None = None
    state: Literal["open", "overdue", "paid", "written-off", "all"] = "all"
    sort: Literal["issued_on", "-issued_on", "due_on", "-due_on", "id", "-id"] = "-issued_on"


INVOICE_SORTS = {"issued_on": "issued_on", "due_on": "due_on", "id": "pk"}


@operation("GET /invoices", "Money", shapes.Page[told.Invoice], takes=InvoiceQuery)
def list_invoices(asked: Asked) -> shapes.Page[told.Invoice]:
    """Invoices. None is ever edited; a payment, a credit note or writing it off counts as an update."""
    query, today = asked.query, asked.today
    rows = _by_days(Invoice.objects.standing().with_fate(), "issued_on", query)
    if query.client:
        rows = rows.filter(client=query.client)
    if query.updated_since:
        rows = rows.filter(_moved_since(query.updated_since))
    states = {
        "open": Q(open__gt=0),
        "overdue": Q(open__gt=0, due_on__lt=today),
        "paid": Q(open=0, total__gt=F("lowered") + F("lost")),
        "written-off": Q(lost__gt=0),
    }
    rows = rows.filter(states.get(query.state, Q())).prefetch_related("client")
    return page_of(asked, rows, INVOICE_SORTS, lambda found: [told.Invoice(**_invoice(asked, row)) for row in found])


def _by_days(rows: QuerySet[Any], field: str, query: shapes.Days) -> QuerySet[Any]:
    if query.first is not None:
        rows = rows.filter(**{f"{field}__gte": query.first})
    return rows if query.last is None else rows.filter(**{f"{field}__lte": query.last})


def _moved_since(moment: datetime) -> Q:
    """Issued, settled, credited, written off or opened again at or after a moment."""
    mine = {"invoice": OuterRef("pk")}
    settled = Allocation.objects.filter(**mine).filter(
        Q(payment__at__gte=moment) | Q(credit_note__at__gte=moment) | Q(payment__reversal__at__gte=moment)
    )
    credited = CreditNote.objects.filter(**mine, at__gte=moment)
    lost = WriteOff.objects.filter(**mine, at__gte=moment)
    return Q(issued_at__gte=moment) | Q(Exists(settled)) | Q(Exists(credited)) | Q(Exists(lost))


def _invoice(asked: Asked, row: Invoice) -> dict[str, Any]:
    """An invoice from `with_fate`, as it is told."""
    number = row.full_number
    papers = None if row.is_brought else told.Documents(
        *(f"{BASE}/invoices/{number}/{kind}" for kind in ("pdf", "cii", "ubl"))
    )  # fmt: skip
    return {
        "number": number, "client": shapes.Ref(row.client_id, row.client.name), "issued_on": row.issued_on,
        "due_on": row.due_on, "issued_at": shown_at(row.issued_at), "tax": _in(row, row.tax),
        "total": _in(row, row.total), "from_retainer": _in(row, row.from_retainer),
        "asked_for_retainer": _in(row, row.asked), "credited": _in(row, row.lowered),
        "written_off": _in(row, row.lost), "open": _in(row, row.open), "state": _state(asked, row),
        "documents": papers,
    }  # fmt: skip


def _in(row: Invoice, cents: int) -> shapes.Money:
    """An amount in the currency of an invoice."""
    return shapes.Money(show_amount(cents), row.currency)


def _state(asked: Asked, row: Invoice) -> told.InvoiceState:
    if row.open:
        return "overdue" if row.due_on < asked.today else "open"
    if row.total - row.lowered - row.lost > 0:
        return "paid"
    return "written-off" if row.lost else "credited"


def _invoice_or_404(number: str) -> Invoice:
    return get_object_or_404(numbered(number).with_fate().select_related("client", "closing"))


@operation("GET /invoices/{number}", "Money", told.InvoiceWhole)
def show_invoice(asked: Asked, number: str) -> told.InvoiceWhole:
    """One invoice with its parties, lines and tax as they were issued, and what has settled it."""
    row = _invoice_or_404(number)
    return told.InvoiceWhole(
        **_invoice(asked, row),
        shop=told.Party(row.shop_name, row.shop_address, row.shop_country, row.shop_tax_number),
        billed_to=told.Party(row.client_name, row.client_address, row.client_country, row.client_tax_number),
        lines=[_line(row, line) for line in row.lines.select_related("tax")],
        tax_rows=_tax_rows(row),
        settlements=[
            told.Settlement(one.on, _in(row, one.amount), one.payment_id,
                            one.credit_note.full_number if one.credit_note else None)
            for one in row.allocations.select_related("credit_note")
        ],
        credit_notes=[
            told.CreditNote(one.full_number, one.on, _in(row, one.amount), _in(row, one.tax), _in(row, one.lowers),
                            _in(row, one.to_retainer),
                            one.why)
            for one in row.credit_notes.all()
        ],
    )  # fmt: skip


def _line(row: Invoice, line: Any) -> told.InvoiceLine:
    return told.InvoiceLine(
        line.position, line.kind, line.text, line.done_on, None if line.seconds is None else show_hours(line.seconds),
        None if line.rate is None else _in(row, line.rate), line.quantity, line.first_day, line.last_day,
        line.tax.code if line.tax else None, _in(row, line.amount),
    )  # fmt: skip


def _tax_rows(row: Invoice) -> list[told.TaxRow]:
    """The taxes as the invoice states them."""
    return [
        told.TaxRow(one.code, one.words, one.category, one.reason, one.rate, _in(row, one.base), _in(row, one.amount))
        for one in row.told_taxes
    ]


def _paper(number: str) -> Invoice:
    row = _invoice_or_404(number)
    if row.is_brought:
        raise Http404("its paper is in the old books")
    return row


@operation("GET /invoices/{number}/pdf", "Money", "application/pdf")
def show_invoice_pdf(asked: Asked, number: str) -> Document:
    """The invoice as PDF/A-3, as it was issued, with the electronic invoice (Factur-X) in it."""
    del asked
    row = _paper(number)
    return Document(document_of(row), "application/pdf", file_name(row))


@operation("GET /invoices/{number}/cii", "Money", "application/xml")
def show_invoice_cii(asked: Asked, number: str) -> Document:
    """The electronic invoice (EN 16931) as CII; 422 says what it lacks."""
    del asked
    row = _paper(number)
    return Document(e_invoice(paper_of(row), CII), "application/xml", f"{row.full_number}-cii.xml")


@operation("GET /invoices/{number}/ubl", "Money", "application/xml")
def show_invoice_ubl(asked: Asked, number: str) -> Document:
    """The electronic invoice (EN 16931) as UBL; 422 says what it lacks."""
    del asked
    row = _paper(number)
    return Document(e_invoice(paper_of(row), UBL), "application/xml", f"{row.full_number}-ubl.xml")


class PayoutQuery(shapes.Days, frozen=True, kw_only=True):
    """Which payouts: by the day on which they were paid."""

    client: shapes.Id | None = None
    sort: Literal["on", "-on", "at", "-at", "id", "-id"] = "-at"


PAYMENT_SORTS = {"on": "on", "at": "at", "id": "pk"}


@operation("GET /payouts", "Money", shapes.Page[told.Payout], takes=PayoutQuery)
def list_payouts(asked: Asked) -> shapes.Page[told.Payout]:
    """Money paid back to clients."""
    query = asked.query
    rows = since(_by_days(Payout.objects.all(), "on", query), query.updated_since, "at", "taken_back__at")
    if query.client:
        rows = rows.filter(client=query.client)
    rows = rows.prefetch_related("client", "taken_back")
    return page_of(asked, rows, PAYMENT_SORTS, lambda found: [_payout(asked, row) for row in found])


def _payout(asked: Asked, row: Payout) -> told.Payout:
    back: PayoutReturn | None = getattr(row, "taken_back", None)
    return told.Payout(
        id=row.pk, client=shapes.Ref(row.client_id, row.client.name), amount=money(asked, row.amount), on=row.on,
        at=shown_at(row.at), how=row.how, reference=row.reference, why=row.why,  # type: ignore[arg-type]
        taken_back=told.Reversal(back.on, back.why, has_bounced=False) if back else None,
    )  # fmt: skip


class PaymentQuery(shapes.Days, frozen=True, kw_only=True):
    """Which payments: by the day on which they count."""

    client: shapes.Id | None = None
    sort: Literal["on", "-on", "at", "-at", "id", "-id"] = "-at"


@operation("GET /payments", "Money", shapes.Page[told.Payment], takes=PaymentQuery)
def list_payments(asked: Asked) -> shapes.Page[told.Payment]:
    """Payments, those that were taken back included."""
    query = asked.query
    rows = _by_days(Payment.objects.all(), "on", query)
    if query.client:
        rows = rows.filter(client=query.client)
    if query.updated_since:
        rows = rows.filter(_paid_since(query.updated_since))
    return page_of(asked, _payments(rows), PAYMENT_SORTS, lambda found: [_payment(asked, row) for row in found])


def _paid_since(moment: datetime) -> Q:
    """Received, used, paid back or taken back at or after a moment."""
    used = Allocation.objects.filter(payment=OuterRef("pk")).filter(
        Q(invoice__issued_at__gte=moment) | Q(payout__at__gte=moment) | Q(payout__taken_back__at__gte=moment)
    )
    return Q(at__gte=moment) | Q(reversal__at__gte=moment) | Q(Exists(used))


@operation("GET /payments/{payment}", "Money", told.Payment)
def show_payment(asked: Asked, payment: int) -> told.Payment:
    """One payment, and what it settles."""
    return _payment(asked, get_object_or_404(_payments(Payment.objects.all()), pk=payment))


@operation("POST /payments", "Money", told.Payment, takes=told.NewPayment, who=BOOKKEEPER, scope=Scope.WRITE)
def create_payment(asked: Asked) -> told.Payment:
    """Record money received: it settles the invoice named, then those that fall due first; the rest is credit."""
    body = asked.body
    client = named(Client.objects.all(), body.client, "client")
    invoice = numbered(body.invoice).filter(client=client).first() if body.invoice else None
    if body.invoice and invoice is None:
        raise wrong("invoice", f"{client} has no invoice {body.invoice}")
    amount = read_money(asked, body.amount, "amount") or 0
    payment = pay(client, amount, at=asked.at, invoice=invoice, by=asked.person,
                  came=Came(body.note.strip(), body.received_on))  # fmt: skip
    return show_payment(asked, payment.pk)


def _payments(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    return rows.prefetch_related("client", "invoice", "reversal", "release", "allocations__invoice")


def _payment(asked: Asked, row: Payment) -> told.Payment:
    settled: dict[str, int] = {}
    paid_back = 0
    for one in row.allocations.all():
        if one.invoice is None:
            paid_back += one.amount
        else:
            settled[one.invoice.full_number] = settled.get(one.invoice.full_number, 0) + one.amount
    back: Reversal | None = getattr(row, "reversal", None)
    left = 0 if back else row.amount - paid_back - sum(settled.values())
    return told.Payment(
        id=row.pk, client=shapes.Ref(row.client_id, row.client.name), amount=money(asked, row.amount), on=row.on,
        received_on=row.received_on, at=shown_at(row.at), invoice=row.invoice.full_number if row.invoice else None,
        note=row.note, is_off_retainer=hasattr(row, "release"), paid_back=money(asked, paid_back),
        settled=[told.Settled(number, money(asked, cents)) for number, cents in settled.items() if cents],
        left=money(asked, left), reversal=told.Reversal(back.on, back.why, back.has_bounced) if back else None,
    )  # fmt: skip


@operation("GET /clients/{client}/balances", "Money", told.Balances, takes=shapes.OnDay)
def show_balances(asked: Asked, client: int) -> told.Balances:
    """What a client owed and held at the end of a day, today or any before."""
    row = get_object_or_404(Client, pk=client)
    day = _day(asked)
    found = on_day(row, day)
    return told.Balances(
        client=shapes.Ref(row.pk, row.name), on=day, plan=found.plan, receivable=money(asked, found.receivable),
        credit=money(asked, found.credit), retainer=money(asked, found.retainer),
        retainer_asked=money(asked, found.retainer_asked), retainer_available=money_if(asked, found.retainer_available),
        block_hours=show_hours(found.block_seconds), included_hours=show_hours(found.included_seconds),
        unbilled=money(asked, found.unbilled), unbilled_tax=money(asked, found.unbilled_tax),
    )  # fmt: skip


@operation("GET /books/trial-balance", "Books", told.TrialBalance, takes=shapes.OnDay, who=BOOKKEEPER)
def show_trial_balance(asked: Asked) -> told.TrialBalance:
    """What every account adds up to at the end of a day, in money and in hours."""
    day = _day(asked)
    sums: dict[tuple[bool, str], int] = {}
    for (account, commodity), amount in balances(day).items():
        place = (commodity == HOURS, folded(account))
        sums[place] = sums.get(place, 0) + amount
    shown = sorted((place, amount) for place, amount in sums.items() if amount)
    cash = [
        told.AccountMoney(name, account_of(name).title, money(asked, max(0, amount)), money(asked, max(0, -amount)))
        for (is_hours, name), amount in shown if not is_hours
    ]  # fmt: skip
    time = [
        told.AccountHours(name, account_of(name).title, show_hours(max(0, amount)), show_hours(max(0, -amount)))
        for (is_hours, name), amount in shown if is_hours
    ]  # fmt: skip
    totals = [sum(amount for (is_hours, _), amount in shown if is_hours == which and amount > 0) for which in (0, 1)]
    return told.TrialBalance(day, cash, time, money(asked, totals[0]), show_hours(totals[1]))


def _day(asked: Asked) -> date:
    """The day asked for; today, if none is. A day to come is refused: nobody knows it yet."""
    today = asked.today
    day: date = (asked.query.on if asked.query else None) or today
    if day > today:
        raise wrong("on", f"{day} has not come yet; today is {today}", of="address")
    return day
