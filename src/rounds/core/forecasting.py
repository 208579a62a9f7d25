"""Says when a disk will be full: the daily maxima of its use in; a span, or nothing where nothing can be said, out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from statistics import median

FEWEST_DAYS = 7  # below this, a line through the points says nothing
MOST_DAYS = 60  # what lies further back is another story
FAR_AWAY = 3650.0  # days: not in this machine's life
SURE = 1.645  # standard deviations on either side: nine spans of ten hold the true slope


@dataclass(frozen=True, slots=True)
class Span:
    """Full in so many days from the last day measured: at the steepest and at the flattest growth that fits."""

    earliest: float
    latest: float


def forecast(maxima: Mapping[date, float], *, full: float = 100.0) -> Span | None:
    """Forecast from the daily maxima (percent by day); None: too few days, or it does not surely grow.

    The slope is Theil and Sen's (the median of the slopes between all pairs of days), which a nightly backup, a
    clean-up or a bad day does not fool; its interval is that of the ranks of these slopes (Sen 1968, by Kendall's
    variance n(n−1)(2n+5)/18).
    """
    days = sorted(maxima)[-MOST_DAYS:]
    if len(days) < FEWEST_DAYS:
        return None
    slopes = sorted((maxima[b] - maxima[a]) / (b - a).days for a, b in combinations(days, 2))
    reach = SURE * math.sqrt(len(days) * (len(days) - 1) * (2 * len(days) + 5) / 18)
    low = max(0, math.floor((len(slopes) - reach) / 2))
    flattest, steepest = slopes[low], slopes[len(slopes) - 1 - low]
    if flattest <= 0:
        return None
    middle = median(slopes)
    # The line stands where the points do: its height on the last day is the median of what each point says.
    height = median(maxima[day] + middle * (days[-1] - day).days for day in days)
    left = max(0.0, full - height)
    return Span(earliest=min(FAR_AWAY, left / steepest), latest=min(FAR_AWAY, left / flattest))


def in_words(span: Span) -> str:
    """Say a span as a person would: "in 9–16 days", "in 3 days", "today"."""
    earliest, latest = math.floor(span.earliest), math.ceil(span.latest)
    if latest >= FAR_AWAY:
        return f"in {earliest} days or more"
    if latest <= 1:
        return "today or tomorrow"
    return f"in {earliest} days" if earliest == latest else f"in {earliest}–{latest} days"
