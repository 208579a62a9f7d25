"""How daily reports are wanted, as pages: the shop's choice, and a client's own beside his past reports."""

from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.clients.models import Client
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, owner
from rounds.reports import choosing
from rounds.reports.forms import ClientReportsForm, ShopReportsForm
from rounds.reports.models import ClientChoice, Report
from rounds.reports.views import CSV_COLUMNS, SORTS

ZONES = sorted(available_timezones())


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def shop_reports(request: SignedIn) -> HttpResponse:
    """At what hour, by mail to whom, and what a review does."""
    kept = choosing.shop_choice()
    form = ShopReportsForm(kept, request.POST or None)
    if request.method == "POST" and form.is_valid():
        choosing.choose_for_shop(form.choice(), by=request.user, at=timezone.now())
        messages.success(request, "Daily reports are made like this from now on. Those made before stay as they were.")
        return redirect("reports:settings")
    own = len(set(ClientChoice.objects.values_list("client", flat=True)))
    context = {"form": form, "own": own}
    return render(request, "reports/settings.html", context, status=422 if form.errors else 200)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def client_reports(request: SignedIn, client_id: int) -> HttpResponseBase:
    """A client's past reports, and how he wants them."""
    client = get_object_or_404(Client, pk=client_id)
    kept, may_choose = choosing.client_choice(client), request.user.is_technician
    form = ClientReportsForm(client, kept, choosing.shop_choice(), request.POST or None)
    if request.method == "POST" and may_choose and form.is_valid():
        choosing.choose_for_client(form.choice(), by=request.user, at=timezone.now())
        messages.success(request, f"The reports of {client} are made like this from now on.")
        return redirect("reports:client", client.pk)
    rows = Report.objects.filter(client=client).select_related("client").defer("body").with_review()
    listing = Listing(request, rows, sorts={"day": ("-day",), **SORTS}, noun="reports")
    if listing.is_csv:
        return as_csv(listing, f"daily-reports-of-client-{client.pk}", CSV_COLUMNS)
    context = {
        "client": client,
        "listing": listing,
        "form": form,
        "may_choose": may_choose,
        "wish": choosing.wishes([client])[client.pk],
        "zones": ZONES,
    }
    return render(request, "reports/client.html", context, status=422 if form.errors else 200)
