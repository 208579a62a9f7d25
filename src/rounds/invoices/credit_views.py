"""Crediting an invoice line by line, and the credit note as PDF and as a letter."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from rounds.core.money import Refused, show_amount
from rounds.invoices.crediting import held_by_lines
from rounds.invoices.foreseeing import foresee_credit
from rounds.invoices.late_forms import LinesForm
from rounds.invoices.mailing import send_note_again
from rounds.invoices.models import CreditNote, Invoice
from rounds.invoices.noting import credit_lines, decide_lines, standing_of
from rounds.invoices.once import last_seen, record_once
from rounds.invoices.papers import credit_note_pdf
from rounds.invoices.views import invoice_or_404
from rounds.people.access import SignedIn, bookkeeper, office
from rounds.people.shop import local_day


@bookkeeper
def create_credit_of_lines(request: SignedIn, number: str) -> HttpResponse:
    """Credit lines of an invoice, or parts of them; shows the tax in it and asks once more, as it cannot be undone."""
    shown = invoice_or_404(number)
    seen = last_seen(CreditNote, shown.client)
    form = LinesForm(request.POST or None, lines=standing_of(shown).named, initial={"seen": seen})
    total = None
    if request.method == "POST" and form.is_valid():
        try:
            deed = decide_lines(shown, form.taken(), do_hours_stay=form.cleaned_data["stay"])
            if form.cleaned_data["is_certain"]:
                note = _credit(request, shown, form)
                messages.success(request, f"Credit note {note} over {show_amount(note.amount)} is issued.")
                return redirect("invoices:invoice", shown.full_number)
            total = foresee_credit(shown, deed, local_day(timezone.now()))
        except Refused as refusal:
            form.add_error(None, f"{str(refusal)[0].upper()}{str(refusal)[1:]}.")
            form.data = {**form.data.dict(), "seen": str(seen), "is_certain": ""}  # type: ignore[attr-defined]
    held = held_by_lines(shown)
    for line, _left, _field in (rows := list(form.rows())):
        line.held = held.get(line.pk, 0)
    reply = {"invoice": shown, "form": form, "rows": rows, "asked": total, "has_hours": bool(held)}
    return render(request, "invoices/credit_lines.html", reply, status=422 if form.errors else 200)


def _credit(request: SignedIn, invoice: Invoice, form: LinesForm) -> CreditNote:
    why = form.cleaned_data["why"]
    return record_once(
        CreditNote, invoice.client, {"invoice": invoice, "why": why}, seen=form.cleaned_data["seen"],
        verb=lambda: credit_lines(
            invoice, form.taken(), at=timezone.now(), why=why, by=request.user, do_hours_stay=form.cleaned_data["stay"]
        ),
    )  # fmt: skip


def _note_or_404(full_number: str) -> CreditNote:
    series, _dash, number = full_number.rpartition("-")
    if not (number.isdecimal() and len(number) < 9):
        raise Http404("no credit note has such a number")
    return get_object_or_404(CreditNote.objects.select_related("invoice__client"), series=series, number=int(number))


@office
def credit_note_document(_request: SignedIn, number: str) -> HttpResponse:
    """The credit note as PDF."""
    note = _note_or_404(number)
    reply = HttpResponse(credit_note_pdf(note), content_type="application/pdf")
    reply["Content-Disposition"] = f'inline; filename="credit-note-{note.full_number}.pdf"'
    return reply


@bookkeeper
@require_POST
def create_credit_note_letter(request: SignedIn, number: str) -> HttpResponse:
    """Write the client the letter with the credit note once more."""
    note = _note_or_404(number)
    try:
        letter = send_note_again(note, timezone.now())
    except Refused as refusal:
        messages.error(request, f"Not sent: {refusal}.")
    else:
        messages.success(request, f"Credit note {note} goes to {', '.join(letter.to)} within a minute.")
    return redirect("invoices:invoice", note.invoice.full_number)
