"""Terms as they are kept and written by people ("12.5%", "2 hours"), read into the exact values of `core`."""

import re
from decimal import Decimal
from fractions import Fraction

from rounds.core.money import SECONDS_PER_HOUR, Refused, parse_amount, show_amount, show_hours
from rounds.core.reading import multiplier, share
from rounds.core.reading_terms import read_interest
from rounds.core.terms import Lateness, Monitoring


def parse_share(text: str, what: str = "share") -> Fraction:
    """Read "12.5%" as 1/8; without the sign it is per cent just the same."""
    return share(f"{text.strip().removesuffix('%').rstrip()}%", what)


def show_number(exact: Fraction) -> str:
    """Write 3/2 as "1.5"."""
    return f"{(Decimal(exact.numerator) / exact.denominator).normalize():f}"


def show_share(part: Fraction) -> str:
    """Write 1/8 as "12.5%"."""
    return f"{show_number(part * 100)}%"


def parse_hours(text: str, what: str = "hours") -> int:
    """Read "2.5" or "2:30" hours as 9000 seconds. Refused: what is not whole seconds."""
    clock = re.fullmatch(r"(\d{1,5}):([0-5]\d)", text.strip())
    if clock:
        return int(clock[1]) * SECONDS_PER_HOUR + int(clock[2]) * 60
    seconds = multiplier(text, what) * SECONDS_PER_HOUR
    if seconds.denominator != 1:
        raise Refused(f"{what}: “{text}” is not whole seconds; write quarters like 1.25")
    return int(seconds)


def parse_monitoring(text: str) -> Monitoring | None:
    """Read how monitoring is paid: "none", "included", a monthly fee, or "2 hours"; "" is as the plan has it."""
    words = text.strip()
    if not words:
        return None
    if words in {"none", "included"}:
        return Monitoring(is_included=words == "included")
    hours = re.fullmatch(r"(\S+)\s*(?:hours?|h)", words)
    found = (
        Monitoring(seconds=parse_hours(hours[1], "monitoring"))
        if hours
        else Monitoring(fee=parse_amount(words, "monitoring"))
    )
    if (found.fee or 0) < 0 or (found.seconds or 0) < 0:
        raise Refused("monitoring is negative")
    return found


def show_monitoring(monitoring: Monitoring | None) -> str:
    """Write how monitoring is paid so that `parse_monitoring` reads the same."""
    if monitoring is None:
        return ""
    if monitoring.fee is not None:
        return show_amount(monitoring.fee)
    if monitoring.seconds is not None:
        return f"{show_hours(monitoring.seconds)} hours"
    return "included" if monitoring.is_included else "none"


def parse_lateness(rate: str, grace_days: int = 0, minimum: int = 0) -> Lateness | None:
    """Read interest on late invoices: a rate like "12% a year" or "1.5% a month"; "" is none."""
    if not rate.strip():
        return None
    share_of, is_monthly = read_interest(rate, "interest")
    return Lateness(share_of, is_monthly, grace_days, minimum)


def show_lateness(lateness: Lateness | None) -> str:
    """Write a rate of interest so that `parse_lateness` reads the same."""
    if lateness is None:
        return ""
    return f"{show_share(lateness.rate)} a {'month' if lateness.is_monthly else 'year'}"
