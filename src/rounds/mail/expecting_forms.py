"""The form of a mail that is to come: about what, on which days, by which hour."""

from datetime import time
from typing import Any

from django import forms

from rounds.core.expecting import NAMES, Expected
from rounds.core.money import Refused

DAYS = tuple((str(number), name) for number, name in enumerate(NAMES))


class ExpectationForm(forms.Form):
    """A mail that is to come by its hour."""

    about = forms.ChoiceField(label="Which mail", required=False)
    days = forms.MultipleChoiceField(
        label="Days",
        choices=DAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=[key for key, _ in DAYS],
    )
    month_day = forms.IntegerField(
        label="Or once a month, on day", min_value=1, max_value=31, required=False, help_text="31 is the last day."
    )
    by = forms.TimeField(label="By", initial=time(7), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    grace_minutes = forms.IntegerField(label="Minutes that it may be late", min_value=0, max_value=1440, initial=30)
    hours_before = forms.IntegerField(
        label="Counts if it comes up to so many hours before", min_value=1, max_value=744, initial=14,
        help_text="What came earlier was for the time before.",
    )  # fmt: skip

    def __init__(self, *args: Any, topics: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "any mail of this source"), *((topic, topic) for topic in topics)]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]

    def expected(self) -> Expected:
        """The days and the hour as entered."""
        told = self.cleaned_data
        chosen = set(told["days"])
        weekdays = "".join(letter if str(n) in chosen else "-" for n, letter in enumerate("MTWTFSS"))
        return Expected(
            weekdays=weekdays, month_day=told["month_day"] or 0,
            by_minute=told["by"].hour * 60 + told["by"].minute,
            hours_before=told["hours_before"], grace_minutes=told["grace_minutes"],
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse what says no day."""
        told = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.expected()
            except Refused as refused:
                self.add_error("days", str(refused))
        return told


def initial_of(expected: Expected, about: str) -> dict[str, Any]:
    """What the form begins with."""
    return {
        "about": about, "days": [str(n) for n, letter in enumerate(expected.weekdays) if letter != "-"],
        "month_day": expected.month_day or None, "by": time(expected.by_minute // 60, expected.by_minute % 60),
        "grace_minutes": expected.grace_minutes, "hours_before": expected.hours_before,
    }  # fmt: skip
