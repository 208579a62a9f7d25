"""Shares of the clients, for several processes that work through all of them at the same time and should not meet."""

from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from rounds.core.money import Refused


@dataclass(frozen=True, slots=True)
class Share:
    """The clients of one process: the `part`th, from 1, `of` so many."""

    part: int = 1
    of: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.part <= self.of:
            raise Refused(f"“{self.part}/{self.of}” is no share; write it like 1/2")

    @property
    def of_clients(self) -> Q:
        """Its clients, by their keys."""
        return Q() if self.of == 1 else Q(Exact(Mod(F("pk"), self.of), self.part - 1))


WHOLE = Share()
