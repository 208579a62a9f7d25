"""Who may see a page: decorators for views; whoever may not is sent to sign in, or finds nothing there."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from rounds.people.models import User


class SignedIn(HttpRequest):
    """A request of somebody who has signed in."""

    user: User


type View[**P] = Callable[Concatenate[SignedIn, P], HttpResponseBase]
type OpenView[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _guard[**P](view: View[P], is_allowed: Callable[[User], bool]) -> OpenView[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not is_allowed(request.user):
            raise Http404("there is nothing here for you")
        return view(cast("SignedIn", request), *args, **kwargs)

    return guarded


def office[**P](view: View[P]) -> OpenView[P]:
    """For everybody of the shop: owner, technician, bookkeeper."""
    return _guard(view, lambda user: user.is_of_shop)


def technician[**P](view: View[P]) -> OpenView[P]:
    """For those who do the rounds and the work: technician and owner."""
    return _guard(view, lambda user: user.is_technician)


def bookkeeper[**P](view: View[P]) -> OpenView[P]:
    """For those who move money: bookkeeper and owner."""
    return _guard(view, lambda user: user.is_bookkeeper)


def owner[**P](view: View[P]) -> OpenView[P]:
    """For the owner alone: people, prices, settings."""
    return _guard(view, lambda user: user.is_owner)


def signed_in[**P](view: View[P]) -> OpenView[P]:
    """For everybody who has signed in; the view itself fetches through what the person may see."""
    return _guard(view, lambda _user: True)
