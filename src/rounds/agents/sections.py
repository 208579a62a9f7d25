"""What agents add to the front page: machines that wait for a technician's word."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from rounds.agents.models import Applicant
from rounds.people.access import SignedIn

SHOWN = 5


def new_machines(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: machines that wait to be let in."""
    waiting = list(Applicant.objects.waiting().select_related("token__site__client"))
    if not (request.user.is_technician and waiting):
        return SafeString("")
    context = {"waiting": waiting[:SHOWN], "more": max(0, len(waiting) - SHOWN)}
    return render_to_string("agents/panels/new_machines.html", context, request)
