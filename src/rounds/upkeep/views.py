"""Duties as pages: what is due, one with its checklist and evidence, and several done at once."""

from datetime import date, timedelta
from functools import partial

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from rounds.agents.selves import selves
from rounds.clients.models import Client, Machine
from rounds.core import cadence
from rounds.core.money import Refused
from rounds.pages.keys import as_key
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, technician
from rounds.people.shop import local_day
from rounds.upkeep import ordering, proving
from rounds.upkeep.forms import EvidenceForm
from rounds.upkeep.models import Attempt, Duty, Routine
from rounds.upkeep.proving import Outcome, Told
from rounds.upkeep.routines import lineage

WHEN = {"open": "to be done", "late": "late", "today": "due today", "closed": "closed", "all": "all"}
SORTS = {
    "due": ("due_on", "routine__name", "client__name"),
    "routine": ("routine__name", "due_on", "client__name"),
    "client": ("client__name", "machine__name", "due_on"),
    "minutes": ("-routine__minutes", "due_on"),
    "closed": ("-closed_at",),
}
CSV_COLUMNS = {
    "Duty": lambda row: row.routine.name,
    "Client": lambda row: row.client.name,
    "Machine": lambda row: row.machine.name if row.machine else "",
    "Due": lambda row: row.due_on.isoformat(),
    "Missed before": lambda row: row.missed,
    "Usual minutes": lambda row: row.routine.minutes,
    "Closed": lambda row: timezone.localtime(row.closed_at).isoformat(timespec="minutes") if row.closed_at else "",
}


def _in_state(when: str, today: date) -> QuerySet[Duty]:
    if when == "closed":
        return Duty.objects.exclude(closed_at=None)
    if when == "all":
        return Duty.objects.all()
    rows = Duty.objects.still_open()
    if when == "late":
        return rows.late(today)
    return rows.filter(due_on=today) if when == "today" else rows


