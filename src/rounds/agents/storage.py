"""What a storage of samples does: keeps a day of a machine's figures when its check-ins are sealed, and reads spans.

There are two: chunks in the installation's own database, and VictoriaMetrics beside it. Which one is used is one
setting, ROUNDS_VICTORIA; `history.read` adds what is not sealed yet, so that nobody else needs to know of either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from rounds.agents.figures import ALL, Names
from rounds.core.packing import Table
from rounds.core.rolling import column_of

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000  # milliseconds
STEPS = (5 * MINUTE, HOUR, DAY)  # of rolled-up figures


class NotYet(Exception):
    """The storage cannot keep samples now; their check-ins stay, and it is tried again."""


class Overtaken(Exception):
    """Another process has kept the same meanwhile; nothing of this was."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to read: from a moment up to before another (milliseconds), as taken or rolled up, and of which figures.

    `step` 0 asks for samples as they were taken, one of STEPS for stretches of that length, in columns as
    `core.rolling` names them, of the given kinds.
    """

    since: int
    until: int
    step: int = 0
    names: Names = ALL
    kinds: tuple[str, ...] = ("min", "max", "avg", "last", "p95")

    def __post_init__(self) -> None:
        if self.step not in {0, *STEPS}:
            raise ValueError(f"nothing is rolled up into stretches of {self.step} ms")

    @property
    def begin(self) -> int:
        """From when on: that of the stretch in which the span begins."""
        return self.since // self.step * self.step if self.step else self.since

    def wants(self, column: str) -> bool:
        """Is a stored column asked for?"""
        if not self.step:
            return self.names.has(column)
        name, _, kind = column.rpartition("|")
        return kind in self.kinds and self.names.has(name)

    def chooser(self) -> Callable[[str], bool]:
        """`wants`, for many chunks in which the same columns come again."""
        exact = self.names.exact
        if self.names.beginnings or not exact:
            return cache(self.wants)
        columns = {column_of(name, kind) for name in exact for kind in self.kinds} if self.step else set(exact)
        return columns.__contains__


class Storage(Protocol):
    """A storage of samples."""

    def append(self, machine_id: int, day: int, table: Table) -> Callable[[], None]:
        """Make a machine's figures of a day (since 1970, UTC) ready to be kept, beside those that are there.

        What it gives is called in the transaction in which their check-ins go, and keeps them; Overtaken if that was
        done meanwhile. The same figures again change nothing. NotYet if they cannot be kept now.
        """


class Elsewhere(Storage, Protocol):
    """A storage beside the installation's own database."""

    def read(self, machine_id: int, asked: Asked) -> Table:
        """Read figures of a machine."""
