"""Describes invoices in the shape that the README of the worked examples defines, amounts and hours as text."""

from collections.abc import Iterable

from rounds.core.account import Kind, Line
from rounds.core.acts import Issued
from rounds.core.bringing import OLD
from rounds.core.money import show_amount, show_hours
from rounds.core.taxing import PLAIN, TaxRow

TIMED = {Kind.HOURS, Kind.OVERAGE, Kind.LABOUR}


def describe_invoice(issued: Issued, still_open: int) -> dict[str, object]:
    """Describe an invoice as it was issued, and what is open of it."""
    closing = issued.closing
    return {
        "date": str(closing.on),
        "due": str(closing.due),
        "lines": [_describe_line(line) for line in closing.lines],
        "tax": show_amount(closing.tax),
        **describe_taxes(closing.taxes),
        "total": show_amount(closing.total),
        "from_retainer": show_amount(closing.from_retainer),
        "open": show_amount(still_open),
    }


def describe_taxes(rows: Iterable[TaxRow]) -> dict[str, object]:
    """Describe the taxes of an invoice one by one, where a shop has codes; one tax alone is told by its amount."""
    shown = [
        {"code": row.tax.code, "base": show_amount(row.base), "tax": show_amount(row.amount)}
        for row in rows
        if row.tax.code not in {PLAIN, OLD}
    ]
    return {"taxes": shown} if shown else {}


def _describe_line(line: Line) -> dict[str, str]:
    """Describe a line of an invoice, with its hours where it is time."""
    hours = {"hours": show_hours(line.seconds or 0)} if line.kind in TIMED else {}
    return {"kind": str(line.kind), **hours, "amount": show_amount(line.amount)}