def _asked_for(request: SignedIn, today: date) -> tuple[QuerySet[Duty], dict[str, str]]:
    """The duties that the address asks for, and what it asks."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "when", "routine", "client", "machine")}
    asked["when"] = asked["when"] if asked["when"] in WHEN else "open"
    rows = _in_state(asked["when"], today).select_related("routine", "client", "machine")
    if asked["q"]:
        names = ("routine__name", "client__name", "machine__name")
        matches = Q()
        for name in names:
            matches |= Q(**{f"{name}__icontains": asked["q"]})
        rows = rows.filter(matches)
    if asked["routine"]:
        rows = rows.filter(routine__in=lineage().get(as_key(asked["routine"]), [0]))
    if asked["client"]:
        rows = rows.filter(client=as_key(asked["client"]))
    if asked["machine"]:
        rows = rows.filter(machine__in=selves(as_key(asked["machine"])))
    return rows, asked


def coming(today: date, days: int = 7) -> list[tuple[date, Routine]]:
    """What falls due by the calendar in the next days, after today."""
    rows = []
    for routine in Routine.objects.running().filter(is_floating=False):
        on = cadence.next_due(cadence.parse(routine.cadence), routine.starts, today + timedelta(days=1))
        if on <= today + timedelta(days=days):
            rows.append((on, routine))
    return sorted(rows, key=lambda row: (row[0], row[1].name))


def _late_count(today: date) -> int:
    return Duty.objects.still_open().late(today).count()


@office
@require_safe
def duties(request: SignedIn) -> HttpResponseBase:
    """What is due: late, today, and coming; several can be done at once."""
    today = local_day(timezone.now())
    rows, asked = _asked_for(request, today)
    listing = Listing(request, rows, sorts=SORTS, noun="duties")
    if listing.is_csv:
        return as_csv(listing, "duties", CSV_COLUMNS)
    context = {
        "listing": listing,
        "asked": asked,
        "when": WHEN,
        "today": today,
        "late_count": partial(_late_count, today),  # asked only where the page says it
        "routines": Routine.objects.running(),
        "of_client": Client.objects.filter(pk=as_key(asked["client"])).first(),
        "of_machine": Machine.objects.filter(pk=as_key(asked["machine"])).first(),
        "is_filtered": any(value for name, value in asked.items() if name != "when") or asked["when"] != "open",
        "coming": [row for row in coming(today) if row[1].cadence != "daily"],
        "may_tick": request.user.is_technician and asked["when"] in {"open", "late", "today"},
    }
    return render(request, "upkeep/duties.html", context)


@technician
@require_POST
def create_evidence_of_many(request: SignedIn) -> HttpResponse:
    """Several duties done at once: everything on their checklists, with one note."""
    chosen = Duty.objects.still_open().filter(pk__in=[as_key(key) for key in request.POST.getlist("duty")[:500]])
    note, done, refusals = request.POST.get("note", "")[:2000], 0, []
    for duty in chosen.select_related("routine", "client"):
        told = Told(Outcome.DONE, tuple(duty.routine.checklist), note)
        try:
            proving.leave_evidence(duty, told, by=request.user, at=timezone.now())
        except Refused as refused:
            refusals.append(f"{duty.client}, {duty.routine.name}: {refused}")
        else:
            done += 1
    if done:
        messages.success(request, f"{done} {'duty is' if done == 1 else 'duties are'} done.")
    elif not refusals:
        messages.warning(request, "Nothing was ticked: choose the duties that are done.")
    for refusal in refusals:
        messages.error(request, f"{refusal}.")
    return redirect("upkeep:duties")


@office
@require_safe
def duty(request: SignedIn, duty_id: int) -> HttpResponse:
    """One duty: its checklist, its evidence, and how it went the times before."""
    shown = get_object_or_404(Duty.objects.select_related("routine", "client", "machine__site"), pk=duty_id)
    return _page(request, shown, EvidenceForm(shown))


def _page(request: SignedIn, shown: Duty, form: EvidenceForm) -> HttpResponse:
    same = Duty.objects.filter(routine__in=lineage()[shown.routine_id], client=shown.client, machine=shown.machine)
    earlier = same.exclude(pk=shown.pk).order_by("-due_on")
    attempts = Attempt.objects.filter(duty=shown).select_related("job__result")
    running = next(
        (one for one in attempts if not hasattr(one.job, "result") and one.job.expires_at > timezone.now()), None
    )
    context = {
        "duty": shown,
        "form": form,
        "evidence": shown.evidence.select_related("by", "retraction__by").order_by("-at", "-pk"),
        "earlier": earlier.prefetch_related("evidence__by", "evidence__retraction")[:12],
        "running": running,
        "today": local_day(timezone.now()),
        "is_done": shown.evidence.filter(is_good=True, retraction=None).exists(),
        "is_open": Duty.objects.still_open().filter(pk=shown.pk).exists(),
        "proved": proving.proved(shown.machine, timezone.now()) if shown.machine and shown.routine.job else None,
    }
    return render(request, "upkeep/duty.html", context, status=422 if form.errors else 200)


@technician
@require_POST
def create_evidence(request: SignedIn, duty_id: int) -> HttpResponse:
    """What came of one duty."""
    shown = get_object_or_404(Duty.objects.select_related("routine", "client", "machine__site"), pk=duty_id)
    form = EvidenceForm(shown, request.POST)
    if form.is_valid():
        try:
            kept = proving.leave_evidence(shown, form.told(), by=request.user, at=timezone.now())
        except Refused as refused:
            if Duty.objects.filter(pk=duty_id).exclude(closed_at=None).exists():
                messages.error(request, f"Not kept: {refused}.")
                return redirect("upkeep:duty", duty_id)
            form.add_error(None, f"{str(refused)[:1].upper()}{str(refused)[1:]}.")
        else:
            messages.success(request, f"Kept: {kept.summary}.")
            return redirect("upkeep:duty", duty_id) if not (kept.is_good or kept.is_skip) else redirect("upkeep:duties")
    return _page(request, shown, form)


@technician
@require_POST
def create_attempt(request: SignedIn, duty_id: int) -> HttpResponse:
    """Have the machine's agent do it now."""
    shown = get_object_or_404(Duty.objects.select_related("routine", "machine"), pk=duty_id)
    try:
        ordering.try_now(shown, at=timezone.now())
    except Refused as refused:
        messages.error(request, f"Not ordered: {refused}.")
    else:
        messages.success(request, "Ordered: the agent begins with its next check-in, within a minute or so.")
    return redirect("upkeep:duty", duty_id)
