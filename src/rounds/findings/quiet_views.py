"""What keeps a finding from being told, as pages: taking it on, putting it off, muting, and maintenance windows."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.core.windows import next_span
from rounds.findings import attending, maintaining
from rounds.findings.models import Finding
from rounds.findings.quiet_forms import MuteForm, SnoozeForm, WindowForm
from rounds.findings.quiet_models import MaintenanceWindow, Mute, WorkWindow
from rounds.pages.keys import as_key
from rounds.pages.undoing import told_with_undo
from rounds.people.access import SignedIn, office, technician
from rounds.people.shop import shop_zone


def _act(request: SignedIn, finding_id: int, act: Callable[[Finding], object], done: str) -> HttpResponse:
    """Do one thing about a finding and say that it was done, or why not; it can be given back at once."""
    finding = get_object_or_404(Finding, pk=finding_id)
    try:
        act(finding)
    except Refused as refused:
        messages.error(request, f"Nothing was changed: {refused}.")
    else:
        told_with_undo(request, done, reverse("findings:resumption", args=[finding_id]))
    return redirect("findings:finding", finding_id)


@technician
@require_POST
def create_acknowledgement(request: SignedIn, finding_id: int) -> HttpResponse:
    """Take a finding on."""
    note, at = request.POST.get("note", ""), timezone.now()
    return _act(
        request,
        finding_id,
        lambda finding: attending.acknowledge(finding, by=request.user, at=at, note=note),
        "You have taken it on: nobody else is told again.",
    )


@technician
@require_POST
def create_snooze(request: SignedIn, finding_id: int) -> HttpResponse:
    """Put a finding off."""
    form, at = SnoozeForm(request.POST), timezone.now()
    if not form.is_valid():
        messages.error(request, "Choose until when to put it off.")
        return redirect("findings:finding", finding_id)
    until, note = form.moment(at), form.cleaned_data["note"]
    return _act(
        request,
        finding_id,
        lambda finding: attending.snooze(finding, until, by=request.user, at=at, note=note),
        f"Put off until {timezone.localtime(until):%A %H:%M}; if it is still open then, it is told anew.",
    )


@technician
@require_POST
def create_resumption(request: SignedIn, finding_id: int) -> HttpResponse:
    """Give a finding back."""
    finding = get_object_or_404(Finding, pk=finding_id)
    try:
        attending.resume(finding, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.error(request, f"Nothing was changed: {refused}.")
    else:
        messages.success(request, "It is told as if nobody had taken it on or put it off.")
    return redirect("findings:finding", finding_id)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def create_mute(request: SignedIn, finding_id: int) -> HttpResponseBase:
    """Mute what a finding is about, with the reason."""
    finding = get_object_or_404(Finding.objects.select_related("client", "machine"), pk=finding_id)
    form = MuteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            mute = attending.mute(
                finding, form.cleaned_data["why"], until=form.moment(), by=request.user, at=timezone.now()
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            told_with_undo(request, "Nobody is told of it any more.", reverse("findings:lifting", args=[mute.pk]))
            return redirect("findings:finding", finding_id)
    context = {"form": form, "finding": finding}
    return render(request, "findings/mute.html", context, status=422 if form.errors else 200)


@technician
@require_POST
def create_lifting(request: SignedIn, mute_id: int) -> HttpResponse:
    """Lift a mute."""
    mute = get_object_or_404(Mute, pk=mute_id)
    attending.lift(mute, by=request.user, at=timezone.now())
    messages.success(request, "The mute is lifted: it is told again while it is open.")
    return redirect("findings:quiet")


@office
@require_safe
def quiet(request: SignedIn) -> HttpResponse:
    """Of what is nobody told, and why: windows that hold or come, work under way, and mutes."""
    at, zone = timezone.now(), shop_zone()
    rows = MaintenanceWindow.objects.standing().select_related("client", "site__client", "machine__site__client", "by")
    coming = [(row, span) for row in rows if (span := next_span(row.value, at, zone)) is not None]
    mutes = Mute.objects.holding().select_related("client", "machine", "by")
    context = {
        "windows": [(row, *span, span[0] <= at) for row, span in sorted(coming, key=_by_beginning)],
        "working": _working(at),
        "mutes": [row for row in mutes if row.until is None or row.until > at],
    }
    return render(request, "findings/quiet.html", context)


def _by_beginning(one: tuple[MaintenanceWindow, tuple[datetime, datetime]]) -> datetime:
    return one[1][0]


def _working(at: datetime) -> list[WorkWindow]:
    since = at - maintaining.LONGEST_WORK
    return list(WorkWindow.objects.filter(closed_at=None, opened_at__gt=since).select_related("machine__site__client"))


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def create_window(request: SignedIn) -> HttpResponseBase:
    """Plan a maintenance window; a client chosen first offers his sites and machines."""
    asked = request.POST if request.method == "POST" else request.GET
    client = Client.objects.current().filter(pk=as_key(asked.get("client", ""))).first()
    at = timezone.now()
    tonight = {"first_on": timezone.localdate(at), "starts": "20:00", "hours": "2", "client": client, "repeats": "once",
               "machine": as_key(asked.get("machine", "")) or None}  # fmt: skip
    form = WindowForm(request.POST or None, initial=tonight, client=client)
    if request.method == "POST" and "choose" not in request.POST and form.is_valid():
        try:
            row = maintaining.plan(form.of(), form.window(), form.cleaned_data["why"], by=request.user, at=at)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            told_with_undo(request, "The window is planned.", reverse("findings:calling-off", args=[row.pk]))
            return redirect("findings:quiet")
    if "choose" in request.POST:
        form = WindowForm(initial={**tonight, **request.POST.dict()}, client=client)
    context = {"form": form, "client": client}
    return render(request, "findings/window.html", context, status=422 if form.errors else 200)


@technician
@require_POST
def create_calling_off(request: SignedIn, window_id: int) -> HttpResponse:
    """Call a window off."""
    window = get_object_or_404(MaintenanceWindow, pk=window_id)
    maintaining.call_off(window, by=request.user, at=timezone.now())
    messages.success(request, f"“{window}” is called off. What is open and began inside it is told now.")
    return redirect("findings:quiet")
