"""Template tags of all pages: amounts, hours, moments, states, navigation, form fields."""

from datetime import date, datetime

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rounds.core.money import show_hours
from rounds.pages import counting

register = template.Library()

SHAPES = {"trouble": "●", "soon": "▲", "well": "○", "unmeasured": "–"}
WORDS = {"trouble": "trouble", "soon": "soon", "well": "well", "unmeasured": "not measured"}


@register.filter
def money(cents: int | None) -> str:
    """Write cents as an amount with thousands separators: 123450 is 1,234.50; nothing for None."""
    return "" if cents is None else f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


@register.filter
def counted(count: int, nouns: str) -> str:
    """Write how many of what: 1 machine, 2 machines."""
    return counting.counted(count, nouns)


@register.filter
def whole(cents: int | None) -> str:
    """Write cents as a whole amount, for estimates: 123450 is 1,235; nothing for None."""
    return "" if cents is None else f"{(abs(cents) + 50) // 100 * (-1 if cents < 0 else 1):,}"


@register.filter
def hours(seconds: int | None) -> str:
    """Write seconds as hours, with no more decimals than they have: 6300 is 1.75, 1350 is 0.375."""
    return "" if seconds is None else show_hours(seconds)


@register.filter
def minutes_as_hours(minutes: int | None) -> str:
    """Write minutes as hours and minutes: 95 is 1:35."""
    return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02d}"


@register.filter
def spoken(minutes: int) -> str:
    """Say minutes as people do: 45 is "45 minutes", 90 is "1.5 hours", 80 is "1 hour 20 minutes"."""
    whole_hours, rest = divmod(minutes, 60)
    if not whole_hours:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    if rest == 30:
        return f"{whole_hours}.5 hours"
    words = "1 hour" if whole_hours == 1 else f"{whole_hours} hours"
    return f"{words} {rest} minutes" if rest else words


@register.filter
def running(since: datetime) -> str:
    """How long something has been running, in hours and minutes."""
    return minutes_as_hours(max(0, int((timezone.now() - since).total_seconds() // 60)))


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """A moment as distance from now, with the exact one as title."""
    if moment is None:
        return "never"
    seconds = (timezone.now() - moment).total_seconds()
    exact = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, _distance(seconds))


def _distance(seconds: float) -> str:
    size, suffix = abs(seconds), "ago" if seconds >= 0 else "from now"
    for limit, unit, word in ((90, 1, "s"), (5400, 60, "min"), (129_600, 3600, "h")):
        if size < limit:
            return f"{size / unit:.0f} {word} {suffix}"
    return f"{size / 86400:.0f} days {suffix}"


@register.filter
def days_from_now(day: date | None) -> str:
    """A day as distance from today: today, tomorrow, in 5 days, 3 days late."""
    if day is None:
        return ""
    distance = (day - timezone.localdate()).days
    near = {0: "today", 1: "tomorrow", -1: "1 day late"}
    return near.get(distance) or (f"in {distance} days" if distance > 0 else f"{-distance} days late")


@register.simple_tag
def state(name: str, words: str = "") -> SafeString:
    """A state told by shape, word and colour: trouble, soon, well or unmeasured."""
    return format_html('<span class="state {}">{} {}</span>', name, SHAPES[name], words or WORDS[name])


@register.simple_tag(takes_context=True)
def nav_link(context: RequestContext, address: str, words: str, *, exact: bool = False, also: str = "") -> SafeString:
    """A link of a navigation, marked when the page shown is under it, or under one of `also`, divided by spaces."""
    request: HttpRequest | None = context.get("request")
    path = request.path if request else ""
    current = path == address if exact else path.startswith((address, *also.split()))
    return format_html('<a href="{}"{}>{}</a>', address, SafeString(' aria-current="page"') if current else "", words)


@register.inclusion_tag("pages/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """One field of a form: label, input, help, and what is wrong with it."""
    if bound.use_fieldset:
        return {"field": bound, "label": bound.legend_tag(label_suffix=""), "is_group": True}
    kind = getattr(bound.field.widget, "input_type", "")
    return {"field": bound, "label": bound.label_tag(label_suffix=""), "is_check": kind == "checkbox"}


@register.inclusion_tag("pages/pager.html", takes_context=True)
def pager(context: RequestContext) -> dict[str, object]:
    """Count, pages and CSV link of the list that the page shows (`listing` in the context)."""
    return {"listing": context["listing"]}


@register.simple_tag(takes_context=True)
def sort_link(context: RequestContext, column: str, words: str) -> SafeString:
    """A column's heading that sorts by it, and the other way when it already does."""
    listing = context["listing"]
    turned = f"-{column}" if listing.sort == column else column
    arrow = {column: " ↑", f"-{column}": " ↓"}.get(listing.sort, "")
    return format_html('<a href="{}">{}{}</a>', listing.address(sort=turned, page=None), words, arrow)
