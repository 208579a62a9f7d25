"""Electronic invoices to take away: an invoice or a credit note as CII or as UBL."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from rounds.core.e_invoice import Paper
from rounds.core.money import Refused
from rounds.invoices.e_invoicing import CII, UBL, e_invoice, paper_of, paper_of_credit
from rounds.invoices.models import CreditNote
from rounds.invoices.views import paper_or_404
from rounds.people.access import SignedIn, office

FLAVORS = {"cii": CII, "ubl": UBL}


@office
def electronic_invoice(request: SignedIn, number: str, syntax: str) -> HttpResponse:
    """An invoice as XML; where it cannot be made, the invoice's page says why."""
    shown = paper_or_404(number)
    return _reply(request, paper_of(shown), syntax, shown.full_number)


@office
def electronic_credit_note(request: SignedIn, number: str, syntax: str) -> HttpResponse:
    """A credit note as XML."""
    series, _dash, last = number.rpartition("-")
    if not (last.isdecimal() and len(last) < 9):
        raise Http404("no credit note has such a number")
    note = get_object_or_404(CreditNote.objects.select_related("invoice__closing"), series=series, number=int(last))
    return _reply(request, paper_of_credit(note), syntax, note.invoice.full_number)


def _reply(request: SignedIn, paper: Paper, syntax: str, invoice: str) -> HttpResponse:
    if syntax not in FLAVORS:
        raise Http404("electronic invoices are written as cii or ubl")
    try:
        xml = e_invoice(paper, FLAVORS[syntax])
    except Refused as refusal:
        messages.error(request, f"Not made: {refusal}.")
        return redirect("invoices:invoice", invoice)
    reply = HttpResponse(xml, content_type="application/xml")
    reply["Content-Disposition"] = f'attachment; filename="{paper.number}-{syntax}.xml"'
    return reply
