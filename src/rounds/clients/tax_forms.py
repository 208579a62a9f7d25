"""The forms for a tax code's rate, and for which kind of line has which code, each from a day on."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from rounds.clients.fields import ShareField
from rounds.clients.models import TaxCode, TaxRate
from rounds.clients.reading import parse_share, show_share
from rounds.clients.tax_models import CATEGORIES
from rounds.core.account import Kind
from rounds.people.fields import LocalDayField

KINDS = [
    (Kind.FEE.value, "Monthly fees"),
    (Kind.MONITORING.value, "Monitoring"),
    (Kind.OVERAGE.value, "Beyond included hours"),
    (Kind.LABOUR.value, "Work by the hour"),
    (Kind.PART.value, "Parts"),
    (Kind.TRIP.value, "Trips"),
    (Kind.HOURS.value, "Blocks of hours"),
    (Kind.INTEREST.value, "Interest on late invoices"),
]
AS_SHOP = "as-the-shop"


class RateForm(forms.Form):
    """A code, new or known, and what it is from a day on."""

    name = forms.CharField(
        label="Code", max_length=20, help_text="Short, like vat-20 or oregon. A code that there is gets another rate.",
        widget=forms.TextInput(attrs={"list": "codes", "autocomplete": "off"}),
    )  # fmt: skip
    words = forms.CharField(label="Words on invoices", max_length=60, help_text="Like VAT or Sales tax.")
    rate = ShareField(label="Rate", required=False, help_text="Like 8.25%. Empty: no tax.")
    category = forms.ChoiceField(label="Which is", choices=CATEGORIES, help_text="Electronic invoices say it.")
    reason = forms.CharField(
        label="Reason for no tax", max_length=120, required=False, help_text="It stands on invoices. Empty for a rate."
    )
    rate_since = LocalDayField(label="From", help_text="Today or later. What was invoiced before stays.")

    def clean_name(self) -> str:
        """In small letters, as codes are."""
        return str(self.cleaned_data["name"]).strip().lower()

    def told(self) -> TaxRate:
        """The rate that was typed; not yet kept."""
        told = self.cleaned_data
        return TaxRate(
            since=told["rate_since"], rate=show_share(told["rate"] or parse_share("0%")), words=told["words"].strip(),
            category=told["category"], reason=told["reason"].strip(),
        )  # fmt: skip


class KindsForm(forms.Form):
    """Which code each kind of line has from a day on; at a site it may be that of the shop."""

    def __init__(self, *args: Any, codes: Sequence[TaxCode], is_site: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [("", "not taxed"), *((code.name, code.name) for code in codes)]
        if is_site:
            choices.insert(0, (AS_SHOP, "as everywhere"))
        for kind, words in KINDS:
            self.fields[kind] = forms.ChoiceField(label=words, choices=choices, required=False)
        self.fields["kinds_since"] = LocalDayField(label="From", help_text="Today or later.")

    @property
    def since(self) -> date:
        """The day from which it holds."""
        return date.fromisoformat(str(self.cleaned_data["kinds_since"]))

    def codes(self) -> dict[str, str]:
        """The codes by kind of line; a kind that is taxed as everywhere is left out."""
        return {kind: self.cleaned_data[kind] for kind, _words in KINDS if self.cleaned_data[kind] != AS_SHOP}


def shown(codes: Mapping[str, str], since: date, *, is_site: bool = False) -> dict[str, object]:
    """What the form of kinds shows at first."""
    usual = AS_SHOP if is_site else ""
    return {kind: codes.get(kind, usual) for kind, _words in KINDS} | {"kinds_since": since}
