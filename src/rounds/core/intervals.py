"""Sets of whole numbers as spans: what numbers of an agent have been seen takes one row while there is no gap."""

from collections.abc import Iterable

type Span = tuple[int, int]  # from the first to the last number, both in it


def add(spans: Iterable[Span], numbers: Iterable[int]) -> list[Span]:
    """The spans with some numbers more: as few as there can be, ascending, none touching another."""
    joined: list[Span] = []
    for first, last in sorted([*spans, *((number, number) for number in numbers)]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
