"""The page that explains a charge: what was done to a stint or a part, step by step, and why it costs what it costs."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from rounds.charges.models import Forgone, Rated
from rounds.people.access import SignedIn, office


@office
def rated(request: SignedIn, rated_id: int) -> HttpResponse:
    """One stint or part under the terms of its day: the steps, what it drew and what it costs."""
    related = ("client", "stint__order", "stint__who", "part__order", "part__recorded_by")
    shown = get_object_or_404(Rated.objects.select_related(*related), pk=rated_id)
    work = shown.stint or shown.part
    assert work is not None, "a rated row has a stint or a part"  # noqa: S101
    changes = list(shown.rerated.select_related("voided__void__stint", "voided__void__by"))
    reply = {
        "rated": shown,
        "changes": changes,
        "billed_seconds": (shown.billable_seconds or 0) + sum(one.seconds for one in changes),
        "order": work.order,
        "forgone": Forgone.objects.filter(charge__rated=shown),
        "returned": shown.returned.all(),
        "draws": shown.draws.select_related("block", "grant"),
        "charges": shown.charges.select_related("line__closing"),
    }
    return render(request, "charges/rated.html", reply)
