"""What invoices add to pages they do not own: the client's page and its header, the front page, and the search."""

from collections.abc import Iterator

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rounds.clients.agreeing import earliest_end
from rounds.clients.models import Agreement, Client
from rounds.invoices.balances import Owing, balances_of, overview, owing_by_client
from rounds.invoices.models import Invoice
from rounds.invoices.searching import found
from rounds.pages.panels import Found
from rounds.pages.templatetags.rounds import money, state
from rounds.people.access import SignedIn
from rounds.people.models import User
from rounds.people.shop import local_day

SHOWN = 5


def owes(_request: SignedIn, client: Client) -> SafeString:
    """Beside a client's name: what he owes, and since when."""
    today = local_day(timezone.now())
    owing = owing_by_client(Invoice.objects.filter(client=client).unpaid(), today).get(client.pk, Owing())
    if not owing.first_due:
        return SafeString("")
    address = reverse("invoices:client_money", args=[client.pk])
    late = f"{owing.first_due.day} {owing.first_due:%B}"
    told = format_html(" {}", state("trouble", f"due {late}")) if owing.overdue else f" due {late}"
    return format_html('<a href="{}">{}</a>{}', address, money(owing.owes), told)


def client_money(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: what he holds and owes, and his last invoices."""
    today = local_day(timezone.now())
    invoices = Invoice.objects.standing().filter(client=client).with_fate().order_by("-issued_on", "-pk")[:SHOWN]
    reply = {"client": client, "balances": balances_of(client, today), "invoices": invoices, "today": today}
    return SafeString(render_to_string("invoices/panels/client.html", reply, request=request))


def early_end(request: SignedIn, agreement: Agreement) -> SafeString:
    """On the page that ends an agreement: that it may have ended before, where something was charged for later."""
    today = local_day(timezone.now())
    if earliest_end(agreement, today) <= today or agreement.starts > today:
        return SafeString("")
    return SafeString(render_to_string("invoices/panels/early_end.html", {"agreement": agreement}, request=request))


def money_today(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: work not billed, hours and retainers that are low, invoices overdue."""
    shown = overview(local_day(timezone.now()))
    if not (shown.overdue or shown.low or shown.unbilled):
        return SafeString("")
    return SafeString(render_to_string("invoices/panels/today.html", {"overview": shown}, request=request))


def find_invoices(user: User, text: str) -> Iterator[Found]:
    """Invoices by number or client."""
    if not user.is_of_shop:
        return
    for row in found(Invoice.objects.standing().order_by("-issued_on", "-pk"), text).iterator(chunk_size=20):
        where = f"{row.client_name}, {money(row.total)}"
        yield Found(f"Invoice {row.full_number}", where, reverse("invoices:invoice", args=[row.full_number]))
