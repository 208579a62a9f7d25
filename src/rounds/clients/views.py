"""Pages of clients: the list, a client's page with the sections that all stages add, and its particulars."""

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.clients import agreeing, keeping
from rounds.clients.forms import ClientForm
from rounds.clients.models import PLANS, Client, ClientKind
from rounds.clients.rows import last_day
from rounds.core.money import Refused
from rounds.pages import panels
from rounds.pages.listing import Listing, as_csv
from rounds.pages.undoing import told_with_undo
from rounds.people.access import SignedIn, office
from rounds.people.shop import local_day

SORTS = {
    "name": ("name",),
    "plan": ("plan", "name"),
    "kind": ("kind", "name"),
    "machines": ("-machine_count", "name"),
    "since": ("since", "name"),
}


def _asked_for(request: SignedIn) -> QuerySet[Client]:
    rows = agreeing.with_plan(Client.objects.all(), local_day(timezone.now()))
    text = request.GET.get("q", "").strip()
    if text:
        matches = Q(name__icontains=text) | Q(contacts__name__icontains=text) | Q(contacts__email__icontains=text)
        rows = rows.filter(pk__in=Client.objects.filter(matches).values("pk"))
    if (kind := request.GET.get("kind", "")) in ClientKind.values:
        rows = rows.filter(kind=kind)
    if request.GET.get("left") == "only":
        rows = rows.exclude(left_at=None)
    elif request.GET.get("left") != "too":
        rows = rows.filter(left_at=None)
    if (plan := request.GET.get("plan", "")) in dict(PLANS):
        rows = rows.filter(Q(plan=plan))
    return rows.annotate(
        machine_count=Count("sites__machines", filter=Q(sites__machines__retired_at=None), distinct=True)
    )


@office
@require_safe
def clients(request: SignedIn) -> HttpResponseBase:
    """All clients, by name, plan and kind."""
    listing = Listing(request, _asked_for(request), sorts=SORTS, noun="clients")
    today = local_day(timezone.now())
    if listing.is_csv:
        in_force = agreeing.plans_on(listing.all_rows, today)
        columns = {
            "Client": lambda row: row.name,
            "Kind": lambda row: row.get_kind_display(),
            "Plan": lambda row: in_force[row.pk].get_plan_display() if row.pk in in_force else "reactive",
            "Machines": lambda row: row.machine_count,
            "Since": lambda row: local_day(row.since).isoformat(),
            "Left": lambda row: local_day(row.left_at).isoformat() if row.left_at else "",
        }
        return as_csv(listing, "clients", columns)
    in_force = agreeing.plans_on(listing.rows, today)
    rows = [(row, in_force.get(row.pk)) for row in listing.rows]
    asked = {name: request.GET.get(name, "") for name in ("q", "kind", "plan", "left")}
    context = {"listing": listing, "rows": rows, "asked": asked, "kinds": ClientKind.choices, "plans": PLANS}
    return render(request, "clients/clients.html", context | {"is_filtered": any(asked.values())})


@office
@require_safe
def client(request: SignedIn, client_id: int) -> HttpResponse:
    """One client: plan, hours and money at the top, below it what every stage knows."""
    shown = get_object_or_404(Client, pk=client_id)
    agreement = agreeing.agreement_on(shown, local_day(timezone.now()))
    context = {
        "client": shown,
        "agreement": agreement,
        "until": last_day(agreement) if agreement else None,
        "facts": panels.sections("client-header", request, shown),
        "sections": panels.sections("client", request, shown),
    }
    return render(request, "clients/client.html", context)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def new_client(request: SignedIn) -> HttpResponse:
    """A form for a new client."""
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = form.save()
        messages.success(request, f"{kept} is a client now. Next: a site, a contact, an agreement.")
        return redirect("clients:client", kept.pk)
    return render(request, "clients/form.html", {"form": form, "title": "New client", "back": "/clients/"})


@office
@require_http_methods(["GET", "HEAD", "POST"])
def edit_client(request: SignedIn, client_id: int) -> HttpResponse:
    """A client's particulars."""
    shown = get_object_or_404(Client, pk=client_id)
    form = ClientForm(request.POST or None, instance=shown)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "The change is kept.")
        return redirect("clients:client", shown.pk)
    title = f"{Client.objects.get(pk=client_id)}: particulars"
    return render(request, "clients/form.html", {"form": form, "title": title, "back": f"/clients/{client_id}"})


@office
@require_POST
def leave(request: SignedIn, client_id: int) -> HttpResponse:
    """Serve a client no longer. The page then offers to take him back."""
    shown = get_object_or_404(Client, pk=client_id)
    try:
        keeping.leave(shown, at=timezone.now())
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        told_with_undo(request, f"{shown} is no longer a client.", reverse("clients:return", args=[shown.pk]))
    return redirect("clients:client", shown.pk)


@office
@require_POST
def come_back(request: SignedIn, client_id: int) -> HttpResponse:
    """Serve a client again."""
    shown = get_object_or_404(Client, pk=client_id)
    keeping.come_back(shown)
    messages.success(request, f"{shown} is a client again.")
    return redirect("clients:client", shown.pk)


@office
@require_safe
def search(request: SignedIn) -> HttpResponse:
    """What every stage finds for a few words."""
    text = " ".join(request.GET.get("q", "").split())[:100]
    groups = panels.search(request.user, text) if text else []
    return render(request, "clients/search.html", {"q": text, "groups": groups})
