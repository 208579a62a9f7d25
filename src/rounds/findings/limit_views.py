"""The limits as a page: for the shop, or for one machine, rule by rule."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from rounds.clients.models import Machine
from rounds.core.money import Refused
from rounds.core.watching import RULES, as_values
from rounds.findings.forms import LimitForm
from rounds.findings.limits import InForce, limits_of, set_limit
from rounds.findings.wording import SCOPES, limit_in_words
from rounds.pages.keys import as_key
from rounds.people.access import SignedIn, office, technician


def _machine(request: SignedIn) -> Machine | None:
    """The machine that the address names; None: the shop."""
    asked = request.GET.get("machine", "")
    if not asked:
        return None
    return get_object_or_404(Machine.objects.select_related("site__client"), pk=as_key(asked))


@office
@require_safe
def limits(request: SignedIn) -> HttpResponse:
    """When a finding opens: every rule, the limit that holds, and who set it."""
    machine = _machine(request)
    key = machine.pk if machine else None
    in_force = limits_of([key])[key]
    rows = [
        (name, rule, limit_in_words(name, in_force[name]), SCOPES[in_force[name].scope]) for name, rule in RULES.items()
    ]
    return render(request, "findings/limits.html", {"rows": rows, "machine": machine})


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def limit(request: SignedIn, rule: str) -> HttpResponseBase:
    """The limit of one rule, to be set for the shop or for one machine."""
    machine = _machine(request)
    key = machine.pk if machine else None
    if rule not in RULES:
        raise Http404(f"there is no rule {rule}")
    known = RULES[rule]
    in_force = limits_of([key])[key][rule]
    values = as_values(in_force.limit or known.limit).items()
    initial = {name: f"{value:g}" for name, value in values} | {"is_off": in_force.limit is None}
    form = LimitForm(rule, request.POST or None, initial=initial)
    back = reverse("findings:limits") + (f"?machine={key}" if key else "")
    if request.method == "POST" and form.is_valid():
        is_off = form.cleaned_data["is_off"]
        try:
            set_limit(rule, form.values(), machine=machine, is_off=is_off, by=request.user, at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{known.label}: the limit holds from the next check-in on.")
            return redirect(back)
    usual = limit_in_words(rule, InForce(known.limit, "usual"))
    context = {"form": form, "rule": known, "machine": machine, "back": back, "usual": usual}
    return render(request, "findings/limit.html", context, status=422 if form.errors else 200)
