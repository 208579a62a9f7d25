"""The owner's page of prices and policies, with their history."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.clients import agreeing, pricing
from rounds.clients.models import ShopTerms
from rounds.clients.price_forms import PricesForm, told_by
from rounds.core.money import Refused
from rounds.pages import panels
from rounds.people.access import SignedIn, owner
from rounds.people.shop import local_day


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def prices(request: SignedIn) -> HttpResponse:
    """What holds today, what holds from a later day on, what held before; a form for a new version."""
    now = timezone.now()
    today = local_day(now)
    versions = list(ShopTerms.objects.select_related("recorded_by").order_by("-since"))
    in_force = next((row for row in versions if row.since <= today), versions[-1] if versions else None)
    shown = in_force or ShopTerms(since=agreeing.BEFORE_ALL)
    form = PricesForm(request.POST or None, initial=told_by(shown, today))
    is_preview = "preview" in request.POST or "page" in request.POST
    preview: list[panels.Section] = []
    if is_preview and form.is_valid():
        preview = panels.sections("prices", request, form.prices())
    elif request.method == "POST" and not is_preview and form.is_valid():
        try:
            kept = pricing.set_prices(form.prices(), by=request.user, at=now)
        except Refused as reason:
            form.add_error("since" if "today" in str(reason) else None, str(reason))
        else:
            messages.success(request, f"These prices hold from {kept.since} on.")
            return redirect("clients:prices")
    context = {"form": form, "versions": versions, "in_force": in_force, "preview": preview}
    return render(request, "clients/prices.html", context)
