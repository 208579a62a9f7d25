"""Watches as pages: all of them, one with its state and charts, adding, changing and ending one."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.agents import charting as spans
from rounds.agents.models import State
from rounds.clients.models import Client, Machine, Site
from rounds.core.money import Refused
from rounds.pages.keys import as_key
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, technician
from rounds.watches import charting, keeping, wording
from rounds.watches.choosing import MAY
from rounds.watches.forms import FORMS, USUAL_MINUTES, ChooseForm, initial_of
from rounds.watches.models import Kind, Turn, Watch

SORTS = {
    "state": ("is_unknown", "sighting__is_ok", "name"),
    "name": ("name",),
    "client": ("site__client__name", "name"),
    "kind": ("kind", "name"),
    "seen": ("-sighting__at", "name"),
    "time": ("-sighting__milliseconds", "name"),
}
STATES = {"": "All", "failing": "Not answering as they should", "unknown": "Not measured"}


def _sighting(watch: Watch) -> Any:
    return getattr(watch, "sighting", None)


CSV_COLUMNS = {
    "Watch": lambda row: row.name,
    "Client": lambda row: row.site.client.name,
    "Site": lambda row: row.site.name,
    "Machine": lambda row: row.machine.name if row.machine else "",
    "How": lambda row: row.get_kind_display(),
    "Address": wording.what,
    "State": lambda row: wording.state_of(_sighting(row), timezone.now())[1],
    "Shows": lambda row: wording.short(_sighting(row)),
    "Milliseconds": lambda row: _sighting(row).milliseconds if _sighting(row) else None,
    "Seen": lambda row: _sighting(row).at.isoformat(timespec="seconds") if _sighting(row) else "",
    "Every minutes": lambda row: row.every_minutes,
}


def _cells(row: Watch, now: datetime) -> tuple[Any, ...]:
    """What a row of the list shows: watch, sighting, its state and words, the most telling figure, what is watched."""
    sighting = _sighting(row)
    return row, sighting, *wording.state_of(sighting, now), wording.short(sighting, with_time=False), wording.what(row)


@office
@require_safe
def watches(request: SignedIn) -> HttpResponseBase:
    """What is watched from outside, wherever it is."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "client", "kind", "state")}
    rows = Watch.objects.current().select_related("site__client", "machine", "sighting")
    rows = rows.annotate(is_unknown=ExpressionWrapper(Q(sighting__is_ok=None), BooleanField()))
    if text := asked["q"]:
        found = Q(name__icontains=text) | Q(target__icontains=text) | Q(machine__name__icontains=text)
        rows = rows.filter(found | Q(site__client__name__icontains=text))
    if asked["client"]:
        rows = rows.filter(site__client=as_key(asked["client"]))
    if asked["kind"] in Kind.values:
        rows = rows.filter(kind=asked["kind"])
    if asked["state"] in {"failing", "unknown"}:
        rows = rows.filter(sighting__is_ok=False) if asked["state"] == "failing" else rows.filter(sighting__is_ok=None)
    listing = Listing(request, rows, sorts=SORTS, noun="watches")
    if listing.is_csv:
        return as_csv(listing, "watches", CSV_COLUMNS)
    now = timezone.now()
    shown = [_cells(row, now) for row in listing.rows]
    context = {"listing": listing, "rows": shown, "asked": asked, "is_filtered": any(asked.values())}
    choices = {"clients": Client.objects.current(), "kinds": Kind.choices, "states": STATES}
    return render(request, "watches/watches.html", context | choices)


@office
@require_safe
def watch(request: SignedIn, watch_id: int) -> HttpResponse:
    """Is it well? What it last gave, its charts, who looks."""
    shown = get_object_or_404(
        Watch.objects.select_related("site__client", "machine", "runner", "sighting"), pk=watch_id
    )
    now, span = timezone.now(), _span(request)
    sighting = _sighting(shown)
    turns = list(Turn.objects.filter(watch=shown).select_related("machine")[:5])
    context = {
        "watch": shown,
        "what": wording.what(shown),
        "sighting": sighting,
        "state": wording.state_of(sighting, now),
        "lines": wording.lines(sighting) if sighting else [],
        "span": span,
        "spans": spans.SPANS.values(),
        "pictures": charting.pictures(shown, span, at=now, zone=timezone.get_current_timezone()) if sighting else [],
        "turns": turns,
        "nobody": "" if turns or shown.ended_at else _why_nobody(shown.site),
    }
    return render(request, "watches/watch.html", context)


