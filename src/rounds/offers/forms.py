"""The form of an offer: the year, and the terms of each plan."""

from dataclasses import fields
from datetime import date

from django import forms

from rounds.core.days import add_months
from rounds.core.money import Refused
from rounds.offers.gathering import MONTHS
from rounds.offers.offering import last_whole_month
from rounds.offers.presets import OfferTerms


class OfferForm(forms.Form):
    """The last month of the year that is looked at, and what each plan would offer."""

    last_month = forms.ChoiceField(label="Twelve months up to")
    agreement_hours = forms.CharField(label="Included hours a month", max_length=8)
    agreement_discount = forms.CharField(label="Discount on the rate", max_length=8)
    retainer_level = forms.CharField(label="Money kept on the retainer", max_length=12)
    retainer_discount = forms.CharField(label="Discount on the rate", max_length=8)
    block_hours = forms.IntegerField(label="Hours in a block", min_value=1, max_value=1000)
    block_monitoring = forms.CharField(
        label="Monitoring", max_length=20, help_text="“none”, an amount a month like 75.00, or hours like “2 hours”"
    )
    call_first_monitoring = forms.CharField(label="Monitoring", max_length=20, help_text="“none”, or an amount a month")

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        newest = last_whole_month(today)
        months = [add_months(newest.replace(day=1), -number) for number in range(MONTHS)]
        self.fields["last_month"].choices = [(str(month), f"{month:%B %Y}") for month in months]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """Ask the rules about the terms."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.terms().agreements(date(2005, 1, 1), date(2005, 12, 31))
            except Refused as refusal:
                self.add_error(None, str(refusal))
        return cleaned

    def terms(self) -> OfferTerms:
        """The terms as filled in."""
        return OfferTerms(**{one.name: self.cleaned_data[one.name] for one in fields(OfferTerms)})

    def last(self) -> date:
        """The first day of the last month looked at."""
        return date.fromisoformat(self.cleaned_data["last_month"])
