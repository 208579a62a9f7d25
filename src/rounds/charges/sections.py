"""What charges add to pages they do not own: hours and money left beside a client's name, what an order came to."""

from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rounds.charges.changing import changes_of, next_block_in_words, price_change
from rounds.charges.models import Rated
from rounds.charges.standing import holdings_of
from rounds.charges.visits import foresee_void
from rounds.clients.agreement_views import Edit
from rounds.clients.models import Client, ShopTerms
from rounds.core.money import Refused
from rounds.pages.templatetags.rounds import hours, money, state
from rounds.people.access import SignedIn
from rounds.people.shop import local_day
from rounds.work.models import Order, Part, Stint

CLIENTS_SHOWN = 50


def left(_request: SignedIn, client: Client) -> SafeString:
    """Beside a client's name: the hours and the money that he may still use."""
    held = holdings_of(client, local_day(timezone.now()))
    parts = []
    if held.granted_seconds:
        parts.append(f"{hours(held.included_seconds)} of {hours(held.granted_seconds)} h this month")
    if held.has_blocks:
        parts.append(f"{hours(held.block_seconds)} h bought")
    if held.has_retainer:
        parts.append(f"{money(held.retainer_available)} on the retainer")
    if not parts:
        return SafeString("")
    is_low = held.are_hours_low or held.is_retainer_low
    return format_html("{}{}", ", ".join(parts), format_html(" {}", state("soon", "low")) if is_low else "")


def open_months(request: SignedIn, edit: Edit) -> SafeString:
    """Before an agreement is kept: what it changes on the invoices that are still to come."""
    try:
        today = local_day(timezone.now())
        changes = changes_of(edit.typed, edit.changed, today)
        next_block = next_block_in_words(edit.typed, today)
    except Refused:
        return SafeString("")  # the form says why it cannot be kept
    return SafeString(
        render_to_string(
            "charges/panels/open_months.html", {"changes": changes, "next_block": next_block}, request=request
        )
    )


def changed_prices(request: SignedIn, typed: ShopTerms) -> SafeString:
    """Before new prices are kept: whose next invoices they change, and by how much."""
    try:
        change = price_change(typed, local_day(timezone.now()))
    except Refused:
        return SafeString("")
    shown = Paginator(change.clients, CLIENTS_SHOWN).get_page(request.POST.get("page"))
    context = {"change": change, "shown": shown, "since": typed.since}
    return SafeString(render_to_string("charges/panels/changed_prices.html", context, request=request))


def given_back(request: SignedIn, row: Stint | Part) -> SafeString:
    """Before a stint or part is taken back: what that gives back, and charges back, as things stand now."""
    outcome = foresee_void(row, local_day(timezone.now()))
    context = {"outcome": outcome, "sum": sum(charge.amount for charge in outcome.charges) if outcome else 0}
    return SafeString(render_to_string("charges/panels/given_back.html", context, request=request))


def came_to(request: SignedIn, order: Order) -> SafeString:
    """On an order's page: what its stints and parts drew and cost so far."""
    rows = Rated.objects.filter(stint__order=order) | Rated.objects.filter(part__order=order)
    rated = rows.select_related("stint", "part").prefetch_related("draws", "charges__line").order_by("done_on", "pk")
    if not rated:
        return SafeString("")
    return SafeString(render_to_string("charges/panels/came_to.html", {"rated": rated}, request=request))