def _why_nobody(site: Site) -> str:
    """Why no agent looks, and what would help."""
    agents = State.objects.filter(machine__site=site, machine__retired_at=None, agent__revoked_at=None)
    allows = agents.values_list("facts__agent__allows", flat=True)
    if not allows:
        return "no machine of this site has an agent that was heard: a watch runs from inside"
    if not any(isinstance(one, list) and MAY in one for one in allows):
        return "no agent of this site may: its machine's own policy says so (--watch-networks at its enrolment)"
    return "the next look of the ticker decides who does"


def _span(request: SignedIn) -> spans.Span:
    return spans.SPANS.get(request.GET.get("span", ""), spans.SPANS["day"])


@office
@require_safe
def figures(request: SignedIn, watch_id: int) -> HttpResponse:
    """The figures that the charts of a watch are drawn from, as tables."""
    shown = get_object_or_404(Watch.objects.select_related("site__client"), pk=watch_id)
    span = _span(request)
    drawn = charting.pictures(shown, span, at=timezone.now(), zone=timezone.get_current_timezone())
    tables = [
        (picture, label, [(datetime.fromtimestamp(one.x, UTC), one) for one in line.points if one][::-1])
        for picture in drawn
        for label, line in picture.lines
    ]
    context = {"watch": shown, "span": span, "spans": spans.SPANS.values(), "tables": tables}
    return render(request, "watches/figures.html", context)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_watch(request: SignedIn) -> HttpResponseBase:
    """Watch something more: first where and how, then what."""
    site = (
        Site.objects.filter(pk=as_key(request.GET.get("site")), client__left_at=None).select_related("client").first()
    )
    kind = request.GET.get("kind", "")
    if site is None or kind not in FORMS:
        client = Client.objects.filter(pk=as_key(request.GET.get("client"))).first()
        first = site or (client.sites.first() if client else None)
        machine = request.GET.get("machine", "")
        choose = ChooseForm(initial={"site": first, "kind": kind or Kind.PING})
        return render(request, "watches/choose.html", {"form": choose, "machine": machine})
    about = Machine.objects.filter(pk=as_key(request.GET.get("machine")), site=site, retired_at=None).first()
    initial = {"every_minutes": USUAL_MINUTES[Kind(kind)], "machine": about, "name": about.name if about else ""}
    form = FORMS[kind](request.POST or None, site=site, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = keeping.add_watch(site, kind, form.wanted(), by=request.user, at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"“{made}” is watched: its agent learns of it with its next check-in.")
            return redirect("watches:watch", made.pk)
    context = {"form": form, "site": site, "kind": Kind(kind), "back": reverse("watches:watches")}
    return render(request, "watches/edit.html", context, status=422 if form.errors else 200)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def edit_watch(request: SignedIn, watch_id: int) -> HttpResponseBase:
    """Watch it otherwise."""
    shown = get_object_or_404(Watch.objects.select_related("site__client"), pk=watch_id, ended_at=None)
    if shown.kind not in FORMS:
        raise Http404("there is no such kind of watch")
    form = FORMS[shown.kind](request.POST or None, site=shown.site, watch=shown, initial=initial_of(shown))
    if request.method == "POST" and form.is_valid():
        try:
            keeping.change_watch(shown, form.wanted(), at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"“{shown}” is watched so from the agent's next check-in on.")
            return redirect("watches:watch", shown.pk)
    back = reverse("watches:watch", args=[shown.pk])
    context = {"form": form, "site": shown.site, "kind": Kind(shown.kind), "watch": shown, "back": back}
    return render(request, "watches/edit.html", context, status=422 if form.errors else 200)


@technician
@require_POST
def create_end(request: SignedIn, watch_id: int) -> HttpResponse:
    """Watch it no longer."""
    shown = get_object_or_404(Watch, pk=watch_id)
    keeping.end_watch(shown, at=timezone.now())
    messages.success(request, f"“{shown}” is no longer watched; what it gave stays.")
    return redirect("watches:watches")
