"""Says whether far more mails come than usual: the moments of mails in; a surge, or that it is over, out.

What is usual is the past of the same source: the busiest day of the four weeks before, counted as 24 hours on end. A
surge is three times that, and ten mails at the least, so that the second mail of a quiet source is none. Without two
weeks of past the least is twenty. It is over when the last 24 hours hold less than half of what began it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)
PAST = timedelta(days=28)
ENOUGH_PAST = timedelta(days=14)
TIMES, FEWEST, FEWEST_AT_FIRST = 3, 10, 20


@dataclass(frozen=True, slots=True)
class Count:
    """How many came in the last 24 hours, how many are usual (the busiest day), and from how many on it is a surge."""

    latest: int
    usual: int
    limit: int

    @property
    def is_surge(self) -> bool:
        """Is it a surge?"""
        return self.latest >= self.limit

    @property
    def is_over(self) -> bool:
        """Is a surge that was seen before over?"""
        return 2 * self.latest < self.limit


def count(came: Sequence[datetime], now: datetime, *, since: datetime) -> Count:
    """Count the mails of a source, in order of time; `since`: the source is there from then on."""
    starts = bisect_right(came, now - WINDOW)
    in_window = bisect_right(came, now) - starts
    past = came[bisect_left(came, now - WINDOW - PAST) : starts]
    usual = _busiest(past)
    known = now - WINDOW - since >= ENOUGH_PAST
    return Count(in_window, usual, max(TIMES * usual, FEWEST if known else FEWEST_AT_FIRST))


def _busiest(came: Sequence[datetime]) -> int:
    """The most mails in any 24 hours on end."""
    most = first = 0
    for last, moment in enumerate(came):
        while came[first] <= moment - WINDOW:
            first += 1
        most = max(most, last - first + 1)
    return most
