"""Time worked as a list, and the client's approval of work that was done without asking him."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from rounds.clients.models import Contact
from rounds.core.days import first_of_month
from rounds.core.money import Refused
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, technician
from rounds.people.fields import read_day
from rounds.people.models import Role, User
from rounds.work.answering import approve
from rounds.work.asking import as_key, go_on, midnight, say_errors, today
from rounds.work.forms import WhoForm
from rounds.work.models import Channel, Order, Stint
from rounds.work.order_views import named

SORTS = {"when": ["-started_at"], "client": ["order__client__name", "-started_at"], "minutes": ["-minutes"]}


def filtered(asked: QueryDict) -> tuple[QuerySet[Stint], list[str]]:
    """The stints that the address asks for, and what is wrong with its filters."""
    rows = Stint.objects.all()
    wrong: list[str] = []
    if asked.get("state") == "held":
        rows = rows.unapproved()
    if text := asked.get("q", "").strip():
        orders = Order.objects.filter(named(text)).values("pk")
        rows = rows.filter(Q(order__in=orders) | Q(note__icontains=text))
    if who := as_key(asked.get("who")):
        rows = rows.filter(who=who)
    if client := as_key(asked.get("client")):
        rows = rows.filter(order__client=client)
    for name, after in (("from", 0), ("to", 1)):
        if not (typed := str(asked.get(name, ""))):
            continue
        try:
            day = read_day(typed) + timedelta(days=after)
        except Refused as reason:
            wrong.append(str(reason))
            continue
        moment = midnight(day)
        rows = rows.filter(started_at__lt=moment) if after else rows.filter(started_at__gte=moment)
    return rows, wrong


def usual_filters(asked: QueryDict) -> QueryDict:
    """What the address asks for; if it asks for nothing, the current month."""
    if set(asked) - {"sort", "page", "format"}:
        return asked
    usual = asked.copy()
    usual["from"] = first_of_month(today()).isoformat()
    return usual


@office
@require_GET
def stints(request: SignedIn) -> HttpResponseBase:
    """Time worked, at first that of this month; with `state=held`, what waits for the client's approval."""
    asked = usual_filters(request.GET)
    rows, wrong = filtered(asked)
    # Prefetched, not joined: SQLite would begin a join at the clients, and sort all time ever worked for one page.
    listing = Listing(request, rows.prefetch_related("order__client", "who", "void"), sorts=SORTS, noun="stints")
    if listing.is_csv:
        return as_csv(listing, "stints", CSV_COLUMNS)
    is_held = request.GET.get("state") == "held"
    context = {
        "listing": listing,
        "rows": [(row, who_form(row) if is_held else None) for row in listing.rows],
        "minutes": rows.filter(void=None).order_by().aggregate(sum=Sum("minutes"))["sum"] or 0,
        "people": User.objects.exclude(role=Role.CONTACT).order_by("name", "pk"),
        "is_held": is_held,
        "wrong": wrong,
        "asked": asked,
        "who": as_key(request.GET.get("who")),
    }
    return render(request, "work/stints.html", context)


CSV_COLUMNS = {
    "Client": lambda row: row.order.client.name,
    "Order": lambda row: row.order_id,
    "Title": lambda row: row.order.title,
    "Who": lambda row: str(row.who or ""),
    "Started": lambda row: timezone.localtime(row.started_at).isoformat(" ", "minutes"),
    "Minutes": lambda row: row.minutes,
    "Kind of work": lambda row: row.category,
    "Where": lambda row: row.place,
    "After hours": lambda row: {True: "yes", False: "no", None: "by the clock"}[row.is_after_hours],
    "No charge": lambda row: "yes" if row.is_no_charge else "no",
    "What was done": lambda row: row.note,
    "Recorded": lambda row: timezone.localtime(row.recorded_at).isoformat(" ", "minutes"),
}


def who_form(stint: Stint) -> WhoForm:
    """Who approved a stint, and how."""
    contacts = Contact.objects.filter(client=stint.order.client_id, left_at=None).order_by("-may_decide", "name")
    return WhoForm(contacts=list(contacts), auto_id=f"id_stint_{stint.pk}_%s")


@technician
@require_POST
def approval(request: SignedIn, stint_id: int) -> HttpResponse:
    """Keep the client's approval of work already done."""
    stint = get_object_or_404(Stint.objects.select_related("order"), pk=stint_id)
    form = WhoForm(request.POST, contacts=[])
    if form.is_valid():
        told = form.cleaned_data
        approve(stint, who=told["who"], channel=Channel(told["channel"]), by=request.user, at=timezone.now())
        messages.success(request, f"{stint.minutes} minutes on order {stint.order_id} are approved by {told['who']}.")
    else:
        say_errors(request, form)
    return go_on(request, reverse("work:order", args=[stint.order_id]))
