"""Form fields for amounts, hours and shares as people write them; the rest is refused with the correction."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from rounds.clients.days_off import parse_days_off, show_days_off
from rounds.clients.reading import (
    parse_hours,
    parse_lateness,
    parse_monitoring,
    parse_share,
    show_lateness,
    show_monitoring,
    show_share,
)
from rounds.core.calendars import read_week, show_week
from rounds.core.money import Refused, parse_amount, show_amount, show_hours

LARGEST_AMOUNT = 100_000_000_00
LARGEST_SECONDS = 100_000 * 3600


def _text(*, hint: str = "", mode: str = "decimal") -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off", "placeholder": hint})


class _Told(forms.Field):
    """A field that a function reads and that another writes; both work on what is not empty."""

    read: Callable[[str], Any]
    show: Callable[[Any], str]

    def to_python(self, value: Any) -> Any:
        """What was meant, or the reason why it cannot be."""
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            return type(self).read(str(value))
        except Refused as reason:
            raise ValidationError(str(reason).removeprefix("amount: ")) from None

    def prepare_value(self, value: Any) -> Any:
        """As it is written; what was typed stays as typed."""
        return value if value is None or isinstance(value, str) else type(self).show(value)


def _amount(text: str) -> int:
    cents = parse_amount(text.replace(",", "") if "." in text else text)
    if not 0 <= cents <= LARGEST_AMOUNT:
        raise Refused("an amount here is not negative" if cents < 0 else "this amount is too large to be meant")
    return cents


def _hours(text: str) -> int:
    seconds = parse_hours(text)
    if not 0 <= seconds <= LARGEST_SECONDS:
        raise Refused("hours here are not negative" if seconds < 0 else "these are too many hours to be meant")
    return seconds


def _share(text: str) -> Fraction:
    share = parse_share(text)
    if share < 0:
        raise Refused("a share here is not negative")
    return share


def _monitoring(text: str) -> str:
    return show_monitoring(parse_monitoring(text))


class AmountField(_Told):
    """An amount, kept in cents; not negative."""

    widget = _text(hint="0.00")
    read, show = staticmethod(_amount), staticmethod(show_amount)


class HoursField(_Told):
    """Hours such as 1.5 or 1:30, kept in seconds; not negative."""

    widget = _text()
    read, show = staticmethod(_hours), staticmethod(show_hours)


class ShareField(_Told):
    """A share such as 12.5%, as an exact fraction; not negative."""

    widget = _text(hint="0%")
    read, show = staticmethod(_share), staticmethod(show_share)


def _week(text: str) -> str:
    return show_week(read_week(text))


def _days_off(text: str) -> str:
    return show_days_off(parse_days_off(text))


class WeekField(_Told):
    """Business hours, in the words in which they are kept: Mon-Fri 08:00-18:00, Sat 09:00-12:00."""

    widget = _text(mode="text")
    read, show = staticmethod(_week), staticmethod(str)


class DaysOffField(_Told):
    """Holidays, in the words in which they are kept: US-CA, 2026-12-24."""

    widget = _text(mode="text")
    read, show = staticmethod(_days_off), staticmethod(str)


class MonitoringField(_Told):
    """How monitoring is paid, in the words in which it is kept: none, included, 75.00 or 2 hours."""

    widget = _text(mode="text")
    read, show = staticmethod(_monitoring), staticmethod(str)


def _interest(text: str) -> str:
    return show_lateness(parse_lateness(text))


class InterestField(_Told):
    """A rate of interest, in the words in which it is kept: 12% a year, 1.5% a month."""

    widget = _text(mode="text")
    read, show = staticmethod(_interest), staticmethod(str)
