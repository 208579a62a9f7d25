"""Reads one table of a file field by field and refuses what does not belong, saying where and what would be right."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from rounds.core.money import SECONDS_PER_HOUR, Refused, parse_amount, round_half_away

LARGEST = 10_000_000  # of anything counted in whole numbers: more is a slip of the finger

_SHARE = re.compile(r"([+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?) ?%")
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?")


class Table:
    """A table of named fields; each is taken once, and `finish` refuses those that nothing took."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, Mapping):
            raise Refused(f"{where} is not a table of fields")
        self._left = dict(values)
        self.where = where

    def has(self, name: str) -> bool:
        """Is the field given and not yet taken?"""
        return name in self._left

    def take[T, D](self, name: str, read: Callable[[object, str], T], *, default: D) -> T | D:
        """Read an optional field."""
        return read(self._left.pop(name), f"{self.where}: {name}") if name in self._left else default

    def need[T](self, name: str, read: Callable[[object, str], T]) -> T:
        """Read a field that the rules need."""
        if name not in self._left:
            raise Refused(f"{self.where}: {name} is missing")
        return read(self._left.pop(name), f"{self.where}: {name}")

    def finish(self) -> None:
        """Refuse fields that the rules do not know."""
        if self._left:
            raise Refused(f"{self.where}: “{sorted(map(str, self._left))[0]}” is not a field that the rules know")


def located[T](where: str, make: Callable[[], T]) -> T:
    """Make a value, and say where in the file it stands if it refuses itself."""
    try:
        return make()
    except Refused as refusal:
        if str(refusal).startswith(where):
            raise
        raise Refused(f"{where}: {refusal}") from None


def anything(value: object, what: str) -> object:  # noqa: ARG001 - what it is depends on the field's name
    """Take a field as it stands, for a reader of its own."""
    return value


def text(value: object, what: str) -> str:
    """Read text."""
    if not isinstance(value, str):
        raise Refused(f"{what} is not text")
    return value


def flag(value: object, what: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise Refused(f"{what} is neither true nor false")
    return value


def amount(value: object, what: str) -> int:
    """Read an amount that is not negative, written as text, as cents."""
    if not isinstance(value, str):
        raise Refused(f'{what}: write amounts as text, like "12.50"')
    cents = parse_amount(value, what)
    if cents < 0:
        raise Refused(f"{what} is negative")
    return cents


def number(value: object, what: str) -> Fraction:
    """Read a number that is not negative, exactly: as written, never as the float that is nearest to it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Refused(f"{what} is not a number")
    if value != value or not -LARGEST <= value <= LARGEST:  # noqa: PLR0124 - "not a number" alone differs from itself
        raise Refused(f"{what} is not a number that can be meant")
    exact = Decimal(str(value))
    if exact < 0:
        raise Refused(f"{what} is negative")
    return Fraction(exact)


def whole(value: object, what: str) -> int:
    """Read a whole number that is not negative."""
    exact = number(value, what)
    if exact.denominator != 1:
        raise Refused(f"{what}: {value} is not a whole number")
    return int(exact)


def seconds(value: object, what: str) -> int:
    """Read hours, as seconds."""
    return round_half_away(number(value, what) * SECONDS_PER_HOUR)


def share(value: object, what: str) -> Fraction:
    """Read a share like "8.25%"."""
    match = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Refused(f'{what}: “{value}” is not a share; write it like "8.25%"')
    return Fraction(match[1]) / 100


def multiplier(value: object, what: str) -> Fraction:
    """Read a multiplier, as text like "1.5" or as a number."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise Refused(f'{what}: “{value}” is not a number; write it like "1.5"')
        return Fraction(value.strip())
    return number(value, what)


def day(value: object, what: str) -> date:
    """Read a date without a time."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Refused(f"{what} is not a date; write it like 2005-04-01")
    return value


def moment(value: object, what: str) -> datetime:
    """Read a moment, local to the shop; a date without a time counts as noon."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise Refused(f"{what}: moments are local to the shop; leave the offset out")
        return value
    return datetime.combine(day(value, what), time(12))


def word[W: StrEnum](known: type[W]) -> Callable[[object, str], W]:
    """Make a reader of one of the words that the rules know."""

    def read(value: object, what: str) -> W:
        if isinstance(value, str) and value in set(known):
            return known(value)
        raise Refused(f"{what}: “{value}” is none of {', '.join(known)}")

    return read


def each[T](read: Callable[[object, str], T]) -> Callable[[object, str], tuple[T, ...]]:
    """Make a reader of a list."""

    def read_all(value: object, what: str) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise Refused(f"{what} is not a list")
        return tuple(read(one, what) for one in value)

    return read_all
