"""Reads amounts, hours and days as people and spreadsheets write them, and refuses what may mean two things."""

import re
from datetime import date
from fractions import Fraction

from rounds.core.money import SECONDS_PER_HOUR, Refused, parse_amount, round_half_away

_MONEY_SIGNS = re.compile(r"[\s'’$€£]|\b[A-Z]{3}\b")
_PLAIN = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_CLOCK = re.compile(r"([0-9]{1,6}):([0-5][0-9])")
_DAY = re.compile(r"([0-9]{1,4})([-./])([0-9]{1,2})\2([0-9]{1,4})")


def read_amount(text: str) -> int:
    """Read "1,234.50", "1.234,50", "$1234.5" or "" (nothing) as cents. Refused: negative, or more than two decimals."""
    if not text:
        return 0
    cents = parse_amount(_plain(text, "1234.50"), "the amount")
    if cents < 0:
        raise Refused("this is negative: write what is owed or held without a sign, and leave the rest out")
    return cents


def read_hours(text: str) -> int:
    """Read "5.5", "5,5", "5:30" or "" (none) as seconds. Refused: negative."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock:
        return int(clock[1]) * SECONDS_PER_HOUR + int(clock[2]) * 60
    if not text:
        return 0
    hours = Fraction(_plain(text, "5.5"))
    if hours < 0:
        raise Refused("this is negative: write the hours that are left, or leave the row out")
    if hours > 100_000:
        raise Refused("these are more hours than can be meant")
    return round_half_away(hours * SECONDS_PER_HOUR)


def read_day(text: str) -> date | None:
    """Read "2026-11-30", "30.11.2026", or "11/30/2026" where it cannot mean another day; "" is none."""
    if not text:
        return None
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise Refused("this is not a day; write it like 2026-11-30")
    first, sign, second, third = int(match[1]), match[2], int(match[3]), int(match[4])
    if len(match[1]) == 4:
        return _day(first, second, third)
    if len(match[4]) != 4:
        raise Refused("the year has four digits; write it like 2026-11-30")
    if sign != "/":
        return _day(third, second, first)
    if first <= 12 and second <= 12 and first != second:
        raise Refused("this may be two days; write it like 2026-11-30")
    return _day(third, first, second) if first <= 12 else _day(third, second, first)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused("there is no such day; write it like 2026-11-30") from None


def _plain(text: str, example: str) -> str:
    """A number with a point for decimals and nothing between thousands; the last of two signs divides the decimals."""
    bare = _MONEY_SIGNS.sub("", text)
    signs = [sign for sign in bare if sign in ".,"]
    if len(signs) > 1:
        whole, point, rest = bare.rpartition(signs[-1]) if len(set(signs)) == 2 else (bare, "", "")
        if not _THOUSANDS.fullmatch(whole):
            raise Refused(f"“{text}” is not a number; write it like {example}")
        bare = whole.replace(signs[0], "") + ("." + rest if point else "")
    elif signs:
        whole, _, rest = bare.partition(signs[0])
        if len(rest) == 3 and whole.lstrip("+-0"):
            raise Refused(f"“{text}” may be thousands or three decimals; write it like {example}")
        bare = bare.replace(",", ".")
    if not _PLAIN.fullmatch(bare):
        raise Refused(f"“{text}” is not a number; write it like {example}")
    return bare
