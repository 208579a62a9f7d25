"""Draws a year as twelve small bars, in SVG with attributes and classes only: the same in a page and in a PDF."""

from collections.abc import Sequence
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString

from rounds.pages.templatetags.rounds import money

WIDTH, HEIGHT, STEP = 240, 64, 20
ACCENT, LINE, SOFT = "#1f5fa8", "#d5dade", "#59636e"


def bars(amounts: Sequence[int], months: Sequence[date], highest: int) -> SafeString:
    """Twelve bars in cents, drawn to a common height, so that the plans of one offer can be compared by eye."""
    drawn = [
        _bar(place, amount, month, highest) for place, (amount, month) in enumerate(zip(amounts, months, strict=True))
    ]
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" xmlns="http://www.w3.org/2000/svg">'
        '{}<line class="grid" x1="0" x2="{}" y1="{}" y2="{}" stroke="{}"/></svg>',
        WIDTH, HEIGHT + 14, label(amounts, months), SafeString("".join(drawn)), WIDTH, HEIGHT, HEIGHT, LINE,
    )  # fmt: skip


def _bar(place: int, amount: int, month: date, highest: int) -> SafeString:
    """One month: a bar with its figure as title, and its initial below."""
    height = round(HEIGHT * max(0, amount) / max(1, highest), 1)
    return format_html(
        '<rect class="front" x="{}" y="{}" width="16" height="{}" fill="{}"><title>{}: {}</title></rect>'
        '<text x="{}" y="{}" font-size="9" fill="{}" text-anchor="middle">{}</text>',
        place * STEP + 2, round(HEIGHT - height, 1), height, ACCENT, f"{month:%B %Y}", money(amount),
        place * STEP + 10, HEIGHT + 11, SOFT, f"{month:%b}"[0],
    )  # fmt: skip


def label(amounts: Sequence[int], months: Sequence[date]) -> str:
    """What the bars show, in words."""
    high = max(range(len(amounts)), key=lambda place: amounts[place])
    low = min(range(len(amounts)), key=lambda place: amounts[place])
    return f"From {money(amounts[low])} in {months[low]:%B} to {money(amounts[high])} in {months[high]:%B} a month"
