"""The page that gives invoices and credit notes of a period to Xero, each as a file."""

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rounds.invoices.xero import credit_rows, invoice_rows
from rounds.ledger.tables import asked_days
from rounds.pages.listing import csv_reply
from rounds.people.access import SignedIn, bookkeeper

FILES = {"sales-invoices": invoice_rows, "credit-notes": credit_rows}


@bookkeeper
@require_safe
def xero(request: SignedIn) -> HttpResponse:
    """Which days, and the two files."""
    return render(request, "invoices/xero.html", {"days": asked_days(request)})


@bookkeeper
@require_safe
def xero_file(request: SignedIn, name: str) -> StreamingHttpResponse:
    """The invoices, or the credit notes, of the days asked for."""
    if name not in FILES:
        raise Http404("there is no such file")
    days = asked_days(request)
    return csv_reply(f"xero-{name}-{days.first}-{days.last}", FILES[name](days.first, days.last))
