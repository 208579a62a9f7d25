"""Shows every moment of a page in the shop's time zone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from rounds.people.shop import shop_zone


class ShopTimeMiddleware:
    """Makes the shop's time zone the current one while a page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the shop's time."""
        with timezone.override(shop_zone()):
            return self.get_response(request)
