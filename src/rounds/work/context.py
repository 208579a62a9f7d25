"""What every page shows at its top: the shop, and the timer that the person has running."""

from typing import Any

from django.http import HttpRequest

from rounds.people.models import User
from rounds.people.shop import the_shop
from rounds.work.models import Timer


def page(request: HttpRequest) -> dict[str, Any]:
    """The shop, and the running timer of whoever is signed in."""
    user = getattr(request, "user", None)
    timer = None
    if isinstance(user, User) and user.is_technician:
        timer = Timer.objects.filter(who=user).select_related("order__client").first()
    return {"shop": the_shop(), "running_timer": timer}
