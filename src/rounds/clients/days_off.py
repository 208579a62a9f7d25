"""Days off as people write them, "US-CA, 2026-12-24": public holidays of a country or a part of it, and single days."""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import import_module
from typing import Any

from rounds.core.money import Refused

_REGION = re.compile(r"([A-Za-z]{2})(?:-([A-Za-z0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which the shop is closed whatever the weekday: single ones, and the public holidays of regions."""

    days: frozenset[date]
    regions: tuple[str, ...]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (day in self.days or any(day in _holidays(name) for name in self.regions))

    def __str__(self) -> str:
        return ", ".join([*self.regions, *(str(day) for day in sorted(self.days))])


def parse_days_off(text: str, what: str = "holidays") -> Container[date]:
    """Read what `DaysOff` writes. Refused: what is neither a day nor a region whose holidays are known."""
    days, regions = set(), []
    for word in filter(None, re.split(r"[,;\s]+", text)):
        if _REGION.fullmatch(word):
            regions.append(word.upper())
            _holidays(word.upper())
            continue
        try:
            days.add(date.fromisoformat(word))
        except ValueError:
            raise Refused(
                f"{what}: “{word}” is neither a country or state, like US or US-CA, nor a day, like 2026-12-24"
            ) from None
    return DaysOff(frozenset(days), tuple(dict.fromkeys(regions))) if regions else frozenset(days)


def show_days_off(days: Container[date] | None) -> str:
    """Write days off so that `parse_days_off` reads the same."""
    if isinstance(days, frozenset):
        return str(DaysOff(days, ()))
    return str(days) if isinstance(days, DaysOff) else ""


@lru_cache(maxsize=64)
def _holidays(region: str) -> Any:
    """The public holidays of a region: a dictionary that fills itself with each year that is asked about.

    The library takes a quarter of a second to load, so it is loaded when the first shop asks.
    """
    country, _, part = region.partition("-")
    try:
        return import_module("holidays").country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise Refused(
            f"holidays: those of “{region}” are not known; write a country like US, or a state like US-CA"
        ) from None
