"""Orders as pages: the list, a new one, one with its timer, stints and parts."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.pages import panels
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, owner, technician
from rounds.work import holding, ordering, timing
from rounds.work.asking import as_key, go_on, named_key, today
from rounds.work.day_views import orders_of, overlaps_to_confirm
from rounds.work.forms import ClientForm, NoteForm, OrderForm, PartForm, StintForm
from rounds.work.models import Order, Stint, Timer
from rounds.work.ordering import Call
from rounds.work.voiding import may_void

STATES = {"open": "Open", "on-hold": "On hold", "done": "Done", "called-off": "Called off", "all": "All"}
SORTS = {"opened": ["-opened_at"], "client": ["client__name", "-opened_at"], "title": ["title"], "done": ["-done_at"]}


@office
@require_GET
def orders(request: SignedIn) -> HttpResponseBase:
    """All orders: open ones first of all."""
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    is_mine = request.GET.get("whose") == "mine"
    rows = (orders_of(request.user) if is_mine else Order.objects.all()).with_hold().in_state(state)
    text = request.GET.get("q", "").strip()
    if text:
        rows = rows.filter(named(text))
    if client := as_key(request.GET.get("client")):
        rows = rows.filter(client=client)
    rows = rows.prefetch_related("client", "machine", "stints__void")  # not joined: see stint_views.stints
    listing = Listing(request, rows, sorts=SORTS, noun="orders")
    if listing.is_csv:
        return as_csv(listing, "orders", CSV_COLUMNS)
    context = {"listing": listing, "state": state, "states": STATES, "q": text, "is_mine": is_mine}
    return render(request, "work/orders.html", context)


def named(text: str) -> Q:
    """Orders by number, by words, by their client or machine."""
    clients = Client.objects.filter(name__icontains=text).values("pk")
    machines = Machine.objects.filter(name__icontains=text).values("pk")
    return Q(title__icontains=text) | Q(client__in=clients) | Q(machine__in=machines) | Q(pk=as_key(text))


CSV_COLUMNS: dict[str, Callable[[Any], Any]] = {
    "Number": lambda row: row.pk,
    "Client": lambda row: row.client.name,
    "Machine": lambda row: row.machine.name if row.machine else "",
    "Order": lambda row: row.title,
    "Kind of work": lambda row: row.category,
    "Planned": lambda row: "yes" if row.is_planned else "no",
    "Opened": lambda row: timezone.localtime(row.opened_at).isoformat(" ", "minutes"),
    "On hold": lambda row: "yes" if row.is_on_hold and row.is_open else "no",
    "Done": lambda row: timezone.localtime(row.done_at).isoformat(" ", "minutes") if row.done_at else "",
    "Minutes": lambda row: row.minutes_worked,
}


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_order(request: SignedIn) -> HttpResponse:
    """Take an order by hand; the timer can start with it."""
    client_id = named_key(request, "client")
    if client_id is None:
        return render(request, "work/choose_client.html", {"form": ClientForm(), "what": "New order"})
    client = get_object_or_404(Client, pk=client_id)
    form = OrderForm(request.POST or None, client=client, initial={"machine": named_key(request, "machine")})
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            made = ordering.take_order(Call(client=client, **form.cleaned_data), by=request.user, at=now)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            if "start" in request.POST:
                return _start(request, made)
            return redirect("work:order", made.pk)
    return render(request, "work/new_order.html", {"form": form, "client": client})


@office
@require_GET
def order(request: SignedIn, order_id: int) -> HttpResponse:
    """One order: its timer, what was worked and used on it, what is known about it."""
    return show_order(request, order_id)


def find_order(order_id: int) -> Order:
    """The order, or 404."""
    rows = Order.objects.select_related("client", "machine", "site", "proposal", "opened_by")
    return get_object_or_404(rows, pk=order_id)


def show_order(request: SignedIn, order_id: int, *, part_form: PartForm | None = None) -> HttpResponse:
    """The page of an order, with the form for a part as it was sent if something was wrong with it."""
    shown = find_order(order_id)
    now = timezone.now()
    stints = list(shown.stints.select_related("who", "approval", "void__by"))
    parts = list(shown.parts.select_related("void__by"))
    held = set(Stint.objects.unapproved().filter(order=shown).values_list("pk", flat=True))
    running = Timer.objects.filter(order=shown).select_related("who").order_by("started_at")
    context = {
        "order": shown,
        "stints": [(stint, stint.pk in held, may_void(request.user, stint, now)) for stint in stints],
        "minutes": sum(stint.minutes for stint in stints if not hasattr(stint, "void")),
        "parts": [(part, may_void(request.user, part, now)) for part in parts],
        "mine": next((timer for timer in running if timer.who_id == request.user.pk), None),
        "others": [timer for timer in running if timer.who_id != request.user.pk],
        "elsewhere": timing.timer_of(request.user),
        "part_form": part_form or PartForm(),
        "note_form": NoteForm(initial={"note": shown.note}),
        "holds": list(shown.holds.select_related("lifted_by")),
        "hold": shown.holds.filter(lifted_at=None).first() if shown.is_open else None,
        "said": shown.proposal.last_answer if shown.proposal else None,
        "sections": panels.sections("order", request, shown),
    }
    return render(request, "work/order.html", context)


def _start(request: SignedIn, on: Order) -> HttpResponse:
    try:
        timing.start(on, who=request.user, at=timezone.now())
    except Refused as reason:
        messages.error(request, str(reason))
        return redirect("work:timer" if timing.timer_of(request.user) else reverse("work:order", args=[on.pk]))
    return redirect("work:order", on.pk)


@technician
@require_POST
def start_timer(request: SignedIn, order_id: int) -> HttpResponse:
    """Start my timer here; one that runs elsewhere is stopped into a stint."""
    on = find_order(order_id)
    before = timing.timer_of(request.user)
    reply = _start(request, on)
    after = timing.timer_of(request.user)
    if before is not None and after is not None and after.order_id != before.order_id:
        messages.info(request, f"Your timer on order {before.order_id} is stopped, and its time is kept there.")
    return reply


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_stint(request: SignedIn, order_id: int) -> HttpResponse:
    """Enter time afterwards."""
    on = find_order(order_id)
    start = timezone.localtime().replace(second=0, microsecond=0)
    initial = {"started_at": start, "category": on.category}
    form = StintForm(request.POST or None, order=on, initial=initial)
    context: dict[str, Any] = {"form": form, "order": on, "day": today()}
    if request.method == "POST" and form.is_valid():
        context["overlaps"] = overlaps_to_confirm(request.user, form)
        if not context["overlaps"]:
            try:
                stint = timing.enter(on, form.worked(), who=request.user, at=timezone.now())
            except Refused as reason:
                form.add_error(None, str(reason))
            else:
                messages.success(request, f"{stint.minutes} minutes are kept.")
                return redirect("work:order", on.pk)
    return render(request, "work/new_stint.html", context)


@technician
@require_POST
def new_part(request: SignedIn, order_id: int) -> HttpResponse:
    """Keep a part used."""
    on = find_order(order_id)
    form = PartForm(request.POST)
    if form.is_valid():
        now = timezone.now()
        try:
            part = ordering.use_part(on, form.part(now), by=request.user, at=now)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, f"{part.quantity} × {part.name} is kept.")
            return redirect("work:order", on.pk)
    return show_order(request, order_id, part_form=form)


@technician
@require_POST
def note(request: SignedIn, order_id: int) -> HttpResponse:
    """Keep the order's note."""
    on = find_order(order_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        ordering.write_note(on, form.cleaned_data["note"])
        messages.success(request, "The note is kept.")
    return redirect("work:order", on.pk)


@technician
@require_POST
def state(request: SignedIn, order_id: int) -> HttpResponse:
    """Finish an order, open it again, or call it off."""
    on = find_order(order_id)
    wish, now = request.POST.get("state"), timezone.now()
    try:
        if wish == "done":
            ordering.finish(on, at=now)
            messages.success(request, f"Order {on.pk} is done. It can be opened again below.")
        elif wish == "open":
            ordering.reopen(on)
            messages.success(request, f"Order {on.pk} is open again.")
        elif wish == "called-off":
            ordering.call_off(on, at=now)
            messages.success(request, f"Order {on.pk} is called off. It can be opened again below.")
        else:
            messages.error(request, "An order can be done, open or called off.")
    except Refused as reason:
        messages.error(request, str(reason))
    return go_on(request, reverse("work:order", args=[on.pk]))


@owner
@require_POST
def release(request: SignedIn, order_id: int) -> HttpResponse:
    """Let an order that is on hold go on, with the reason."""
    on = find_order(order_id)
    try:
        holding.release(on, request.POST.get("reason", ""), by=request.user, at=timezone.now())
    except Refused as reason:
        messages.error(request, f"{str(reason)[0].upper()}{str(reason)[1:]}.")
    else:
        messages.success(request, f"Order {on.pk} goes on.")
    return redirect("work:order", on.pk)
