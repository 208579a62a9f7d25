"""A client's own invoices: the list, one, and its PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from rounds.charges.previewing import next_first
from rounds.invoices.balances import balances_of
from rounds.invoices.e_invoicing import document_of
from rounds.invoices.interest import interest_of
from rounds.invoices.models import CreditNote, Invoice, Payout
from rounds.invoices.printing import file_name
from rounds.invoices.searching import numbered
from rounds.pages.listing import Listing
from rounds.people.shop import local_day
from rounds.portal.access import ContactRequest, for_contact

SHOWN = 20  # credit notes and payouts, the newest
SORTS = {"date": ["-issued_on", "-pk"], "due": ["-due_on"], "total": ["-total"]}


@for_contact
@require_GET
def invoices(request: ContactRequest) -> HttpResponse:
    """All invoices, the newest first, and what is open."""
    rows = Invoice.objects.standing().filter(client=request.client).with_fate()
    day = local_day(timezone.now())
    listing = Listing(request, rows, sorts=SORTS, noun="invoices")
    payouts = Payout.objects.filter(client=request.client, taken_back=None).order_by("-pk")[:SHOWN]
    notes = CreditNote.objects.filter(client=request.client).select_related("invoice").order_by("-pk")[:SHOWN]
    context = {"listing": listing, "today": day, "balances": balances_of(request.client, day)}
    context |= {"payouts": payouts, "notes": notes}
    return render(request, "portal/invoices.html", context)


def find_invoice(request: ContactRequest, number: str) -> Invoice:
    """The client's own invoice of that number, or 404."""
    return get_object_or_404(numbered(number).filter(client=request.client).with_fate())


@for_contact
@require_GET
def invoice(request: ContactRequest, number: str) -> HttpResponse:
    """One invoice: what for, how much, and whether it is paid."""
    shown = find_invoice(request, number)
    today = local_day(timezone.now())
    interest = interest_of(shown, next_first(today))
    context = {"invoice": shown, "lines": shown.lines.all(), "today": today, "interest": interest}
    return render(request, "portal/invoice.html", context)


@for_contact
@require_GET
def document(request: ContactRequest, number: str) -> HttpResponse:
    """The invoice as PDF, as it was issued."""
    shown = find_invoice(request, number)
    if shown.is_brought:
        raise Http404("its paper is in the old books")
    reply = HttpResponse(document_of(shown), content_type="application/pdf")
    reply["Content-Disposition"] = f'attachment; filename="{file_name(shown)}"'
    return reply
