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


def thin(figures: Iterable[Stretch], *, since: float, until: float, step: float) -> list[Stretch | None]:
    """Stretches of `step` from `since` to `until`; None where nothing was measured. Figures may come in any order."""
    count = max(1, round((until - since) / step))
    sums, lows, highs, counts = [0.0] * count, [0.0] * count, [0.0] * count, [0] * count
    for one in figures:
        if not since <= one.at < until:
            continue
        place = min(count - 1, int((one.at - since) / step))
        lows[place] = min(lows[place], one.low) if counts[place] else one.low
        highs[place] = max(highs[place], one.high) if counts[place] else one.high
        sums[place] += one.mean
        counts[place] += 1
    return [
        Stretch(since + (place + 0.5) * step, sums[place] / counts[place], lows[place], highs[place])
        if counts[place]
        else None
        for place in range(count)
    ]


def with_gaps(figures: Sequence[Stretch], *, longest: float) -> list[Stretch | None]:
    """Figures in the order of time, with None between two that are further apart than `longest`."""
    ordered = sorted(figures, key=lambda one: one.at)
    told: list[Stretch | None] = []
    for index, one in enumerate(ordered):
        if index and one.at - ordered[index - 1].at > longest:
            told.append(None)
        told.append(one)
    return told
