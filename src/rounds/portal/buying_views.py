"""The page on which a client buys the next block of hours, and reads that it is bought."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from rounds.charges.models import Purchase
from rounds.charges.standing import holdings_of
from rounds.core.money import Refused
from rounds.invoices.once import last_seen
from rounds.people.shop import local_day, the_shop
from rounds.portal import buying
from rounds.portal.access import ContactRequest, for_contact
from rounds.portal.models import PortalPurchase
from rounds.portal.views import deciders


class BuyForm(forms.Form):
    """What a button of the page sends."""

    hours = forms.IntegerField(min_value=1, max_value=9999)
    total = forms.IntegerField(min_value=0)
    after = forms.IntegerField(min_value=0)


@for_contact
@require_GET
def my_hours(request: ContactRequest) -> HttpResponse:
    """The page of the client whom a contact is with."""
    return redirect("portal:hours", request.client.pk)


@for_contact
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: ContactRequest, client_id: int) -> HttpResponse:
    """What is left, what can be bought, who may buy; a button buys it, once."""
    if client_id != request.client.pk:  # a letter that was forwarded: nobody buys for his own firm by mistake
        return render(request, "portal/hours_of_another.html", {"client": request.client}, status=403)
    refused, status = "", 200
    if request.method == "POST":
        try:
            bought = _buy(request)
        except Refused as reason:
            refused, status = f"Nothing was bought: {reason}.", 422 if request.contact.may_decide else 403
        else:
            messages.success(request, f"{bought.purchase.hours} hours are bought. Thank you.")
            return redirect("portal:hours", client_id)
    client, shop, day = request.client, the_shop(), local_day(timezone.now())
    held, latest = holdings_of(client, day), buying.latest_of(client, day)
    is_low = held.are_hours_low or not held.block_seconds
    context = {
        "client": client,
        "contact": request.contact,
        "held": held,
        "offers": buying.offers_to(client, day) if shop.sells_in_portal else [],
        "latest": latest,
        "is_done": latest is not None and latest.is_new and not is_low and not refused,
        "after": last_seen(Purchase, client),
        "deciders": deciders(client),
        "refused": refused,
    }
    return render(request, "portal/hours.html", context, status=status)


def _buy(request: ContactRequest) -> PortalPurchase:
    form = BuyForm(request.POST)
    if not form.is_valid():
        raise Refused("the form came incomplete: open the page again")
    told, address = form.cleaned_data, str(request.META.get("REMOTE_ADDR", ""))
    confirmed = buying.Confirmed(told["hours"], told["total"], told["after"], address)
    return buying.buy_block(request.contact, confirmed, by=request.user, at=timezone.now())
