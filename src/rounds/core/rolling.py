"""Rolls a table of figures up: per stretch of time the least, greatest, mean, last and 95th percentile of each figure.

The stretches begin at whole multiples of their length since 1970 (days are those of UTC). A stretch in which nothing
was measured is not there. A rolled-up figure is a column `NAME|min`, `NAME|max`, `NAME|avg`, `NAME|last`, `NAME|p95`.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from rounds.core.columns import Column
from rounds.core.packing import Table

KINDS = ("min", "max", "avg", "last", "p95")
AVERAGE_DIGITS = 6  # of a mean: more would be noise, and costs bytes


def column_of(name: str, kind: str) -> str:
    """The name of a rolled-up column."""
    return f"{name}|{kind}"


def roll_up(table: Table, step: int) -> Table:
    """Roll a table of samples up into stretches of `step` milliseconds."""
    places = list(_stretches(table.times, step))
    columns: dict[str, Column] = {}
    for name, column in table.columns.items():
        rolled = [_rolled([figure for figure in column[begin:end] if figure is not None]) for _, begin, end in places]
        for number, kind in enumerate(KINDS):
            columns[column_of(name, kind)] = [one[number] if one else None for one in rolled]
    return Table([at for at, _, _ in places], columns)


def _stretches(times: Sequence[int], step: int) -> Iterator[tuple[int, int, int]]:
    """Each stretch: its begin, and from which row up to which."""
    begin = 0
    for number, moments in groupby(times, lambda at: at // step):
        end = begin + len(list(moments))
        yield number * step, begin, end
        begin = end


def _rolled(figures: list[float]) -> tuple[float, float, float, float, float] | None:
    if not figures:
        return None
    ordered, count = sorted(figures), len(figures)
    if ordered[0] == ordered[-1]:
        return (figures[0],) * 5
    return ordered[0], ordered[-1], _mean(figures), figures[-1], ordered[math.ceil(0.95 * count) - 1]


def _mean(figures: list[float]) -> float:
    mean = sum(figures) / len(figures)
    return float(f"{mean:.{AVERAGE_DIGITS}g}")
