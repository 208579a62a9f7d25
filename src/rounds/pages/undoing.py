"""Tells that something was done, with a button that undoes it."""

from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html


def told_with_undo(request: HttpRequest, words: str, address: str) -> None:
    """Say at the top of the next page what was done; the button beside it posts to the address that undoes it."""
    form = format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="link">Undo</button></form>',
        address,
        get_token(request),
    )
    messages.success(request, format_html("{} {}", words, form))
