"""What the page and the PDF of an offer show: the kept figures, with names, differences and bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString

from rounds.charges.standing import KIND_NAMES
from rounds.core.account import Kind
from rounds.core.money import show_hours
from rounds.offers.bars import bars, label
from rounds.offers.models import Offer
from rounds.pages.printing import paper_for, printed
from rounds.pages.templatetags.rounds import money
from rounds.people.branding import brand_at
from rounds.people.models import Shop

TEMPLATE = Path(__file__).parent / "documents" / "offer.typ"


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of the comparison: the year as it was, or under a plan. `more` is the difference to what it was."""

    name: str
    terms: Sequence[str]
    months: Sequence[int]
    kinds: Sequence[tuple[str, int]]
    total: int
    more: int
    unused: int
    unused_seconds: int
    assumed: Sequence[str]
    picture: SafeString
    words: str
    is_lowest: bool = False

    @property
    def month(self) -> int:
        """An average month."""
        return round(self.total / len(self.months))

    @property
    def highest(self) -> int:
        """The month that cost most."""
        return max(self.months)

    @property
    def difference(self) -> str:
        """How it differs from what the year really cost, in words."""
        if not self.more:
            return "as much as it was"
        return f"{money(abs(self.more))} {'more' if self.more > 0 else 'less'} than it was"


def months_of(offer: Offer) -> list[date]:
    """The firsts of the offer's months."""
    return [date.fromisoformat(month) for month in offer.result["months"]]


def columns_of(offer: Offer) -> list[Shown]:
    """The year as it was, then under each plan."""
    result, months = offer.result, months_of(offer)
    real = {"name": f"As it was: {result['real']['plan']}", **result["real"]}
    rows = [real, *result["plans"]]
    highest = max(amount for row in rows for amount in row["months"])
    lowest = min(row["total"] for row in result["plans"])
    return [_shown(row, months, highest, real["total"], is_plan=row is not real, lowest=lowest) for row in rows]


def _shown(
    row: Mapping[str, Any], months: Sequence[date], highest: int, real: int, *, is_plan: bool, lowest: int
) -> Shown:
    return Shown(
        name=row["name"],
        terms=row.get("terms", ()),
        months=row["months"],
        kinds=[(KIND_NAMES[Kind(kind)], amount) for kind, amount in row["kinds"].items()],
        total=row["total"],
        more=row["total"] - real,
        unused=row.get("unused", 0),
        unused_seconds=row.get("unused_seconds", 0),
        assumed=row.get("assumed", ()),
        picture=bars(row["months"], months, highest),
        words=label(row["months"], months),
        is_lowest=is_plan and row["total"] == lowest,
    )


def downtime_words(offer: Offer) -> list[tuple[str, str]]:
    """What deferring cost, as pairs of label and figure; empty if nothing was deferred that came back."""
    told = offer.result["downtime"]
    if not told["titles"]:
        return []
    return [
        ("Incidents after work was deferred or declined", str(len(told["titles"]))),
        ("The work that had been proposed", f"{show_hours(told['proposed_seconds'])} h"),
        ("The repairs took", f"{show_hours(told['repair_seconds'])} h"),
        ("… and were worth, parts included", f"{offer.currency} {money(told['repair_cost'])}"),
        ("People could not work for", f"{show_hours(told['idle_seconds'])} h"),
        ("… which was worth", f"{offer.currency} {money(told['idle_cost'])}"),
    ]


def offer_pdf(offer: Offer, shop: Shop) -> bytes:
    """Print an offer."""
    columns, months = columns_of(offer), months_of(offer)
    data = {
        "paper": paper_for(offer.currency),
        "brand": brand_at(offer.made_at),
        "title": f"Offer for {offer.client.name}",
        "currency": offer.currency,
        "period": f"{offer.first_day:%B %Y} to {offer.last_day:%B %Y}",
        "date": f"{offer.made_at.date().day} {offer.made_at:%B %Y}",
        "shop": {
            "name": shop.name, "address": shop.address.strip(), "email": shop.email, "phone": shop.phone,
            "tax_number": shop.tax_number,
        },
        "client": {"name": offer.client.name, "address": offer.client.billing_address.strip()},
        "columns": [_printed_column(column) for column in columns],
        "months": [f"{month:%b %Y}" for month in months],
        "hours": [show_hours(seconds) for seconds in offer.result["seconds"]],
        "downtime": downtime_words(offer),
        "downtime_titles": offer.result["downtime"]["titles"],
        "assumed": [*offer.result["assumed"], *(f"{c.name.capitalize()}: {one}" for c in columns for one in c.assumed)],
    }  # fmt: skip
    return printed(TEMPLATE, data, offer.made_at)


def _printed_column(column: Shown) -> dict[str, object]:
    unused = []
    if column.unused_seconds:
        unused.append(f"{show_hours(column.unused_seconds)} included hours not used")
    if column.unused:
        unused.append(f"hours worth {money(column.unused)} left over")
    return {
        "name": column.name[:1].upper() + column.name[1:],
        "terms": list(column.terms),
        "total": money(column.total),
        "month": money(column.month),
        "highest": money(column.highest),
        "difference": column.difference if column.terms else "",
        "unused": unused,
        "is_lowest": column.is_lowest,
        "picture": str(column.picture),
        "words": column.words,
        "kinds": [[name, money(amount)] for name, amount in column.kinds],
        "months": [money(amount) for amount in column.months],
    }
