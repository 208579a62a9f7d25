"""The pages of offers: a client's own year under each plan, side by side, and the same as PDF."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.offers.forms import OfferForm
from rounds.offers.models import Offer
from rounds.offers.offering import last_whole_month, offer_for, suggested_terms
from rounds.offers.presets import OfferTerms
from rounds.offers.showing import columns_of, downtime_words, months_of, offer_pdf
from rounds.people.access import SignedIn, office
from rounds.people.shop import local_day, the_shop


@office
def client_offers(request: SignedIn, client_id: int) -> HttpResponse:
    """A client's offers, and the form of the next one; `from` takes the terms of an earlier offer."""
    client = get_object_or_404(Client, pk=client_id)
    now = timezone.now()
    today = local_day(now)
    if request.method == "POST":
        form = OfferForm(request.POST, today=today)
        if form.is_valid():
            try:
                offer = offer_for(client, form.last(), form.terms(), by=request.user, at=now)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"The offer for {client} is kept.")
                return redirect("offers:offer", offer.pk)
    else:
        form = OfferForm(initial=_initial(client, request.GET.get("from", "")), today=today)
    offers = Offer.objects.filter(client=client)
    reply = {"client": client, "form": form, "offers": offers}
    return render(request, "offers/client_offers.html", reply, status=200 if not form.errors else 422)


def _initial(client: Client, earlier: str) -> dict[str, object]:
    """The terms to begin with: an earlier offer's, or suggested ones."""
    last = last_whole_month(local_day(timezone.now()))
    kept = Offer.objects.filter(client=client, pk=earlier).first() if earlier.isdecimal() else None
    terms = OfferTerms.of_row(kept.terms) if kept else suggested_terms(client, last)
    return {**terms.as_row(), "last_month": str((kept.last_day if kept else last).replace(day=1))}


@office
def offer(request: SignedIn, offer_id: int) -> HttpResponse:
    """One offer: the year as it was and under each plan, side by side."""
    shown = get_object_or_404(Offer.objects.select_related("client", "made_by"), pk=offer_id)
    columns, months = columns_of(shown), months_of(shown)
    table = [
        (month, seconds, [column.months[place] for column in columns])
        for place, (month, seconds) in enumerate(zip(months, shown.result["seconds"], strict=True))
    ]
    reply = {"offer": shown, "columns": columns, "table": table, "downtime": downtime_words(shown)}
    return render(request, "offers/offer.html", reply)


@office
def offer_document(_request: SignedIn, offer_id: int) -> HttpResponse:
    """The same as PDF."""
    shown = get_object_or_404(Offer.objects.select_related("client"), pk=offer_id)
    name = f"offer-{slugify(shown.client.name)}-{shown.made_at:%Y-%m-%d}.pdf"
    reply = HttpResponse(offer_pdf(shown, the_shop()), content_type="application/pdf")
    reply["Content-Disposition"] = f'inline; filename="{name}"'
    return reply
