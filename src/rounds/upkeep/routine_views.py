"""Routines as pages: the list, a new one, a change from a day on, an end; and where a machine's backups lie."""

import json
from datetime import date

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.clients.models import PLANS, Machine
from rounds.core import cadence
from rounds.core.money import Refused
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, technician
from rounds.people.shop import local_day
from rounds.upkeep import ordering, proving
from rounds.upkeep import routines as keeping
from rounds.upkeep.forms import RepositoryForm, RoutineForm
from rounds.upkeep.models import BackupRepository, Duty, Routine

SORTS = {"name": ("name",), "cadence": ("cadence", "name"), "minutes": ("-minutes", "name")}
CSV_COLUMNS = {
    "Routine": lambda row: row.name,
    "How often": lambda row: row.cadence,
    "From": lambda row: row.starts.isoformat(),
    "For each": lambda row: row.get_per_display(),
    "Plans": lambda row: ", ".join(row.plans) or "all clients",
    "Minutes": lambda row: row.minutes,
    "Done by": lambda row: row.job or "a technician",
}


@office
@require_safe
def routines(request: SignedIn) -> HttpResponseBase:
    """All routines that run, when each falls due next, and how many of its duties are open."""
    text = request.GET.get("q", "").strip()
    rows = Routine.objects.running()
    if text:
        rows = rows.filter(name__icontains=text)
    listing = Listing(request, rows, sorts=SORTS, noun="routines")
    if listing.is_csv:
        return as_csv(listing, "routines", CSV_COLUMNS)
    today, versions = local_day(timezone.now()), keeping.lineage()
    to_do = dict(Duty.objects.filter(closed_at=None).order_by().values_list("routine").annotate(Count("pk")))
    shown = [
        (row, _next(row, today), _plans_in_words(row), sum(to_do.get(key, 0) for key in versions[row.pk]))
        for row in listing.rows
    ]
    return render(request, "upkeep/routines.html", {"listing": listing, "rows": shown, "q": text})


def _next(routine: Routine, today: date) -> date | None:
    """The next day by the calendar; None: it counts from when it was last done."""
    return None if routine.is_floating else cadence.next_due(cadence.parse(routine.cadence), routine.starts, today)


def _plans_in_words(routine: Routine) -> str:
    if set(routine.plans) == set(keeping.WITH_UPKEEP):
        return "all plans but reactive"
    return ", ".join(str(dict(PLANS).get(plan, plan)).lower() for plan in routine.plans)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_routine(request: SignedIn) -> HttpResponseBase:
    """Begin a routine."""
    today = local_day(timezone.now())
    initial = {"starts": today, "minutes": 15, "plans": keeping.WITH_UPKEEP, "cadence": "monthly"}
    form = RoutineForm(request.POST or None, initial=initial)
    form.fields["name"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        try:
            made = keeping.begin(form.routine())
        except Refused as refused:
            form.add_error(None, _sentence(refused))
        else:
            messages.success(request, f"“{made}” runs from {made.starts} on.")
            return redirect("upkeep:routines")
    return render(request, "upkeep/routine.html", {"form": form}, status=422 if form.errors else 200)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def routine(request: SignedIn, routine_id: int) -> HttpResponseBase:
    """Change a routine: it ends, and another goes on in its place from a day on."""
    kept = get_object_or_404(Routine, pk=routine_id)
    today = local_day(timezone.now())
    form = RoutineForm(request.POST or None, initial=RoutineForm.values_of(kept, today))
    if request.method == "POST" and form.is_valid():
        try:
            made = keeping.change(kept, form.routine(), at=timezone.now())
        except Refused as refused:
            form.add_error(None, _sentence(refused))
        else:
            messages.success(request, f"“{made}” is changed; what was done before stands as it was.")
            return redirect("upkeep:routines")
    context = {"form": form, "routine": kept, "replaced_by": Routine.objects.filter(replaces=kept).first()}
    return render(request, "upkeep/routine.html", context, status=422 if form.errors else 200)


@technician
@require_POST
def create_end(request: SignedIn, routine_id: int) -> HttpResponse:
    """Stop a routine for good."""
    kept = get_object_or_404(Routine, pk=routine_id)
    try:
        keeping.stop(kept, at=timezone.now())
    except Refused as refused:
        messages.error(request, _sentence(refused))
    else:
        messages.success(request, f"“{kept}” is stopped; its open duties need not be done. The evidence stays.")
    return redirect("upkeep:routines")


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def repository(request: SignedIn, machine_id: int) -> HttpResponseBase:
    """Say where a machine's backups lie, and what its own policy must allow."""
    machine = get_object_or_404(Machine.objects.select_related("site__client"), pk=machine_id)
    kept = BackupRepository.objects.filter(machine=machine, ended_at=None).first()
    initial = {"path": kept.path, "password_file": kept.password_file} if kept else {}
    form = RepositoryForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        kept = ordering.set_repository(machine, told["path"], told["password_file"], by=request.user, at=timezone.now())
        messages.success(
            request, "Kept. Files are restored from it when the duty is due next, or at once from its page."
        )
        return redirect("upkeep:repository", machine_id)
    shown = kept or BackupRepository(path="/srv/backup", password_file="/etc/restic.password")  # noqa: S106 - a file's name
    allowed = {"repositories": [{"repository": shown.path, "password_file": shown.password_file}]}
    context = {
        "form": form,
        "machine": machine,
        "kept": kept,
        "policy": json.dumps({"restore-files": allowed}, indent=2),
        "proved": proving.proved(machine, timezone.now()),
    }
    return render(request, "upkeep/repository.html", context, status=422 if form.errors else 200)


def _sentence(refused: Refused) -> str:
    text = str(refused)
    return f"{text[:1].upper()}{text[1:]}."
