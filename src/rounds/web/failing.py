"""Answers where the server itself fails, or cannot read a request: programs get a problem, people a page."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from rounds.api.problems import Problem

PROGRAMS = "/api/v1/"


def failed(request: HttpRequest) -> HttpResponse:
    """A failure of ours: it is in the log."""
    if request.path.startswith(PROGRAMS):
        told = "The server failed; this is in its log. Send it again later, with the same key: nothing is done twice."
        return Problem(500, told).reply()
    return defaults.server_error(request)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be one: a host that is not ours, say."""
    if request.path.startswith(PROGRAMS):
        return Problem(400, "The request cannot be read.").reply()
    return defaults.bad_request(request, exception)
