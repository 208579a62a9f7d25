"""The limits as a page: of the shop, a client, a site, a kind of machine, or one machine, rule by rule."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from rounds.clients.models import Client, Machine, MachineKind, Site
from rounds.core.money import Refused
from rounds.core.watching import RULES, as_values
from rounds.findings.forms import LimitForm
from rounds.findings.limits import WHOLE_SHOP, InForce, Scope, limits_in, set_limit
from rounds.findings.models import Setting
from rounds.findings.wording import limit_in_words, whose_limit
from rounds.pages.keys import as_key
from rounds.people.access import SignedIn, office, technician


def _scope(request: SignedIn) -> tuple[Scope, str]:
    """The scope that the address names, and how it names it; nothing: the whole shop."""
    asked = {name: request.GET[name] for name in ("machine", "site", "client", "kind") if request.GET.get(name)}
    if not asked:
        return WHOLE_SHOP, ""
    name, value = next(iter(asked.items()))
    query = f"?{urlencode({name: value})}"
    match name:
        case "machine":
            rows = Machine.objects.select_related("site__client")
            return Scope(machine=get_object_or_404(rows, pk=as_key(value))), query
        case "site":
            return Scope(site=get_object_or_404(Site.objects.select_related("client"), pk=as_key(value))), query
        case "client":
            return Scope(client=get_object_or_404(Client, pk=as_key(value))), query
    if value not in MachineKind.values:
        raise Http404(f"there is no kind of machine {value}")
    return Scope(kind=value), query


@office
@require_safe
def limits(request: SignedIn) -> HttpResponse:
    """When a finding opens: every rule, the limit that holds in a scope, and who set it."""
    scope, query = _scope(request)
    in_force = limits_in(scope)
    rows = [
        (name, rule, limit_in_words(name, in_force[name]), whose_limit(in_force[name])) for name, rule in RULES.items()
    ]
    context = {"rows": rows, "scope": scope, "query": query, "kinds": MachineKind.choices, "others": _others()}
    return render(request, "findings/limits.html", context)


def _others() -> list[tuple[str, str]]:
    """Who has limits of his own besides the shop, in words, and how the address names him."""
    found = {}
    for row in Setting.objects.select_related("client", "site__client", "machine__site__client"):
        if row.machine is not None:
            found[f"?machine={row.machine_id}"] = f"{row.machine.site.client} · {row.machine}"
        elif row.site is not None:
            found[f"?site={row.site_id}"] = f"{row.site.client}, {row.site.name}"
        elif row.client is not None:
            found[f"?client={row.client_id}"] = str(row.client)
    return sorted(((words, query) for query, words in found.items()), key=lambda one: one[0].casefold())


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def limit(request: SignedIn, rule: str) -> HttpResponseBase:
    """The limit of one rule, to be set in a scope."""
    scope, query = _scope(request)
    if rule not in RULES:
        raise Http404(f"there is no rule {rule}")
    known, in_force = RULES[rule], limits_in(scope)[rule]
    values = as_values(in_force.limit or known.limit).items()
    initial = {name: f"{value:g}" for name, value in values} | {"is_off": in_force.limit is None}
    form = LimitForm(rule, request.POST or None, initial=initial)
    back = reverse("findings:limits") + query
    if request.method == "POST" and form.is_valid():
        is_off = form.cleaned_data["is_off"]
        try:
            set_limit(rule, form.values(), scope=scope, is_off=is_off, by=request.user, at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{known.label}: the limit holds from the next check-in on.")
            return redirect(back)
    usual = limit_in_words(rule, InForce(known.limit, "usual"))
    context = {"form": form, "rule": known, "scope": scope, "query": query, "back": back, "usual": usual}
    return render(request, "findings/limit.html", context, status=422 if form.errors else 200)
