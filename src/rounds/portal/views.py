"""The client's own pages: how everything is, what was done, what needs his answer; all fetched through his client."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from rounds.charges.standing import holdings_of
from rounds.clients.models import Client, Contact
from rounds.core.days import add_months, first_of_month
from rounds.core.money import Refused
from rounds.people.fields import read_day
from rounds.people.shop import local_day
from rounds.portal import report_views, seeing
from rounds.portal.access import ContactRequest, for_contact
from rounds.portal.forms import AnswerForm
from rounds.portal.models import HelpRequest
from rounds.work.answering import Reply, answer, approve
from rounds.work.estimating import downtime_of
from rounds.work.models import Channel, Order, Proposal, Stint, Timer, Verdict

SHOWN_STINTS = 5
SHOWN_ORDERS = 20
SHOWN_REQUESTS = 50


def today() -> date:
    """The shop's day."""
    return local_day(timezone.now())


def deciders(client: Client) -> str:
    """Who may answer for a client, by name."""
    names = Contact.objects.filter(client=client, may_decide=True, left_at=None).values_list("name", flat=True)
    return " or ".join(names)


@for_contact
@require_GET
def home(request: ContactRequest) -> HttpResponse:
    """Is everything well? What needs me? What was done, and what have I left?"""
    client, day, now = request.client, today(), timezone.now()
    needs, machines = seeing.needs_of(client, day), seeing.machines_of(client, now)
    month = seeing.month_of(client, first_of_month(day))
    state, words = seeing.headline(needs, machines, may_decide=request.contact.may_decide)
    orders = Order.objects.still_open().filter(client=client, call_month=None).select_related("machine")
    context = {
        "client": client,
        "contact": request.contact,
        "state": state,
        "words": words,
        "needs": needs,
        "asked": [(proposal, downtime_of(proposal)) for proposal in needs.proposals],
        "machines": machines,
        "month": month,
        "stints": month.stints[:SHOWN_STINTS],
        "left": seeing.left_of(client, holdings_of(client, day), day),
        "orders": orders[:SHOWN_ORDERS],
        "deciders": deciders(client),
        "report": report_views.newest(request),
    }
    return render(request, "portal/home.html", context)


@for_contact
@require_GET
def work(request: ContactRequest) -> HttpResponse:
    """What was done in a month, with what shows it."""
    first, newest = first_of_month(today()), first_of_month(today())
    if asked := request.GET.get("month"):
        try:
            first = read_day(f"{asked}-01")
        except Refused:
            messages.warning(request, f"“{asked}” is not a month; this is the current one.")
    earliest = seeing.earliest_month(request.client)
    month = seeing.month_of(request.client, min(first, newest))
    context = {"month": month, "has_before": month.first > earliest, "has_after": month.first < newest}
    return render(request, "portal/work.html", context)


@for_contact
@require_GET
def proposal(request: ContactRequest, proposal_id: int) -> HttpResponse:
    """One thing that we recommend: what it takes, what happens if it is left, what was answered."""
    return show_proposal(request, proposal_id, AnswerForm(initial={"until": next_month()}))


def next_month() -> date:
    """The first of the next month, when "later" asks again unless the client says otherwise."""
    return add_months(first_of_month(today()), 1)


def show_proposal(request: ContactRequest, proposal_id: int, form: AnswerForm) -> HttpResponse:
    """The page of a proposal, with its form as it was sent if something was wrong with it."""
    shown = get_object_or_404(Proposal.objects.select_related("machine"), pk=proposal_id, client=request.client)
    order = Order.objects.filter(proposal=shown).first()
    context = {
        "proposal": shown,
        "downtime": downtime_of(shown),
        "last": shown.last_answer,
        "order": order,
        "is_settled": shown.withdrawn_at is not None or (order is not None and order.done_at is not None),
        "form": form,
        "contact": request.contact,
        "deciders": deciders(request.client),
    }
    return render(request, "portal/proposal.html", context)


@for_contact
@require_POST
def create_answer(request: ContactRequest, proposal_id: int) -> HttpResponse:
    """Keep the contact's own answer; only who may decide can give one."""
    asked = get_object_or_404(Proposal, pk=proposal_id, client=request.client)
    if not request.contact.may_decide:
        return refuse_undecided(request)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return show_proposal(request, proposal_id, form)
    told = form.cleaned_data
    verdict = Verdict(told["verdict"])
    until = (told["until"] or next_month()) if verdict == Verdict.DEFER else None
    reply = Reply(verdict, request.contact.name, Channel.PORTAL, until, told["note"])
    try:
        answer(asked, reply, by=request.user, at=timezone.now())
    except Refused as reason:
        form.add_error(None, f"{str(reason)[0].upper()}{str(reason)[1:]}.")
        return show_proposal(request, proposal_id, form)
    day = f"{until.day} {until:%B %Y}" if until else ""
    messages.success(request, THANKS[verdict].format(title=asked.title, until=day))
    return redirect("portal:home")


THANKS = {
    Verdict.AGREE: "Thank you. We are going to do it: {title}.",
    Verdict.DEFER: "We ask you again from {until} on: {title}.",
    Verdict.DECLINE: "We leave it: {title}.",
}


def refuse_undecided(request: ContactRequest) -> HttpResponse:
    """Say who can answer instead."""
    who = deciders(request.client) or "somebody who may decide"
    messages.error(request, f"Only {who} can answer this. Ask us if that should change.")
    return redirect("portal:home")


@for_contact
@require_POST
def create_approval(request: ContactRequest, stint_id: int) -> HttpResponse:
    """Approve work that was done without asking first."""
    stint = get_object_or_404(Stint.objects.unapproved(), pk=stint_id, order__client=request.client)
    if not request.contact.may_decide:
        return refuse_undecided(request)
    approve(stint, who=request.contact.name, channel=Channel.PORTAL, by=request.user, at=timezone.now())
    messages.success(request, f"Thank you. The work is approved: {stint.order.title}.")
    return redirect("portal:home")


@for_contact
@require_GET
def requests(request: ContactRequest) -> HttpResponse:
    """What was asked for, and what became of it."""
    rows = HelpRequest.objects.filter(contact__client=request.client).select_related("order", "contact").defer("photo")
    shown = list(rows[:SHOWN_REQUESTS])
    orders = [row.order_id for row in shown]
    begun = {*Stint.objects.filter(order__in=orders).values_list("order", flat=True)}
    begun |= {*Timer.objects.filter(order__in=orders).values_list("order", flat=True)}
    return render(request, "portal/requests.html", {"requests": shown, "begun": begun})
