"""The month's call list as pages: whom to call, what to ask, the answers beside it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.people.access import SignedIn, office, technician
from rounds.work import calling, timing
from rounds.work.asking import go_on, next_month, today
from rounds.work.estimating import downtime_of
from rounds.work.forms import AnswerForm, WhoForm
from rounds.work.models import Proposal
from rounds.work.ordering import order_for_call

SHOWN_CLIENTS = 20


def asked(proposal: Proposal, page: calling.CallPage, later: date) -> dict[str, Any]:
    """A proposal as it is read to the client, with the form for his answer."""
    form = AnswerForm(contacts=page.contacts, next_month=later, auto_id=f"id_{proposal.pk}_%s")
    return {"proposal": proposal, "downtime": downtime_of(proposal), "form": form}


def shown(page: calling.CallPage) -> dict[str, Any]:
    """A client's part of the call list as the template takes it."""
    later = next_month()
    return {
        "page": page,
        "asked": [asked(proposal, page, later) for proposal in page.waiting],
        "held": [
            (stint, WhoForm(contacts=page.contacts, auto_id=f"id_stint_{stint.pk}_%s")) for stint in page.unapproved
        ],
        "tally": calling.tally(page.answered),
    }


@office
@require_GET
def calls(request: SignedIn) -> HttpResponse:
    """Whom to call this month, by the best time to call."""
    pages = calling.call_list(today())
    open_pages = [page for page in pages if not page.is_done]
    context = {
        "day": today(),
        "calls": [shown(page) for page in open_pages[:SHOWN_CLIENTS]],
        "open_count": len(open_pages),
        "more": open_pages[SHOWN_CLIENTS:],
        "done": [(page, calling.tally(page.answered)) for page in pages if page.is_done],
        "back": reverse("work:calls"),
    }
    return render(request, "work/calls.html", context)


@office
@require_GET
def call(request: SignedIn, client_id: int) -> HttpResponse:
    """One client's call: what to ask, what he has answered this month, the timer of the call."""
    client = get_object_or_404(Client, pk=client_id)
    page = calling.call_page(client, today())
    context = {
        "call": shown(page),
        "client": client,
        "day": today(),
        "put_off": Proposal.objects.put_off(today()).filter(client=client),
        "timer": timing.timer_of(request.user),
        "back": reverse("work:call", args=[client.pk]),
    }
    return render(request, "work/call.html", context)


@technician
@require_POST
def start_call(request: SignedIn, client_id: int) -> HttpResponse:
    """Start the timer of the call; it runs on the month's order for calls about the list, at no charge."""
    client = get_object_or_404(Client, pk=client_id)
    now = timezone.now()
    try:
        timing.start(order_for_call(client, today(), by=request.user, at=now), who=request.user, at=now)
    except Refused as reason:
        messages.error(request, str(reason))
        return redirect("work:timer")
    return go_on(request, reverse("work:call", args=[client.pk]))
