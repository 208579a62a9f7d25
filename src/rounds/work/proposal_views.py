"""Proposals of work as pages: the list, a new one, one with its answers and what came of leaving it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rounds.clients.agreeing import plan_on
from rounds.clients.models import Client, Contact
from rounds.core.money import Refused
from rounds.core.terms import Plan
from rounds.findings.models import Finding
from rounds.pages.listing import Listing, as_csv, as_number
from rounds.people.access import SignedIn, office, technician
from rounds.upkeep.models import Duty
from rounds.work import proposing
from rounds.work.answering import Reply, answer
from rounds.work.asking import as_key, go_on, named_key, next_month, say_errors, today
from rounds.work.estimating import damage_of, downtime_of
from rounds.work.forms import AnswerForm, ClientForm, ConsequenceForm, ProposalForm, draft_values
from rounds.work.models import Answer, Channel, Consequence, Order, Proposal, Verdict
from rounds.work.ordering import link_consequence
from rounds.work.proposing import Draft

STATES = {
    "waiting": "Waiting for an answer",
    "deferred": "Deferred",
    "agree": "Agreed",
    "decline": "Declined",
    "withdrawn": "Taken back",
    "all": "All",
}
SORTS = {"made": ["-made_at"], "client": ["client__name", "-made_at"], "title": ["title"], "minutes": ["-minutes"]}


def in_state(state: str) -> QuerySet[Proposal]:
    """The proposals in one of STATES."""
    day = today()
    if state == "deferred":
        return Proposal.objects.put_off(day)
    if state in {"agree", "decline"}:
        return Proposal.objects.answered(state)
    if state == "withdrawn":
        return Proposal.objects.with_last().exclude(withdrawn_at=None)
    return Proposal.objects.with_last() if state == "all" else Proposal.objects.waiting(day)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: SignedIn) -> HttpResponseBase:
    """All proposals, by what the client has said; one more is posted here."""
    if request.method == "POST":
        return new_proposal(request)
    state = request.GET.get("state", "waiting")
    state = state if state in STATES else "waiting"
    rows = in_state(state).prefetch_related("client", "machine")  # not joined: see stint_views.stints
    text = request.GET.get("q", "").strip()
    if text:
        rows = rows.filter(Q(title__icontains=text) | Q(client__name__icontains=text))
    if client := as_key(request.GET.get("client")):
        rows = rows.filter(client=client)
    listing = Listing(request, rows, sorts=SORTS, noun="proposals")
    if listing.is_csv:
        return as_csv(listing, "proposals", CSV_COLUMNS)
    context = {"listing": listing, "state": state, "states": STATES, "q": text, "words": dict(Verdict.choices)}
    return render(request, "work/proposals.html", context)


CSV_COLUMNS = {
    "Number": lambda row: row.pk,
    "Client": lambda row: row.client.name,
    "Machine": lambda row: row.machine.name if row.machine else "",
    "Proposal": lambda row: row.title,
    "Minutes": lambda row: row.minutes,
    "Price": lambda row: "" if row.price is None else as_number(row.price),
    "Made": lambda row: timezone.localtime(row.made_at).date().isoformat(),
    "Answer": lambda row: "taken back" if row.withdrawn_at else row.verdict or "waiting",
    "Deferred until": lambda row: row.until.isoformat() if row.until else "",
}


def starting_draft(request: SignedIn) -> Draft | None:
    """What the address says the proposal is about: a finding, a duty, or a client."""
    if (finding := named_key(request, "finding")) is not None:
        findings = Finding.objects.select_related("client", "machine__site")
        return proposing.draft_from_finding(get_object_or_404(findings, pk=finding))
    if (duty := named_key(request, "duty")) is not None:
        duties = Duty.objects.select_related("client", "machine__site", "routine")
        return proposing.draft_from_duty(get_object_or_404(duties, pk=duty))
    if (client := named_key(request, "client")) is not None:
        return Draft(get_object_or_404(Client, pk=client), "", 30)
    return None


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_proposal(request: SignedIn) -> HttpResponse:
    """Propose work. From a finding or duty the form is filled in; what was proposed already is shown instead."""
    draft = starting_draft(request)
    if draft is None:
        context: dict[str, Any] = {"form": ClientForm(), "what": "Propose work"}
        return render(request, "work/choose_client.html", context)
    kept = proposing.proposal_about(draft)
    if kept is not None:
        messages.info(request, "This has been proposed already.")
        return redirect("work:proposal", kept.pk)
    is_sent = request.method == "POST" and "title" in request.POST
    if request.method == "POST" and not is_sent:
        about = {name: request.POST[name] for name in ("finding", "duty", "client") if name in request.POST}
        return redirect(f"{reverse('work:new-proposal')}?{urlencode(about)}")
    form = ProposalForm(request.POST if is_sent else None, client=draft.client, initial=values_of(draft))
    if is_sent and form.is_valid():
        made = keep_proposal(request, draft, form)
        if made is not None:
            return redirect("work:proposal", made.pk)
    plan = plan_on(draft.client, today())
    context = {"form": form, "draft": draft, "is_call_first": plan is Plan.CALL_FIRST}
    return render(request, "work/new_proposal.html", context)


def values_of(draft: Draft) -> dict[str, object]:
    """What the form opens with."""
    return {
        "title": draft.title,
        "machine": draft.machine,
        "minutes": draft.minutes,
        "category": draft.category,
        "why": draft.why,
        "risk": draft.risk,
        "idle_people": draft.idle_people,
        "idle_hour_cost": draft.idle_hour_cost,
    }


def keep_proposal(request: SignedIn, draft: Draft, form: ProposalForm) -> Proposal | None:
    """Propose what was typed; None if it was refused, with the reason in the form."""
    typed = Draft(client=draft.client, finding=draft.finding, duty=draft.duty, **draft_values(form))
    try:
        made = proposing.propose(typed, by=request.user, at=timezone.now(), ask=form.cleaned_data["ask"])
    except Refused as reason:
        form.add_error(None, str(reason))
        return None
    order = Order.objects.filter(proposal=made).first()
    told = f"It is order {order.pk}, by the client's agreement." if order else "It waits on the call list."
    messages.success(request, f"Proposed. {told}")
    return made


@office
@require_GET
def proposal(request: SignedIn, proposal_id: int) -> HttpResponse:
    """One proposal: what is told to the client, his answers, what came of leaving it."""
    return show_proposal(request, proposal_id)


def show_proposal(
    request: SignedIn,
    proposal_id: int,
    *,
    answer_form: AnswerForm | None = None,
    link_form: ConsequenceForm | None = None,
) -> HttpResponse:
    """The page of a proposal, with forms as they were sent if something was wrong with them."""
    rows = Proposal.objects.select_related("client", "machine", "finding", "duty__routine", "made_by")
    shown = get_object_or_404(rows, pk=proposal_id)
    contacts = contacts_of(shown.client_id)
    last = shown.last_answer
    refusals = shown.answers.exclude(verdict=Verdict.AGREE)
    linked = Consequence.objects.filter(answer__proposal=shown).select_related("order__client", "answer__proposal")
    context = {
        "proposal": shown,
        "last": last,
        "answers": shown.answers.select_related("recorded_by"),
        "order": Order.objects.filter(proposal=shown).first(),
        "downtime": downtime_of(shown),
        "contacts": contacts,
        "is_waiting": Proposal.objects.waiting(today()).filter(pk=shown.pk).exists(),
        "form": answer_form or AnswerForm(contacts=contacts, next_month=next_month()),
        "consequences": [(one, damage_of(one)) for one in linked],
        "link_form": link_form or (ConsequenceForm(answer=refusals[0]) if refusals else None),
    }
    return render(request, "work/proposal.html", context)


def contacts_of(client_id: int) -> list[Contact]:
    """The people at a client, who may decide first."""
    return list(Contact.objects.filter(client=client_id, left_at=None).order_by("-may_decide", "name", "pk"))


@technician
@require_POST
def create_answer(request: SignedIn, proposal_id: int) -> HttpResponse:
    """Keep what the client said."""
    shown = get_object_or_404(Proposal, pk=proposal_id)
    form = AnswerForm(request.POST, contacts=contacts_of(shown.client_id), next_month=next_month())
    if not form.is_valid():
        return show_proposal(request, proposal_id, answer_form=form)
    told = form.cleaned_data
    reply = Reply(Verdict(told["verdict"]), told["who"], Channel(told["channel"]), told["until"], told["note"])
    try:
        said = answer(shown, reply, by=request.user, at=timezone.now())
    except Refused as reason:
        form.add_error("until" if "put off" in str(reason) else None, str(reason))
        return show_proposal(request, proposal_id, answer_form=form)
    until = f" until {said.until}" if said.until else ""
    messages.success(request, f"{shown.title}: {said.get_verdict_display().lower()}{until}, by {said.who}.")
    return go_on(request, reverse("work:proposal", args=[shown.pk]))


@technician
@require_POST
def withdrawal(request: SignedIn, proposal_id: int) -> HttpResponse:
    """Take a proposal back, or put it back."""
    shown = get_object_or_404(Proposal, pk=proposal_id)
    try:
        if "undo" in request.POST:
            proposing.restore(shown)
            messages.success(request, "The proposal is back.")
        else:
            proposing.withdraw(shown, at=timezone.now())
            messages.success(request, "The proposal is taken back. It can be put back below.")
    except Refused as reason:
        messages.error(request, str(reason))
    return redirect("work:proposal", shown.pk)


@technician
@require_POST
def create_consequence(request: SignedIn, proposal_id: int) -> HttpResponse:
    """Link what a deferral or refusal led to."""
    answers = Answer.objects.filter(proposal=proposal_id).exclude(verdict=Verdict.AGREE)
    refusal = answers.select_related("proposal").first()
    if refusal is None:
        messages.error(request, "The client has neither deferred nor declined it.")
        return redirect("work:proposal", get_object_or_404(Proposal, pk=proposal_id).pk)
    form = ConsequenceForm(request.POST, answer=refusal)
    if not form.is_valid():
        say_errors(request, form)
        return show_proposal(request, proposal_id, link_form=form)
    try:
        link_consequence(refusal, form.cleaned_data["order"], form.standstill(), by=request.user, at=timezone.now())
    except Refused as reason:
        form.add_error("order", str(reason))
        return show_proposal(request, proposal_id, link_form=form)
    messages.success(request, "What came of it is kept.")
    return redirect("work:proposal", proposal_id)
