"""What daily reports add to pages they do not own: the front page, the client's page."""

from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.clients.models import Client
from rounds.people.access import SignedIn
from rounds.people.shop import local_day
from rounds.reports.models import Report

SHOWN = 5
LAST_DAYS = 7


def reports_today(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: how many of today's reports are not well or not reviewed, the worst first."""
    day = local_day(timezone.now())
    rows = Report.objects.filter(day=day)
    counts = rows.aggregate(all=Count("pk"), not_well=Count("pk", filter=~Q(state="well")))
    if not counts["all"]:
        return SafeString("")
    still_open = rows.reviewed(is_so=False)
    context = {
        "counts": counts,
        "open": still_open.count(),
        "rows": still_open.exclude(state="well").worst_first().select_related("client").defer("body")[:SHOWN],
    }
    return render_to_string("reports/panels/today.html", context, request=request)


def reports_of_client(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: his last reports."""
    rows = Report.objects.filter(client=client).defer("body").with_review().order_by("-day")[:LAST_DAYS]
    return render_to_string("reports/panels/client.html", {"rows": rows, "client": client}, request=request)
