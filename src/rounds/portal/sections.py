"""What the portal adds to the office's pages: requests for help that nobody has begun, and the words of each."""

from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from rounds.clients.models import Client
from rounds.people.access import SignedIn
from rounds.portal.buying import bought_in_portal
from rounds.portal.models import HelpRequest
from rounds.work.models import Order, Stint, Timer

SHOWN = 8


def asked_for_help(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: requests on whose orders nothing has been done yet, the oldest first."""
    worked, timed = (Exists(model.objects.filter(order=OuterRef("order"))) for model in (Stint, Timer))
    rows = (
        HelpRequest.objects.filter(order__done_at=None, order__called_off_at=None)
        .exclude(worked | timed)
        .defer("photo")
    )
    shown = list(rows.select_related("order__client", "contact").order_by("at")[:SHOWN])
    if not shown:
        return SafeString("")
    return render_to_string("portal/panels/asked.html", {"rows": shown}, request=request)


def bought_hours(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: hours that his people bought in the portal, and who it was."""
    rows = bought_in_portal(client, SHOWN)
    return SafeString(render_to_string("portal/panels/bought.html", {"rows": rows}, request) if rows else "")


def request_of_order(request: SignedIn, order: Order) -> SafeString:
    """On an order's page: the client's own words and photograph."""
    asked = HelpRequest.objects.filter(order=order).select_related("contact").defer("photo").first()
    if asked is None:
        return SafeString("")
    return render_to_string("portal/panels/request.html", {"asked": asked}, request=request)
