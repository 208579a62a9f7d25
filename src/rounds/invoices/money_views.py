"""The shop's money at a glance, and the closing of the month: what it will bill, what to look at, what is issued."""

from collections.abc import Sequence
from time import monotonic

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from rounds.charges.previewing import next_first
from rounds.clients.models import Client
from rounds.invoices.balances import last_payments, overview
from rounds.invoices.issuing import bring, due_clients
from rounds.invoices.models import Invoice
from rounds.invoices.outlook import Outlook, outlook
from rounds.pages.listing import as_number, csv_reply
from rounds.people.access import SignedIn, bookkeeper, office
from rounds.people.shop import local_day

SECONDS_A_REQUEST = 5  # of issuing; what is left after them is issued by the ticker, or by the next press
PAGE_SIZE = 50
RUNS = 6


@office
def money(request: SignedIn) -> HttpResponse:
    """What is owed, and what is not billed?"""
    shown = overview(local_day(timezone.now()))
    runs = (
        Invoice.objects.filter(old_number="")
        .order_by()
        .values("issued_on")
        .annotate(count=Count("pk"), total=Sum("total"))
    )
    reply = {"overview": shown, "runs": runs.order_by("-issued_on")[:RUNS], "payments": last_payments(RUNS)}
    return render(request, "invoices/money.html", reply)


@office
def closing(request: SignedIn) -> HttpResponseBase:
    """What will the next first of the month bill, and what should be looked at before? Nothing is changed by asking."""
    now = timezone.now()
    today = local_day(now)
    if request.GET.get("format") == "csv":
        return _csv(outlook(next_first(today)))
    waiting = list(due_clients(now).only("name"))  # all of them: to count them costs as much as to find them
    issued = Invoice.objects.filter(issued_on=today).count()
    progress = {"waiting": waiting, "waiting_count": len(waiting), "issued_today": issued}
    if request.headers.get("HX-Request"):  # asked every few seconds: without the outlook, which it does not show
        return render(request, "invoices/closing_progress.html", progress)
    shown = outlook(next_first(today))
    page, pages = _page(request.GET.get("page", "1"), len(shown.rows))
    reply = {
        "outlook": shown, "rows": shown.rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], "page": page, "pages": pages,
        "today": today,
    }  # fmt: skip
    return render(request, "invoices/closing.html", reply | progress)


def _page(asked: str, count: int) -> tuple[int, int]:
    pages = max(1, -(-count // PAGE_SIZE))
    return min(pages, max(1, int(asked) if asked.isdecimal() and len(asked) < 9 else 1)), pages


def _csv(shown: Outlook) -> HttpResponseBase:
    heading: Sequence[object] = ("Client", "Plan", "Lines", "Tax", "Total", "From retainer", "To pay", "To look at")
    rows = (
        (
            row.client.name, row.plan_name, len(row.closing.lines), as_number(row.closing.tax),
            as_number(row.closing.total), as_number(row.closing.from_retainer), as_number(row.closing.open),
            "; ".join(row.warnings),
        )
        for row in shown.rows
        if row.closing is not None
    )  # fmt: skip
    return csv_reply(f"closing-{shown.on}", (heading, *rows))


@bookkeeper
@require_POST
def create_run(request: SignedIn) -> HttpResponse:
    """Issue everything that is due now, as far as a few seconds reach; the ticker goes on with the rest."""
    now, until = timezone.now(), monotonic() + SECONDS_A_REQUEST
    count = 0
    for client in due_clients(now).iterator(chunk_size=100):
        count += len(bring(client, now))
        if monotonic() > until:
            break
    left = due_clients(now).count()
    if left:
        messages.warning(request, f"{count} invoices are issued; {left} clients are left, and are being issued.")
    else:
        messages.success(request, f"{count} invoices are issued; nothing is left to issue." if count else
                         "Nothing was left to issue.")  # fmt: skip
    return redirect("invoices:closing")


@bookkeeper
@require_POST
def create_run_of_client(request: SignedIn, client_id: int) -> HttpResponse:
    """Bring one client up to date, and issue what is due."""
    client = get_object_or_404(Client, pk=client_id)
    issued = bring(client, timezone.now())
    numbers = ", ".join(invoice.full_number for invoice in issued)
    messages.success(
        request, f"{client}: issued {numbers}." if issued else f"{client} is up to date: nothing to issue."
    )
    return redirect("invoices:closing")
