"""What agents add to the front page: new machines that want a technician's word."""

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.agents import merging
from rounds.agents.models import Applicant
from rounds.people.access import SignedIn

SHOWN = 5


def new_machines(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: machines that wait to be let in, and such as may be old ones reinstalled."""
    if not request.user.is_technician:
        return SafeString("")
    waiting = list(Applicant.objects.waiting().select_related("token__site__client"))
    offers = merging.waiting_offers(timezone.now())
    if not (waiting or offers):
        return SafeString("")
    context = {"waiting": waiting[:SHOWN], "more": max(0, len(waiting) - SHOWN), "offers": offers[:SHOWN]}
    return render_to_string("agents/panels/new_machines.html", context, request)
