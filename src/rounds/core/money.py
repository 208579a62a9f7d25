"""Amounts are whole cents, time is whole seconds; what rounds, rounds here (billing-rules.md, "Numbers")."""

import re
from decimal import Decimal
from fractions import Fraction

SECONDS_PER_HOUR = 3600

_AMOUNT = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]+))?")


class Refused(ValueError):
    """Input that the rules refuse; the message says why, in words that the person who entered it can act on."""


def round_half_away(exact: int | Fraction) -> int:
    """Round to the nearest whole number, halves away from zero."""
    return _divided(exact.numerator, exact.denominator)


def _divided(dividend: int, divisor: int) -> int:
    """Divide by a positive number, and round so: whole numbers all the way, as fractions are slow."""
    rounded = (2 * abs(dividend) + divisor) // (2 * divisor)
    return rounded if dividend >= 0 else -rounded


def price(seconds: int | Fraction, hourly_rate: int | Fraction) -> int:
    """Price time: seconds at a rate in cents an hour, computed exactly and rounded once, to cents."""
    divisor = seconds.denominator * hourly_rate.denominator * SECONDS_PER_HOUR
    return _divided(seconds.numerator * hourly_rate.numerator, divisor)


def discounted(rate: int, discount: Fraction) -> Fraction:
    """A rate in cents less a discount (a share from 0 to 1): exact, not yet rounded."""
    return rate * (1 - discount)


def parse_amount(text: str, what: str = "amount") -> int:
    """Read "1234.50" as 123450 cents. Refused: no number, or more decimals than the currency has."""
    match = _AMOUNT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise Refused(f"{what}: “{text}” is not an amount; write it like 12.50")
    sign, whole, decimals = match.groups(default="")
    if len(decimals) > 2:
        raise Refused(f"{what}: “{text}” has more decimals than the currency; write it like 12.50")
    cents = int(whole) * 100 + int(decimals.ljust(2, "0"))
    return -cents if sign == "-" else cents


def show_amount(cents: int) -> str:
    """Write cents as "1234.50", without thousands separators: the form of files and of the worked examples."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def show_hours(seconds: int) -> str:
    """Write seconds as hours with at most four decimals and no trailing zeros: 6300 is "1.75"."""
    hours = (Decimal(seconds) / SECONDS_PER_HOUR).quantize(Decimal("0.0001"))
    text = f"{hours:f}".rstrip("0").rstrip(".")
    return text if text not in {"", "-0"} else "0"
