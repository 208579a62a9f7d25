"""Reads what the lines of closings bill, of many closings at once, as plain values: they do not change any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rounds.charges.models import Closing, ClosingLine
from rounds.core.account import Kind

LINE = ("amount", "seconds", "rate", "quantity", "first_day", "last_day", "tax", "charge")
WORK = ("charge__rated", "charge__rated__done_on", "charge__rated__trace", "charge__rated__part__name")
STINT = tuple(
    f"charge__rated__stint__{name}" for name in ("category", "place", "is_after_hours", "note", "order__title")
)


@dataclass(frozen=True, slots=True)
class Work:
    """What was rated: a part by its name, or a stint."""

    done_on: date
    trace: Sequence[str]
    part: str | None
    category: str | None
    place: str | None
    is_after_hours: bool | None
    note: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Billed:
    """A line of a closing: `charge` is the key of what it bills, unless that is a fee, monitoring, hours or a deposit.

    `work` is what the charge was for; interest has none. `included` are the seconds a month of a fee's agreement.
    """

    position: int
    kind: Kind
    included: int | None
    work: Work | None
    amount: int
    seconds: int | None
    rate: int | None
    quantity: int | None
    first_day: date | None
    last_day: date | None
    tax: int | None
    charge: int | None


def lines_of(closings: Sequence[Closing]) -> dict[int, list[Billed]]:
    """The lines of some closings, in the order printed, by closing."""
    found: dict[int, list[Billed]] = {closing.pk: [] for closing in closings}
    asked = ClosingLine.objects.filter(closing__in=closings).order_by("position")
    about = ("closing", "position", "kind", "agreement__included_seconds", *LINE, *WORK, *STINT)
    for closing, position, kind, included, *rest in asked.values_list(*about):
        line, (rated, *work) = rest[: len(LINE)], rest[len(LINE) :]
        done = Work(*work) if rated is not None else None
        found[closing].append(Billed(position, Kind(kind), included, done, *line))
    return found
