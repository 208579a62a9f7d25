"""Addresses of this stage: two pages, and an address for everything that programs can ask for."""

import re

from django.urls import path, re_path

from rounds.api import answering, exposing, views
from rounds.api.operations import BASE, by_path

app_name = "api"


def _pattern(address: str) -> str:
    """An address with keys as a pattern: keys are numbers, an invoice's number is text without control characters."""
    keys = {"number": r"[^/\x00-\x1f\x7f]{1,40}"}
    return "^" + re.sub(r"\{(\w+)\}", lambda one: f"(?P<{one[1]}>{keys.get(one[1], '[0-9]{1,15}')})", address) + "$"


urlpatterns = [
    path("settings/tokens", views.tokens, name="tokens"),
    path("settings/tokens/<int:token_id>/revocation", views.revocation, name="revocation"),
    path("metrics", exposing.metrics, name="metrics"),
    path("api/v1/", views.operations, name="operations"),
    path("api/v1/openapi.json", views.document, name="document"),
    *(re_path(_pattern(BASE.lstrip("/") + address), answering.view_of(found)) for address, found in by_path().items()),
    re_path(r"^api/", answering.nothing),
]
