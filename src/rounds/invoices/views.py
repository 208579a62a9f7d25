"""The pages of invoices: the list, one invoice with all that led to it, its PDF, its letters and its credit notes."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from rounds.charges.previewing import next_first
from rounds.core.account import Kind
from rounds.core.money import Refused, show_amount
from rounds.invoices.crediting import held_by_lines
from rounds.invoices.e_invoicing import document_of, reasons_against
from rounds.invoices.foreseeing import foresee_credit
from rounds.invoices.forms import CreditForm
from rounds.invoices.hours_back import hours_with
from rounds.invoices.interest import interest_of, of_charges
from rounds.invoices.mailing import letters_of, recipients_of, send_again
from rounds.invoices.models import Allocation, CreditNote, Invoice
from rounds.invoices.noting import Deed, credit, decide, standing_of
from rounds.invoices.once import last_seen, record_once
from rounds.invoices.printing import file_name
from rounds.invoices.reminding import pause_of
from rounds.invoices.searching import found, numbered
from rounds.invoices.writing_off import written_off
from rounds.pages.listing import Listing, as_csv, as_number
from rounds.people.access import SignedIn, bookkeeper, office
from rounds.people.shop import local_day

SORTS = {
    "number": ("-issued_on", "-pk"),
    "client": ("client_name", "-issued_on"),
    "due": ("due_on",),
    "total": ("total",),
    "open": ("-open",),
}


@office
def invoices(request: SignedIn) -> HttpResponseBase:
    """Every invoice, the newest first; by number or client, open, overdue or paid."""
    text, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    today = local_day(timezone.now())
    rows = found(Invoice.objects.standing().with_fate().select_related("client"), text)
    states = {
        "open": Q(open__gt=0),
        "overdue": Q(open__gt=0, due_on__lt=today),
        "paid": Q(open=0, total__gt=F("lowered") + F("lost")),
        "written-off": Q(lost__gt=0),
    }
    rows = rows.filter(states.get(state, Q()))
    listing = Listing(request, rows, sorts=SORTS, noun="invoices")
    if listing.is_csv:
        columns = {
            "Number": lambda row: row.full_number,
            "Client": lambda row: row.client_name,
            "Date": lambda row: row.issued_on.isoformat(),
            "Due": lambda row: row.due_on.isoformat(),
            "Currency": lambda row: row.currency,
            "Tax": lambda row: as_number(row.tax),
            "Total": lambda row: as_number(row.total),
            "From retainer": lambda row: as_number(row.from_retainer),
            "Open": lambda row: as_number(row.open),
            "Written off": lambda row: as_number(row.lost),
            "State": lambda row: row.ended_as or ("overdue" if row.due_on < today else "open"),
        }
        return as_csv(listing, "invoices", columns)
    reply = {"listing": listing, "q": text, "state": state, "today": today}
    return render(request, "invoices/invoices.html", reply)


def invoice_or_404(full_number: str) -> Invoice:
    """The invoice of a number as printed, with what is open on it."""
    return get_object_or_404(numbered(full_number).with_fate().select_related("client", "closing"))


def paper_or_404(full_number: str) -> Invoice:
    """The invoice of a number as printed, if it was issued here: there is no paper of ours of any other."""
    shown = invoice_or_404(full_number)
    if shown.is_brought:
        raise Http404("its paper is in the old books")
    return shown


@office
def invoice(request: SignedIn, number: str) -> HttpResponse:
    """One invoice: what it charges and why, what was paid and credited, and which letters took it to the client."""
    shown = invoice_or_404(number)
    related = ("charge__rated__stint__order", "charge__rated__part__order")
    lines, today = list(shown.lines.select_related(*related)), local_day(timezone.now())
    late = of_charges([line.charge_id for line in lines if line.kind == Kind.INTEREST and line.charge_id])
    reply = {
        "invoice": shown,
        "lines": [(line, late.get(line.charge_id or 0)) for line in lines],
        "allocations": _allocations(shown),
        "credit_notes": _credit_notes(shown),
        "letters": letters_of(shown),
        "recipients": recipients_of(shown.client),
        "lacks": reasons_against(shown),
        "write_offs": shown.write_offs.select_related("recorded_by"),
        "lost": written_off(shown),
        "reminders": shown.reminders.all(),
        "pause": pause_of(invoice=shown),
        "is_late": bool(shown.open) and shown.due_on < today,
        "today": today,
        "interest": interest_of(shown, next_first(today)),
    }
    return render(request, "invoices/invoice.html", reply)


def _credit_notes(invoice: Invoice) -> list[CreditNote]:
    """Its credit notes, each with the hours that `went` with it."""
    notes = list(invoice.credit_notes.select_related("recorded_by"))
    for note in notes:
        note.went = hours_with(note)
    return notes


def _allocations(invoice: Invoice) -> QuerySet[Allocation]:
    return invoice.allocations.select_related("payment__recorded_by", "credit_note__invoice")


@office
def document(_request: SignedIn, number: str) -> HttpResponse:
    """The invoice as PDF, as it was issued."""
    shown = paper_or_404(number)
    reply = HttpResponse(document_of(shown), content_type="application/pdf")
    reply["Content-Disposition"] = f'inline; filename="{file_name(shown)}"'
    return reply


@bookkeeper
@require_POST
def create_letter(request: SignedIn, number: str) -> HttpResponse:
    """Write the invoice's letter again."""
    shown = invoice_or_404(number)
    try:
        letter = send_again(shown, timezone.now())
    except Refused as refusal:
        messages.error(request, f"Not sent: {refusal}.")
    else:
        messages.success(request, f"Invoice {shown} goes to {', '.join(letter.to)} within a minute.")
    return redirect("invoices:invoice", shown.full_number)


@bookkeeper
def create_credit_note(request: SignedIn, number: str) -> HttpResponse:
    """Credit an invoice, or a part of it; asks once more by naming what is credited, as it cannot be undone."""
    shown = invoice_or_404(number)
    most, now = standing_of(shown).most, timezone.now()
    seen = last_seen(CreditNote, shown.client)
    form = CreditForm(request.POST or None, most=most, initial={"seen": seen, "amount": most})
    foreseen = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if not told["is_certain"]:
            foreseen = foresee_credit(shown, _deed(shown, told), local_day(now))
        else:
            try:
                note = record_once(
                    CreditNote, shown.client, {"invoice": shown, "amount": told["amount"]}, seen=told["seen"],
                    verb=lambda: credit(
                        shown, told["amount"], at=now, why=told["why"], by=request.user, do_hours_stay=told["stay"]
                    ),
                )  # fmt: skip
            except Refused as refusal:
                form.add_error(None, str(refusal))
                form.data = {**form.data.dict(), "seen": str(seen), "is_certain": ""}  # type: ignore[attr-defined]
            else:
                messages.success(request, f"Credit note {note} over {show_amount(note.amount)} is issued.")
                return redirect("invoices:invoice", shown.full_number)
    has_hours = bool(held_by_lines(shown))
    reply = {"invoice": shown, "form": form, "most": most, "foreseen": foreseen, "has_hours": has_hours}
    return render(request, "invoices/credit_note.html", reply, status=422 if form.errors else 200)


def _deed(invoice: Invoice, told: Mapping[str, Any]) -> Deed:
    return decide(invoice, told["amount"], do_hours_stay=told["stay"])
