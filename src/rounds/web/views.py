"""The front page of the office: what matters today, as every stage sees it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from rounds.pages import panels
from rounds.people.access import SignedIn, signed_in


@signed_in
def today(request: SignedIn) -> HttpResponse:
    """What matters today; each line leads to the thing. A client's contact is sent to his portal."""
    if not request.user.is_of_shop:
        return redirect("portal:home")
    return render(request, "web/today.html", {"sections": panels.sections("today", request)})
