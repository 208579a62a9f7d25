"""A technician's own day: his timer, his orders, whom to call; made for a phone first."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rounds.core.money import Refused
from rounds.people.access import SignedIn, office, technician
from rounds.people.models import User
from rounds.upkeep.models import Duty
from rounds.work import calling, timing
from rounds.work.asking import as_key, today
from rounds.work.forms import StintForm
from rounds.work.models import Order, OrderSet, Stint, Timer

SHOWN_ORDERS = 25


def orders_of(who: User) -> OrderSet:
    """Orders that a person opened or has worked on."""
    mine = Stint.objects.filter(order=OuterRef("pk"), who=who)
    return Order.objects.filter(Q(opened_by=who) | Exists(mine))


@office
@require_GET
def my_day(request: SignedIn) -> HttpResponse:
    """What is mine to do today: the running timer, my open orders, then everybody's."""
    who, now = request.user, timezone.now()
    mine = list(orders_of(who).still_open().with_hold().select_related("client", "machine")[:SHOWN_ORDERS])
    others = Order.objects.still_open().exclude(pk__in=[order.pk for order in mine])
    pages = calling.call_list(today())
    context = {
        "timer": timing.timer_of(who),
        "minutes_today": timing.minutes_on(who, now),
        "mine": mine,
        "others": others.with_hold().select_related("client", "machine").order_by("opened_at")[:SHOWN_ORDERS],
        "open_count": Order.objects.still_open().count(),
        "to_call": [page for page in pages if not page.is_done],
        "duties_late": Duty.objects.still_open().late(today()).count(),
        "duties_today": Duty.objects.still_open().filter(due_on=today()).count(),
        "now": now,
    }
    return render(request, "work/my_day.html", context)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def timer(request: SignedIn) -> HttpResponse:
    """Stop the timer: what it has measured is shown as a form, and kept once it is right."""
    running = timing.timer_of(request.user)
    if running is None or (request.method == "POST" and as_key(request.POST.get("timer")) != running.pk):
        messages.warning(request, "No timer of yours is running here: it has been stopped already.")
        return redirect("work:my-day")
    now = timezone.now()
    form = StintForm(request.POST or None, order=running.order, initial=stop_values(running, now))
    context: dict[str, Any] = {"timer": running, "order": running.order, "form": form}
    context["is_forgotten"] = timing.is_forgotten(running, now)
    if request.method != "POST" or not form.is_valid():
        return render(request, "work/stop_timer.html", context)
    context["overlaps"] = overlaps_to_confirm(request.user, form)
    if context["overlaps"]:
        return render(request, "work/stop_timer.html", context)
    try:
        stint = timing.stop(running, form.worked(), at=timezone.now())
    except Refused as reason:
        form.add_error(None, str(reason))
        return render(request, "work/stop_timer.html", context)
    messages.success(request, f"{stint.minutes} minutes are kept on order {stint.order_id}.")
    return redirect("work:order", stint.order_id)


def stop_values(running: Timer, now: datetime) -> dict[str, object]:
    """What the form opens with; a forgotten timer has no minutes, as only the person knows when the work ended."""
    measured = timing.as_timed(running, now)
    return {
        "started_at": measured.started_at,
        "minutes": None if timing.is_forgotten(running, now) else measured.minutes,
        "category": measured.category,
        "place": measured.place,
        "is_no_charge": measured.is_no_charge,
    }


def overlaps_to_confirm(who: User, form: StintForm) -> list[Stint]:
    """Stints of the same person that overlap what he wants to keep, unless he has said to keep it anyway."""
    return [] if form.cleaned_data["keep_anyway"] else timing.overlapping(who, form.worked())


@technician
@require_POST
def discard_timer(request: SignedIn) -> HttpResponse:
    """Throw away what the timer measured."""
    running = timing.timer_of(request.user)
    if running is not None and as_key(request.POST.get("timer")) == running.pk:
        timing.discard(running, at=timezone.now())
        messages.success(request, f"The timer on order {running.order_id} is discarded; no work was recorded.")
        return redirect("work:order", running.order_id)
    messages.warning(request, "No timer of yours is running here: it has been stopped already.")
    return redirect("work:my-day")
