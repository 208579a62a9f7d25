"""Findings as pages: the list, one with what shows it, and what closes one that nothing measures."""

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from rounds.agents.selves import selves
from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.core.watching import CLOCK_LABELS, OTHER_LABELS, RULES, closes_by_itself, label
from rounds.findings import attending, opening, unusual
from rounds.findings.forms import SettleForm
from rounds.findings.holding import quiet_at, words
from rounds.findings.limits import limits_of
from rounds.findings.models import Finding, Listening, Severity
from rounds.findings.picturing import pictures
from rounds.findings.quiet_forms import SnoozeForm
from rounds.findings.quiet_models import Handled
from rounds.findings.wording import limit_in_words, what_closed, what_opened, whose_limit
from rounds.pages.keys import as_key
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, technician

STATES = {"open": "open", "closed": "closed", "all": "open or closed"}
SORTS = {
    "severity": ("is_closed", "-severity", "-opened_at"),
    "title": ("title", "-opened_at"),
    "client": ("client__name", "machine__name", "-opened_at"),
    "opened": ("-opened_at",),
    "closed": ("-is_closed", "-closed_at"),
}
CSV_COLUMNS = {
    "Finding": lambda row: row.title,
    "Rule": lambda row: row.rule_label,
    "Severity": lambda row: row.severity,
    "Client": lambda row: row.client.name,
    "Machine": lambda row: row.machine.name if row.machine else "",
    "Opened": lambda row: timezone.localtime(row.opened_at).isoformat(timespec="minutes"),
    "Closed": lambda row: timezone.localtime(row.closed_at).isoformat(timespec="minutes") if row.closed_at else "",
}


def _asked_for(request: SignedIn) -> tuple[QuerySet[Finding], dict[str, str]]:
    """The findings that the address asks for, and what it asks."""
    asked = {
        name: request.GET.get(name, "").strip() for name in ("q", "state", "severity", "rule", "client", "machine")
    }
    is_closed = ExpressionWrapper(Q(closed_at__isnull=False), BooleanField())
    rows: QuerySet[Finding] = Finding.objects.select_related("client", "machine").annotate(is_closed=is_closed)
    asked["state"] = asked["state"] if asked["state"] in STATES else "open"
    if asked["state"] != "all":
        rows = rows.filter(closed_at__isnull=asked["state"] == "open")
    if asked["q"]:
        places = (Q(**{f"{name}__icontains": asked["q"]}) for name in ("title", "client__name", "machine__name"))
        rows = rows.filter(next(places) | next(places) | next(places))
    for name, field in (("severity", "severity"), ("rule", "rule")):
        if asked[name]:
            rows = rows.filter(**{field: asked[name]})
    if asked["client"]:
        rows = rows.filter(client=as_key(asked["client"]))
    if asked["machine"]:
        rows = rows.filter(machine__in=selves(as_key(asked["machine"])))
    return rows, asked


@office
@require_safe
def findings(request: SignedIn) -> HttpResponseBase:
    """All findings, the open ones first and of these the worst."""
    rows, asked = _asked_for(request)
    listing = Listing(request, rows, sorts=SORTS, noun="findings")
    if listing.is_csv:
        return as_csv(listing, "findings", CSV_COLUMNS)
    context = {
        "listing": listing,
        "asked": asked,
        "states": STATES,
        "severities": Severity.choices,
        "rules": {name: label(name) for name in (*RULES, *CLOCK_LABELS, *OTHER_LABELS)},
        "is_filtered": any(value for name, value in asked.items() if name != "state") or asked["state"] != "open",
        "of_client": Client.objects.filter(pk=as_key(asked["client"])).first(),
        "of_machine": Machine.objects.filter(pk=as_key(asked["machine"])).first(),
        "listening": Listening.objects.first(),
    }
    return render(request, "findings/findings.html", context)


@office
@require_safe
def finding(request: SignedIn, finding_id: int) -> HttpResponse:
    """One finding: what opened it, what closed it, the limit that holds, and how often it was there before."""
    shown = get_object_or_404(Finding.objects.select_related("client", "machine__site", "closed_by"), pk=finding_id)
    return _page(request, shown, SettleForm())


def _page(request: SignedIn, shown: Finding, form: SettleForm) -> HttpResponse:
    same = Finding.objects.filter(rule=shown.rule, subject=shown.subject, machine=shown.machine, client=shown.client)
    in_force = limits_of([shown.machine_id])[shown.machine_id].get(shown.rule)
    context = {
        "finding": shown,
        "opened": what_opened(shown),
        "closed": what_closed(shown),
        "earlier": same.filter(opened_at__lt=shown.opened_at)[:10],
        "limit": limit_in_words(shown.rule, in_force) if in_force else "",
        "scope": whose_limit(in_force) if in_force else "",
        "is_measured": closes_by_itself(shown.rule),
        "form": form,
        **_quiet(shown),
        "pictures": pictures(shown, in_force),
        "has_usual": shown.rule == unusual.RULE,
        "mail": shown.evidence.get("last_mail") or shown.evidence.get("mail"),
        "duty": shown.evidence.get("duty"),
    }
    return render(request, "findings/finding.html", context, status=422 if form.errors else 200)


def _quiet(shown: Finding) -> dict[str, object]:
    """What people did about a finding, and why nobody is told of it now, if so."""
    at = timezone.now()
    quiet = quiet_at([shown], at)
    held, last = quiet.held(shown), quiet.handled.get(shown.pk)
    return {
        "handlings": shown.handlings.select_related("by"),
        "is_handled": last is not None and last.what != Handled.RESUMED,
        "is_taken": last is not None and last.what == Handled.ACKNOWLEDGED,
        "held": words(held, quiet, shown) if held else "",
        "held_until": held.until if held else None,
        "mute": attending.mute_of(shown, at),
        "snooze": SnoozeForm(),
    }


@technician
@require_POST
def create_closing(request: SignedIn, finding_id: int) -> HttpResponseBase:
    """Close a finding that nothing measures, with a word of what was done."""
    shown = get_object_or_404(Finding.objects.select_related("client", "machine__site", "closed_by"), pk=finding_id)
    form = SettleForm(request.POST)
    if form.is_valid():
        try:
            opening.settle(shown, form.cleaned_data["note"], by=request.user, at=timezone.now())
        except Refused as refused:
            messages.error(request, f"Not closed: {refused}.")
        else:
            messages.success(request, f"“{shown}” is closed.")
        return redirect("findings:finding", finding_id)
    return _page(request, shown, form)
