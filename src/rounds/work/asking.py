"""What views of work share: the moment and the day, where to go after an action, words for what was refused."""

from datetime import UTC, date, datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from rounds.core.days import add_months, first_of_month
from rounds.people.shop import local_day, shop_zone


def today() -> date:
    """The shop's day."""
    return local_day(timezone.now())


def midnight(day: date) -> datetime:
    """The moment at which the shop's day begins."""
    return datetime.combine(day, time(), tzinfo=shop_zone()).astimezone(UTC)


def next_month() -> date:
    """The first of the next month, when a deferral usually asks again."""
    return add_months(first_of_month(today()), 1)


def go_on(request: HttpRequest, default: str) -> HttpResponse:
    """Go to the page that the form names in `next`, if it is one of ours, else to `default`."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/")
    return redirect(asked if is_ours else default)


def say_errors(request: HttpRequest, form: forms.Form) -> None:
    """Say what is wrong with a form that is not shown again."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else None
        for error in errors:
            messages.error(request, f"{error}" if name == "__all__" else f"{label or name.capitalize()}: {error}")


def as_key(text: str | None) -> int:
    """A row's key as an address has it; 0, which no row has, for what is none."""
    return int(text) if text and text.isdecimal() and len(text) < 18 else 0


def named_key(request: HttpRequest, name: str) -> int | None:
    """The row's key that a form or the address names; None if it names none."""
    text = request.POST.get(name) or request.GET.get(name)
    return as_key(text) if text else None
