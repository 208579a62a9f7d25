"""Pages of machines: the list, a machine with its figures, the figures as a table, and tokens that let agents in."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.agents import charting, enrolling, install_views, learning, lists, merging, outside, telling
from rounds.agents.forms import TokenForm
from rounds.agents.models import Agent, Applicant, Job, LogEvent, State, Token
from rounds.agents.refusing import refused_lately
from rounds.agents.selves import selves
from rounds.clients.models import Client, Machine, MachineKind, Site
from rounds.pages import panels
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, technician

SHOWN_JOBS, SHOWN_CHANGES, SHOWN_EVENTS = 10, 20, 20
SHOWN_ONCE = "agents.token"


@office
@require_safe
def machines(request: SignedIn) -> HttpResponseBase:
    """All machines, with what lists need of their state."""
    now = timezone.now()
    asked = {name: request.GET.get(name, "") for name in ("q", "client", "kind", "state")}
    listing = Listing(request, lists.asked_for(request.GET.dict(), now), sorts=lists.SORTS, noun="machines")
    if listing.is_csv:
        return _as_csv(listing)
    states = lists.states_of(listing.rows)
    seen = outside.look_at([row.pk for row in listing.rows if row.pk not in states], now)
    rows = [(row, states.get(row.pk), *telling.seen(states.get(row.pk), seen.get(row.pk), now)) for row in listing.rows]
    context = {"listing": listing, "rows": rows, "asked": asked, "is_filtered": any(asked.values())}
    context["waiting"] = Applicant.objects.waiting().count()
    choices = {"clients": Client.objects.current(), "kinds": MachineKind.choices, "filters": lists.FILTERS}
    return render(request, "agents/machines.html", context | choices)


def _as_csv(listing: Listing[Machine]) -> HttpResponseBase:
    states = lists.states_of()
    seen = outside.look_at(None, timezone.now())

    def seen_at(row: Machine) -> str | None:
        at = of(row, "seen_at")
        other = seen.get(row.pk)
        return at or (other.answered_at.isoformat(timespec="seconds") if other and other.answered_at else None)

    def of(row: Machine, name: str) -> Any:
        state = states.get(row.pk)
        value = getattr(state, name) if state else None
        return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value

    columns = {
        "Machine": lambda row: row.name,
        "Client": lambda row: row.site.client.name,
        "Site": lambda row: row.site.name,
        "Kind": lambda row: row.get_kind_display(),
        "Seen": seen_at,
        "Operating system": lambda row: of(row, "os_name"),
        "Processor %": lambda row: of(row, "processor_percent"),
        "Memory %": lambda row: of(row, "memory_percent"),
        "Fullest disk": lambda row: of(row, "fullest_disk"),
        "Fullest disk %": lambda row: of(row, "fullest_disk_percent"),
        "Updates pending": lambda row: of(row, "updates_pending"),
        "Security updates": lambda row: of(row, "updates_security"),
        "Restart needed": lambda row: of(row, "needs_reboot"),
    }
    return as_csv(listing, "machines", columns)


def _span(request: SignedIn) -> charting.Span:
    return charting.SPANS.get(request.GET.get("span", ""), charting.SPANS["hour"])


@office
@require_safe
def machine(request: SignedIn, machine_id: int) -> HttpResponse:
    """Is this machine well? Its figures, its facts, what other stages know of it, the jobs of its agent."""
    shown = get_object_or_404(Machine.objects.select_related("site__client"), pk=machine_id)
    now, span = timezone.now(), _span(request)
    state = State.objects.filter(machine=shown).first()
    context = {
        "machine": shown,
        "state": state,
        "headline": telling.headline(state, now),
        "agent": Agent.objects.current().filter(machine=shown).first(),
        "facts": telling.facts(state) if state else [],
        "span": span,
        "spans": charting.SPANS.values(),
        "pictures": charting.pictures(shown.pk, span, at=now, zone=timezone.get_current_timezone()) if state else [],
        "changes": learning.changes(shown.pk, most=SHOWN_CHANGES),
        "events": LogEvent.objects.filter(machine__in=selves(shown.pk))[:SHOWN_EVENTS],
        "merges": merging.standing_of([shown.pk]),
        "refused": refused_lately(shown.pk, now),
        "may_be": merging.offers(shown) if request.user.is_technician else [],
        "copied_from": Agent.objects.filter(machine=shown, token__copy_of__isnull=False)
        .values_list("token__copy_of__machine", "token__copy_of__machine__name")
        .first(),
        "jobs": Job.objects.filter(machine=shown).select_related("result")[:SHOWN_JOBS],
        "now": now,
        "header": panels.sections("machine-header", request, shown),
        "sections": panels.sections("machine", request, shown),
    }
    return render(request, "agents/machine.html", context)


@office
@require_safe
def figures(request: SignedIn, machine_id: int) -> HttpResponse:
    """The figures that the charts of a machine are drawn from, as tables."""
    shown = get_object_or_404(Machine.objects.select_related("site__client"), pk=machine_id)
    span = _span(request)
    drawn = charting.pictures(shown.pk, span, at=timezone.now(), zone=timezone.get_current_timezone())
    tables = [
        (picture, label, [(datetime.fromtimestamp(one.x, UTC), one) for one in line.points if one][::-1])
        for picture in drawn
        for label, line in picture.lines
    ]
    context = {"machine": shown, "span": span, "spans": charting.SPANS.values(), "tables": tables}
    return render(request, "agents/figures.html", context)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: SignedIn) -> HttpResponse:
    """Tokens that let machines in; a new one is shown on its page, once."""
    asked = {
        name: request.GET[name]
        for name in ("site", "machine")
        if request.GET.get(name, "").isdecimal() and len(request.GET[name]) < 10
    }
    if "machine" in asked and "site" not in asked:
        site = Site.objects.filter(machines=int(asked["machine"])).first()
        asked |= {"site": str(site.pk)} if site else {}
    form = TokenForm(request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        site = form.cleaned_data["site"]
        token, text = enrolling.make_token(site, form.offer(), by=request.user, at=timezone.now())
        request.session[SHOWN_ONCE] = {"token": token.pk, "text": text}
        return redirect("agents:token", token.pk)
    now = timezone.now()
    usable = Token.objects.filter(withdrawn_at=None, uses_left__gt=0, expires_at__gt=now)
    context = {"form": form, "tokens": usable.select_related("site__client", "machine", "made_by")}
    return render(request, "agents/tokens.html", context)


@technician
@require_safe
def token(request: SignedIn, token_id: int) -> HttpResponse:
    """A token: the first time with the line that enrols a machine, then without it."""
    shown = get_object_or_404(Token.objects.select_related("site__client", "machine"), pk=token_id)
    once = request.session.get(SHOWN_ONCE, {})
    text = request.session.pop(SHOWN_ONCE)["text"] if once.get("token") == shown.pk else ""
    enrolled = Agent.objects.filter(token=shown).select_related("machine")
    context = {"token": shown, "text": text, "server": settings.SITE_URL, "enrolled": enrolled}
    context["lines"] = install_views.lines(text) if text else {}
    context["waiting"] = shown.applicants.waiting().count()
    return render(request, "agents/token.html", context)


@technician
@require_POST
def create_token_withdrawal(request: SignedIn, token_id: int) -> HttpResponse:
    """Withdraw a token: nobody comes in by it any more."""
    enrolling.withdraw_token(get_object_or_404(Token, pk=token_id), at=timezone.now())
    messages.success(request, "The token was withdrawn.")
    return redirect("agents:tokens")


@technician
@require_POST
def create_withdrawal(request: SignedIn, machine_id: int) -> HttpResponse:
    """Withdraw the enrolment of a machine's agent."""
    agent = get_object_or_404(Agent.objects.current(), machine=machine_id)
    enrolling.revoke(agent, at=timezone.now())
    messages.success(request, "The agent was withdrawn: what it sends is refused from now on.")
    return redirect("agents:machine", machine_id)
