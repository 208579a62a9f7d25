"""The form for the shop's prices and policies from a day on."""

import re
from datetime import date
from fractions import Fraction
from typing import Any

from django import forms

from rounds.clients.fields import AmountField, DaysOffField, InterestField, ShareField, WeekField
from rounds.clients.models import ShopTerms
from rounds.clients.reading import parse_share, show_number, show_share
from rounds.core.money import Refused
from rounds.core.reading import multiplier
from rounds.people.fields import LocalDayField

TIME_COUNTS = [("False", "each entry"), ("True", "each visit")]
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:hours?)?\s*[=:]\s*(\d+(?:\.\d+)?)\s*(?:hours?|free)?", re.IGNORECASE)


def told_by(row: ShopTerms, since: date) -> dict[str, Any]:
    """The prices of a version, as the form shows them, from another day on."""
    kept = ("hourly_rate", "increment_minutes", "grace_minutes", "minimum_remote_minutes", "minimum_onsite_minutes",
            "after_hours_multiplier", "monitoring_fee", "parts_markup", "net_days", "business_hours", "holidays",
            "interest_rate", "interest_grace_days", "interest_minimum", "is_per_visit", "trip_fee")  # fmt: skip
    sizes = "\n".join(f"{size} = {free}" for size, free in row.bonus_hours)
    return {name: getattr(row, name) for name in kept} | {"since": since, "bonus_hours": sizes}


class PricesForm(forms.Form):
    """Prices and policies of the shop; an agreement may say otherwise where it can."""

    since = LocalDayField(label="From", help_text="Today or later. What was done before is billed by the old prices.")
    hourly_rate = AmountField(label="Hourly rate")
    increment_minutes = forms.IntegerField(
        label="Increment in minutes", min_value=1, max_value=480, help_text="Time is rounded up to it."
    )
    grace_minutes = forms.IntegerField(
        label="Grace in minutes", min_value=0, max_value=240,
        help_text="A rest of at most so many over a whole increment is not charged.",
    )  # fmt: skip
    is_per_visit = forms.TypedChoiceField(
        label="Minimum and increment for", choices=TIME_COUNTS, required=False,
        coerce=lambda told: told == "True",
        help_text="A visit: the work on one order, on one day, at one place, however many entries it has.",
    )  # fmt: skip
    minimum_remote_minutes = forms.IntegerField(label="Minimum remote, minutes", min_value=0, max_value=1440)
    minimum_onsite_minutes = forms.IntegerField(label="Minimum on site, minutes", min_value=0, max_value=1440)
    after_hours_multiplier = forms.CharField(
        label="After hours, times", max_length=12, help_text="1.5: an hour counts as one and a half."
    )
    business_hours = WeekField(
        label="Business hours", required=False,
        help_text="Like Mon-Fri 08:00-18:00, Sat 09:00-12:00. Other work is after hours. Empty: people say it.",
    )  # fmt: skip
    holidays = DaysOffField(
        label="Holidays", required=False,
        help_text="A country or state, and days of your own, like US-CA, 2026-12-24. They are after hours.",
    )  # fmt: skip
    trip_fee = AmountField(
        label="A trip", required=False,
        help_text="Beside the time, once for an order’s day with work on site. Empty: nothing.",
    )  # fmt: skip
    monitoring_fee = AmountField(label="Monitoring, a month", help_text="Where it is not included.")
    parts_markup = ShareField(label="Markup on parts", required=False, help_text="On parts recorded at cost. Like 20%.")
    bonus_hours = forms.CharField(
        label="Free hours with a block", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One size a line: 10 = 1 means one free hour with ten or more.",
    )  # fmt: skip
    net_days = forms.IntegerField(label="Days to pay", min_value=0, max_value=365)
    interest_rate = InterestField(
        label="Interest on late invoices", required=False,
        help_text="Like 12% a year or 1.5% a month. Empty: none. Charged on the first of the month, by days.",
    )  # fmt: skip
    interest_grace_days = forms.IntegerField(
        label="Days late without interest", min_value=0, max_value=365, required=False
    )
    interest_minimum = AmountField(
        label="Least interest charged", required=False, help_text="Of an invoice; less waits for the next first."
    )

    def clean_after_hours_multiplier(self) -> str:
        """A number."""
        try:
            return show_number(multiplier(str(self.cleaned_data["after_hours_multiplier"]).strip(), "after hours"))
        except Refused as reason:
            raise forms.ValidationError(str(reason).removeprefix("after hours: ")) from None

    def clean_bonus_hours(self) -> list[list[str]]:
        """Sizes and what is free with them."""
        sizes: dict[Fraction, Fraction] = {}
        for number, line in enumerate(str(self.cleaned_data["bonus_hours"]).splitlines(), start=1):
            if not line.strip():
                continue
            found = _SIZE.fullmatch(line.strip())
            if found is None:
                raise forms.ValidationError(f"line {number}: “{line.strip()}” is no size; write it like 10 = 1")
            if Fraction(found[1]) in sizes:
                raise forms.ValidationError(f"line {number}: {found[1]} hours stand twice")
            sizes[Fraction(found[1])] = Fraction(found[2])
        return [[show_number(size), show_number(free)] for size, free in sorted(sizes.items())]

    def prices(self) -> ShopTerms:
        """The version that was typed; not yet kept."""
        told = dict(self.cleaned_data)
        told["parts_markup"] = show_share(told["parts_markup"] or parse_share("0%"))
        for name in ("business_hours", "holidays", "interest_rate"):
            told[name] = told[name] or ""
        for name in ("interest_grace_days", "interest_minimum"):
            told[name] = told[name] or 0
        told["trip_fee"] = told["trip_fee"] or 0
        told["is_per_visit"] = bool(told["is_per_visit"])
        return ShopTerms(**told)
