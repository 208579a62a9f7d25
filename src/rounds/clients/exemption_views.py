"""A client's page of tax: whether he is exempt, since when, why and by which certificate."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from rounds.clients import exempting
from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.people.access import SignedIn, bookkeeper
from rounds.people.fields import LocalDayField
from rounds.people.shop import local_day


class ExemptionForm(forms.Form):
    """An exemption, as its certificate says."""

    reason = forms.CharField(label="Reason", max_length=120, help_text="It stands on invoices, like: resale, charity.")
    certificate = forms.CharField(label="Number of the certificate", max_length=60)
    since = LocalDayField(label="From")
    until = LocalDayField(
        label="Until", required=False, help_text="The certificate's last day. Empty: until it is ended."
    )


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def exemption(request: SignedIn, client_id: int) -> HttpResponse:
    """Whether a client is exempt from tax, what was before, and the form for a certificate."""
    client, now = get_object_or_404(Client, pk=client_id), timezone.now()
    today = local_day(now)
    form = ExemptionForm(request.POST or None, initial={"since": today})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            exempting.exempt(
                client, told["since"], reason=told["reason"], certificate=told["certificate"], until=told["until"],
                by=request.user, at=now,
            )  # fmt: skip
        except Refused as reason:
            form.add_error("until" if "before it starts" in str(reason) else "since", str(reason))
        else:
            messages.success(request, f"{client} is exempt from tax from {told['since']} on.")
            return redirect("clients:exemption", client.pk)
    rows = exempting.exemptions_of([client.pk]).get(client.pk, [])
    reply = {"client": client, "form": form, "rows": rows, "holds": exempting.exemption_on(rows, today)}
    return render(request, "clients/exemption.html", reply, status=422 if form.errors else 200)


@bookkeeper
@require_POST
def create_end(request: SignedIn, client_id: int) -> HttpResponse:
    """Tax the client again from today on."""
    client, now = get_object_or_404(Client, pk=client_id), timezone.now()
    try:
        exempting.end_exemption(client, local_day(now), by=request.user, at=now)
    except Refused as reason:
        messages.error(request, f"{str(reason)[0].upper()}{str(reason)[1:]}.")
    else:
        messages.success(request, f"{client} is taxed again from today on.")
    return redirect("clients:exemption", client.pk)
