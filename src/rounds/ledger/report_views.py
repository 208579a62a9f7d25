"""Reports of the books: the chart of accounts, a client's accounts, what is deferred, revenue, and the export."""

from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from rounds.clients.models import PLANS, Client
from rounds.ledger.earning import Earned, Key, earnings, grouped
from rounds.ledger.exporting import FORMATS, export
from rounds.ledger.reports import accounts_table, client_table, deferred_table, hours_table
from rounds.ledger.tables import Cell, Column, Days, Report, Table, asked_days, show, totals_of
from rounds.people.access import SignedIn, bookkeeper
from rounds.people.models import User

NOBODY = "nobody's work: fees not worked on, lapsed hours, parts"
WHAT_COUNTS = (
    "Revenue is what the books earned. Hours are all that were worked, those at no charge included. "
    "A fee counts for those who worked on its included hours."
)
BY = {"client": 0, "plan": 1, "technician": 2}


@bookkeeper
def accounts(request: SignedIn) -> HttpResponseBase:
    """The chart of accounts, each with what it holds on a day."""
    days = asked_days(request)
    return show(request, Report("Which accounts are there?", [accounts_table(days.last)], days))


@bookkeeper
def client_accounts(request: SignedIn, client_id: int) -> HttpResponseBase:
    """One client's accounts on a day."""
    client, days = get_object_or_404(Client, pk=client_id), asked_days(request)
    journal = f"{reverse('ledger:journal')}?client={client.pk}"
    choices = {journal: "Every entry of this client", f"/clients/{client.pk}/money": "Invoices and payments"}
    title = f"What do the books say of {client}?"
    return show(request, Report(title, [client_table(client, days.last)], days, choices=choices))


@bookkeeper
def deferred(request: SignedIn) -> HttpResponseBase:
    """What was paid for and is still owed in work, on a day: hours by block, and fees for days to come."""
    days = asked_days(request)
    tables = [hours_table(days.last), deferred_table(days.last)]
    return show(request, Report("What is paid for, and not done yet?", tables, days))


@bookkeeper
def revenue(request: SignedIn) -> HttpResponseBase:
    """What was earned from day to day by client, plan or technician, and what an hour worked brought in."""
    days, by = asked_days(request), request.GET.get("by", "client")
    by = by if by in BY else "client"
    plan = request.GET.get("plan", "")
    found = earnings(days.first, days.last)
    if plan:
        found = {key: one for key, one in found.items() if key[1] == plan}
    choices = {f"?{urlencode({'by': other})}&{days.query}": f"By {other}" for other in BY if other != by or plan}
    notes = [WHAT_COUNTS]
    hidden = {"by": by, **({"plan": plan} if plan else {})}
    title = f"What was earned, by {by}?" if not plan else f"What was earned under {dict(PLANS).get(plan, plan)}?"
    table = _revenue_table(found, by, days)
    return show(request, Report(title, [table], days, is_of_a_day=False, notes=notes, choices=choices, hidden=hidden))


def _revenue_table(found: dict[Key, Earned], by: str, days: Days) -> Table:
    columns = [Column(by.capitalize()), Column("Revenue", "money"), Column("Hours worked", "minutes"),
               Column("Revenue an hour", "money")]  # fmt: skip
    groups = grouped(found, BY[by])
    names = _names(by)
    rows = [
        [
            Cell(names.get(key, "the shop itself" if by == "client" else str(key))),
            Cell(one.cents, _address(by, key, days)),
            Cell(one.minutes),
            Cell(one.hourly),
        ]
        for key, one in sorted(groups.items(), key=lambda item: (-item[1].cents, str(item[0])))
    ]
    whole = Earned(sum(one.cents for one in groups.values()), sum(one.minutes for one in groups.values()))
    totals = [*totals_of(columns, rows, but=("Revenue an hour",))[:3], whole.hourly]
    return Table(f"Revenue by {by}", columns, rows, "Nothing was earned or worked in these days.", totals)


def _names(by: str) -> dict[int | str, str]:
    if by == "client":
        return dict(Client.objects.values_list("pk", "name"))
    if by == "plan":
        return {key: name.capitalize() for key, name in PLANS}
    return {0: NOBODY, **{user.pk: str(user) for user in User.objects.all()}}


def _address(by: str, key: int | str, days: Days) -> str:
    """Where a figure's entries are; a plan's are shown client by client."""
    income = reverse("ledger:account", args=["income"])
    if by == "client":
        return f"{income}?client={key}&{days.query}" if key else ""
    if by == "plan":
        return f"{reverse('ledger:revenue')}?{urlencode({'by': 'client', 'plan': key})}&{days.query}"
    return f"{income}?who={key}&{days.query}" if key else f"{income}?{days.query}"


@bookkeeper
def exports(request: SignedIn) -> HttpResponse:
    """The formats in which the books can be taken elsewhere."""
    first, last = _days(request)
    asked = {name: str(day) for name, day in (("from", first), ("to", last)) if day}
    reply = {"formats": FORMATS, "first": first, "last": last, "query": urlencode(asked)}
    return render(request, "ledger/export.html", reply)


@bookkeeper
def export_as(request: SignedIn, name: str) -> StreamingHttpResponse:
    """The books in one format, as a file."""
    if name not in FORMATS:
        raise Http404("there is no such format")
    form, (first, last) = FORMATS[name], _days(request)
    reply = StreamingHttpResponse(export(name, first, last), content_type=f"text/plain; charset={form.encoding}")
    reply["Content-Disposition"] = f'attachment; filename="rounds.{form.ending}"'
    return reply


def _days(request: SignedIn) -> tuple[date | None, date | None]:
    """The days asked for, where they are asked for."""
    days = asked_days(request)
    return (days.first if request.GET.get("from") else None, days.last if request.GET.get("to") else None)
