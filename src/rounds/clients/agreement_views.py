"""Pages on which agreements are written, changed from a day on, and ended."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.clients import agreeing, explaining
from rounds.clients.agreement_forms import ABOUT, AgreementForm, EndForm, told_by, usual
from rounds.clients.models import PLANS, Agreement, Client
from rounds.clients.rows import agreement_value, last_day
from rounds.core.money import Refused
from rounds.core.terms import Plan, Terms
from rounds.people.access import SignedIn, bookkeeper
from rounds.people.shop import local_day

DAY = timedelta(days=1)


def _plan(request: SignedIn, default: str) -> Plan:
    """The plan that the address names."""
    try:
        return Plan(request.GET.get("plan", default))
    except ValueError:
        raise Http404("there is no such plan") from None


def _preview(form: AgreementForm, client: Client) -> dict[str, Any]:
    """What the typed agreement means; a reason where it cannot be."""
    try:
        value = agreement_value(form.agreement(client))
    except Refused as reason:
        form.refuse(reason)
        return {}
    shop = Terms(agreeing.shop_versions()).shop_on(value.starts)
    return {"words": explaining.in_words(value, shop), "invoices": explaining.first_invoices(value, shop)}


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
    form = AgreementForm(request.POST or None, plan=plan, initial=usual(plan, starts, shop))
    more: dict[str, Any] = {"title": f"New agreement with {client}", "open_ended": None in ends}
    if request.method == "POST" and form.is_valid():
        more |= _preview(form, client)
        if "preview" not in request.POST and form.is_valid():
            try:
                agreeing.sign(form.agreement(client), by=request.user, at=now)
            except Refused as reason:
                form.refuse(reason)
            else:
                messages.success(request, f"The agreement with {client} is kept.")
                return redirect(f"/clients/{client.pk}#agreements")
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
    if plan != row.plan:
        initial = usual(plan, starts, Terms(agreeing.shop_versions()).shop_on(starts))
    form = AgreementForm(request.POST or None, plan=plan, initial=initial)
    more: dict[str, Any] = {"title": f"{row.client}: change the {row.get_plan_display()}", "changed": row}
    if request.method == "POST" and form.is_valid():
        more |= _preview(form, row.client)
        if "preview" not in request.POST and form.is_valid():
            try:
                agreeing.change(row, form.agreement(row.client), by=request.user, at=now)
            except Refused as reason:
                form.refuse(reason)
            else:
                messages.success(request, "The change is kept; the old version stays in the history.")
                return redirect(f"/clients/{row.client_id}#agreements")
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
    context = {"row": row, "form": form, "client": row.client, "is_withdrawn": earliest < row.starts}
    return render(request, "clients/end.html", context)
