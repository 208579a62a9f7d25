"""Thins a series for a picture: figures by moment in, one mean with its range for each stretch of time out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was measured in a stretch of time, at its middle: mean, lowest, highest."""

    at: float
    mean: float
    low: float
    high: float


def thin(figures: Iterable[tuple[float, float]], *, since: float, until: float, step: float) -> list[Stretch | None]:
    """Stretches of `step` from `since` to `until`; None where nothing was measured. Figures may come in any order."""
    count = max(1, round((until - since) / step))
    sums, lows, highs, counts = [0.0] * count, [0.0] * count, [0.0] * count, [0] * count
    for at, figure in figures:
        if not since <= at < until:
            continue
        place = min(count - 1, int((at - since) / step))
        lows[place] = min(lows[place], figure) if counts[place] else figure
        highs[place] = max(highs[place], figure) if counts[place] else figure
        sums[place] += figure
        counts[place] += 1
    return [
        Stretch(since + (place + 0.5) * step, sums[place] / counts[place], lows[place], highs[place])
        if counts[place]
        else None
        for place in range(count)
    ]


def with_gaps(figures: Sequence[tuple[float, float]], *, longest: float) -> list[tuple[float, float] | None]:
    """Figures in the order of time, with None between two that are further apart than `longest`."""
    ordered = sorted(figures)
    told: list[tuple[float, float] | None] = []
    for index, (at, figure) in enumerate(ordered):
        if index and at - ordered[index - 1][0] > longest:
            told.append(None)
        told.append((at, figure))
    return told
