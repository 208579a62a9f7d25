"""What was recorded, as rating sees it: work and parts, with the day on which they were done and that of recording."""

from dataclasses import dataclass
from datetime import date, datetime

from rounds.core.taxing import Site
from rounds.core.terms import Place

type Key = int | str
type VisitKey = tuple[Key, date, Place]  # order, local day, place


@dataclass(frozen=True, slots=True)
class Work:
    """A stint as rating sees it: done on a local day, recorded on a day that may be later; `key` is its cause.

    `is_after_hours` None: the clock decides, where there are business hours, from when it was `started`.
    """

    key: Key
    on: date
    recorded_on: date
    minutes: int
    category: str = "support"
    place: Place = Place.REMOTE
    is_after_hours: bool | None = None
    is_approved: bool = False
    is_no_charge: bool = False
    is_protected: bool = False
    cause: str = "unknown"
    started: datetime | None = None  # on the shop's clock
    site: Site | None = None  # where it was done, if that is known
    order: Key | None = None  # None: an order of its own

    @property
    def visit(self) -> VisitKey | None:
        """The visit that it belongs to: the work on one order, on one day, at one place."""
        return None if self.order is None else (self.order, self.on, self.place)


@dataclass(frozen=True, slots=True)
class Part:
    """Material used: a price each in cents, or a cost each to which the shop's markup is added; a whole quantity."""

    key: Key
    on: date
    recorded_on: date
    quantity: int
    price: int | None = None
    cost: int | None = None
    site: Site | None = None
