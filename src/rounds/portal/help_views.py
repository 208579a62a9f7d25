"""Asking for help, and the photographs that were sent with it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from rounds.clients.models import Contact
from rounds.core.money import Refused
from rounds.people.access import SignedIn, signed_in
from rounds.portal.access import ContactRequest, for_contact
from rounds.portal.asking import ask_for_help
from rounds.portal.forms import HelpForm
from rounds.portal.models import HelpRequest


@for_contact
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: ContactRequest) -> HttpResponse:
    """A form for words and a photograph; what is sent is an order in the office at once."""
    form = HelpForm(request.POST or None, request.FILES or None, client=request.client)
    if request.method == "POST" and form.is_valid():
        try:
            asked = ask_for_help(request.contact, form.plea(), by=request.user, at=timezone.now())
        except Refused as reason:
            form.add_error(None, f"{str(reason)[0].upper()}{str(reason)[1:]}.")
        else:
            messages.success(request, f"We have it, as number {asked.order_id}. You see below what becomes of it.")
            return redirect("portal:requests")
    return render(request, "portal/help.html", {"form": form})


@signed_in
@require_GET
def photo(request: SignedIn, request_id: int) -> HttpResponse:
    """A photograph, for the shop and for the client who sent it."""
    rows = HelpRequest.objects.exclude(photo=None)
    if not request.user.is_of_shop:
        mine = Contact.objects.filter(user=request.user, left_at=None).values("client")
        rows = rows.filter(contact__client__in=mine)
    shown = get_object_or_404(rows, pk=request_id)
    if not shown.photo:
        raise Http404("no photograph was sent")
    reply = HttpResponse(bytes(shown.photo), content_type=shown.photo_type)
    reply["Cache-Control"] = "private, max-age=86400"
    reply["Content-Disposition"] = "inline"
    return reply
