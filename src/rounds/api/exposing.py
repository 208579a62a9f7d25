"""Answers Prometheus: the shop's own health in its text format, to any token that holds."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from rounds.api.answering import recognise
from rounds.api.health import health
from rounds.api.problems import Problem


@csrf_exempt
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Every figure of the shop's health, now."""
    now = timezone.now()
    try:
        recognise(request, now)
    except Problem as problem:
        return problem.reply()
    registry = CollectorRegistry()
    registry.register(_Health(now))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Health(Collector):
    """What the library asks for the figures, once."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        return health(self._at)
