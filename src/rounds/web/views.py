"""The front page of the office: what matters today."""

from django.http import HttpResponse
from django.shortcuts import render

from rounds.people.access import SignedIn, signed_in


@signed_in
def today(request: SignedIn) -> HttpResponse:
    """What matters today; each line leads to the thing."""
    return render(request, "web/today.html")
