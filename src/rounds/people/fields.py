"""Form fields for the shop's days and moments: what its calendar or clock lacks is refused with the correction."""

import re
from calendar import monthrange
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from rounds.core.money import Refused
from rounds.people.shop import day_exists, local_moment, shop_zone

FIRST_YEAR, LAST_YEAR = 1980, 2200


def read_day(text: str) -> date:
    """Read "2026-03-29". Refused: another form, or a day that its month does not have, with the one it has."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text.strip())
    if found is None:
        raise Refused(f"“{text}” is not a date; write it like 2026-03-29")
    year, month, day = (int(part) for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(f"the year {year} is out of range; it may be {FIRST_YEAR} to {LAST_YEAR}")
    if not 1 <= month <= 12:
        raise Refused(f"there is no month {month}; it may be 1 to 12, in the order year-month-day")
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise Refused(f"there is no {text.strip()}: the last day of that month is {date(year, month, last)}")
    return date(year, month, day)


class LocalDayField(forms.Field):
    """A day in the shop's calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        """The day; what is not one is refused with what would be right."""
        if value in self.empty_values or isinstance(value, date):
            return value or None
        try:
            day = read_day(str(value))
        except Refused as reason:
            raise ValidationError(str(reason)) from None
        zone = shop_zone()
        if not day_exists(day, zone):
            raise ValidationError(f"there was no {day} in {zone.key}: the calendar skipped it")
        return day


class LocalMomentField(forms.Field):
    """A date and a time on the shop's clock; gives the aware moment in UTC, of two such moments the first.

    A time that the clock skips is refused with the next one; `shop.told_twice` says when a time comes twice.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        """A moment is shown as the shop's clock showed it; what was typed stays as typed."""
        return value.astimezone(shop_zone()).replace(tzinfo=None) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """The moment; what is not one is refused with what would be right."""
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        day, _, clock = re.sub(r"\s+", "T", str(value).strip()).partition("T")
        found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", clock)
        try:
            if found is None or int(found[1]) > 23 or int(found[2]) > 59:
                raise Refused(f"“{value}” is not a date and time; write it like 2026-03-29 14:30")
            return local_moment(read_day(day), time(int(found[1]), int(found[2])))
        except Refused as reason:
            raise ValidationError(str(reason)) from None
