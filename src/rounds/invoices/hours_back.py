"""Tells which hours went with a credit note: back to where work drew them, or off a block whose price went back."""

from rounds.charges.models import Draw, Refund
from rounds.core.money import show_hours
from rounds.invoices.models import CreditNote


def hours_with(note: CreditNote) -> list[tuple[str, str]]:
    """What happened, in words, each with the hours; in the order in which it did."""
    cause, found = f"credit:{note.pk}", dict[str, int]()
    refunds = Refund.objects.filter(cause=cause).select_related("block").order_by("pk")
    for refund in refunds.filter(was_credited=False):
        name = f"off the block of {_day(refund.block.bought_on)}, given back"
        found[name] = found.get(name, 0) + refund.seconds
    for draw in Draw.objects.filter(returned__cause=cause).select_related("block", "grant").order_by("pk"):
        where = "the block"
        if draw.block is not None:
            where = f"the block of {_day(draw.block.bought_on)}"
        elif draw.grant is not None:
            where = f"the included hours of {draw.grant.month:%B %Y}"
        found[f"back to {where}"] = found.get(f"back to {where}", 0) - draw.seconds
    for refund in refunds.filter(was_credited=True):
        name = f"off the block of {_day(refund.block.bought_on)}, whose price was given back before"
        found[name] = found.get(name, 0) + refund.seconds
    return [(name, f"{show_hours(seconds)} h") for name, seconds in found.items()]


def _day(day: object) -> str:
    return f"{day:%-d %B %Y}"
