"""Reads what the lines of a closing bill, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from rounds.charges.models import Closing, ClosingLine
from rounds.core.account import Kind
from rounds.rows.asking import Question

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


def lines_of(closing: Closing) -> list[Billed]:
    """The lines of a closing, in the order printed."""
    found = []
    for position, kind, included, *rest in LINES.about(closing.pk):
        line, (rated, *work) = rest[: len(LINE)], rest[len(LINE) :]
        done = Work(*work) if rated is not None else None
        found.append(Billed(position, Kind(kind), included, done, *line))
    return found


def _lines(closing: int) -> QuerySet[ClosingLine, tuple[Any, ...]]:
    asked = ClosingLine.objects.filter(closing=closing).order_by("position")
    return asked.values_list("position", "kind", "agreement__included_seconds", *LINE, *WORK, *STINT)


LINES = Question(_lines)
