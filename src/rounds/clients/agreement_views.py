"""Pages on which agreements are written, changed from a day on, and ended."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.clients import agreeing, drafting, explaining
from rounds.clients.agreement_forms import ABOUT, AgreementForm, EndForm, told_by, usual
from rounds.clients.models import PLANS, Agreement, AgreementDraft, Client
from rounds.clients.rows import agreement_value, last_day
from rounds.core.money import Refused
from rounds.core.terms import Plan, Terms
from rounds.pages import panels
from rounds.people.access import SignedIn, bookkeeper
from rounds.people.shop import local_day

DAY = timedelta(days=1)


def _plan(request: SignedIn, default: str) -> Plan:
    """The plan that the address names."""
    try:
        return Plan(request.GET.get("plan", default))
    except ValueError:
        raise Http404("there is no such plan") from None


@dataclass(frozen=True, slots=True)
class Edit:
    """An agreement as typed, and the one that it would replace: what stages to the right show of it is asked by it."""

    typed: Agreement
    changed: Agreement | None


def _preview(
    request: SignedIn, form: AgreementForm, client: Client, changed: Agreement | None = None
) -> dict[str, Any]:
    """What the typed agreement means; a reason where it cannot be."""
    try:
        value = agreement_value(form.agreement(client))
    except Refused as reason:
        form.refuse(reason)
        return {}
    row, shop = form.agreement(client), Terms(agreeing.shop_versions()).shop_on(value.starts)
    return {
        "words": [*explaining.in_words(value, shop), *explaining.ending_in_words(row)],
        "invoices": explaining.first_invoices(value, shop),
        "sections": panels.sections("agreement", request, Edit(row, changed)),
    }


def _draft(request: SignedIn, client: Client) -> AgreementDraft | None:
    """The open draft that the address names, which is being changed."""
    key = request.GET.get("draft", "")
    return AgreementDraft.objects.open().filter(client=client, pk=key).first() if key.isdecimal() else None


def _keep(request: SignedIn, form: AgreementForm, client: Client, changed: Agreement | None) -> HttpResponse | None:
    """Keep what was typed, as a draft or as agreed; None: it was refused, and the form says why."""
    now, row = timezone.now(), form.agreement(client)
    try:
        if "draft" in request.POST:
            old = _draft(request, client)
            draft = drafting.write_draft(row, by=request.user, at=now, changes=changed, instead_of=old)
            messages.success(request, "The draft is kept. Nothing is agreed until it is signed.")
            return redirect("clients:agreement-draft", draft.pk)
        if changed is None:
            agreeing.sign(row, by=request.user, at=now)
            messages.success(request, f"The agreement with {client} is kept.")
        else:
            agreeing.change(changed, row, by=request.user, at=now)
            messages.success(request, "The change is kept; the old version stays in the history.")
    except Refused as reason:
        form.refuse(reason)
        return None
    return redirect(f"/clients/{client.pk}#agreements")


def _page(request: SignedIn, client: Client, form: AgreementForm, more: dict[str, Any]) -> HttpResponse:
    context = {"client": client, "form": form, "plans": PLANS, "plan": form.plan, "about": ABOUT[form.plan]}
    return render(request, "clients/agreement.html", context | more)


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def new_agreement(request: SignedIn, client_id: int) -> HttpResponse:
    """Write a new agreement: choose the plan, fill in its terms, see what they mean, sign."""
    client = get_object_or_404(Client, pk=client_id)
    plan, now = _plan(request, Plan.SERVICE_AGREEMENT), timezone.now()
    today = local_day(now)
    ends = [last_day(row) for row in agreeing.agreement_rows(client)]
    last = max((end for end in ends if end is not None), default=today - DAY)
    starts = max(today, last + DAY)
    shop = Terms(agreeing.shop_versions()).shop_on(today)
    initial = usual(plan, starts, shop)
    if (draft := _draft(request, client)) and draft.terms["plan"] == plan:
        initial = told_by(row := drafting.agreement_of(draft)) | {"starts": row.starts, "ends": row.ends}
    form = AgreementForm(request.POST or None, plan=plan, initial=initial)
    more: dict[str, Any] = {"title": f"New agreement with {client}", "open_ended": None in ends}
    if request.method == "POST" and form.is_valid():
        more |= _preview(request, form, client)
        if "preview" not in request.POST and form.is_valid() and (done := _keep(request, form, client, None)):
            return done
    return _page(request, client, form, more)


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedIn, agreement_id: int) -> HttpResponse:
    """Change an agreement from a day on: a new version, and the old one ends the day before."""
    row = get_object_or_404(Agreement.objects.select_related("client", "end"), pk=agreement_id)
    plan, now = _plan(request, row.plan), timezone.now()
    until = last_day(row)
    earliest = agreeing.earliest_end(row, local_day(now)) + DAY
    starts = earliest if until is None else min(earliest, until + DAY)
    initial = told_by(row) | {"starts": starts, "ends": until if until and until >= starts else None}
    if (draft := _draft(request, row.client)) and draft.terms["plan"] == plan:
        typed = drafting.agreement_of(draft)
        initial = told_by(typed) | {"starts": typed.starts, "ends": typed.ends}
    elif plan != row.plan:
        initial = usual(plan, starts, Terms(agreeing.shop_versions()).shop_on(starts))
    form = AgreementForm(request.POST or None, plan=plan, initial=initial)
    more: dict[str, Any] = {"title": f"{row.client}: change the {row.get_plan_display()}", "changed": row}
    if request.method == "POST" and form.is_valid():
        more |= _preview(request, form, row.client, row)
        if "preview" not in request.POST and form.is_valid() and (done := _keep(request, form, row.client, row)):
            return done
    return _page(request, row.client, form, more)


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: SignedIn, agreement_id: int) -> HttpResponse:
    """End an agreement with a last day, or withdraw one that has not begun."""
    row = get_object_or_404(Agreement.objects.select_related("client", "end"), pk=agreement_id)
    now = timezone.now()
    earliest = agreeing.earliest_end(row, local_day(now))
    form = EndForm(request.POST or None, initial={"ends": earliest})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            agreeing.end(row, told["ends"], why=told["why"], by=request.user, at=now)
        except Refused as reason:
            form.add_error("ends", str(reason))
        else:
            messages.success(request, f"The {row.get_plan_display()} ends with {told['ends']}.")
            return redirect(f"/clients/{row.client_id}#agreements")
    sections = panels.sections("agreement-end", request, row)
    context = {"row": row, "form": form, "client": row.client, "is_withdrawn": earliest < row.starts}
    return render(request, "clients/end.html", context | {"sections": sections})
