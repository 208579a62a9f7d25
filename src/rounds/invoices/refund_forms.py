"""Forms of money given back: of a block, of the retainer, of credit; how it is paid, and why."""

from decimal import Decimal
from typing import Any

from django import forms

from rounds.core.money import show_amount
from rounds.invoices.forms import AmountField, SeenForm
from rounds.invoices.refund_models import How

KEPT = "credit"


class GivingForm(SeenForm):
    """How money is given back and why; `is_certain` once the person has seen what comes of it."""

    how = forms.ChoiceField(label="Paid", choices=[*How.choices, (KEPT, "Not: it is kept as the client’s credit")])
    reference = forms.CharField(
        label="Reference", max_length=140, required=False, help_text="As the bank shows it, or the cheque’s number"
    )
    why = forms.CharField(label="Reason", max_length=200, help_text="The client can read it")
    is_certain = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def way(self) -> How | None:
        """How it is paid; None: it is kept as credit."""
        told = self.cleaned_data["how"]
        return None if told == KEPT else How(told)


class HoursBackForm(GivingForm):
    """Unused hours of a block."""

    hours = forms.DecimalField(label="Hours to give back", min_value=Decimal("0.01"), max_digits=9, decimal_places=4)
    at_list_rate = forms.BooleanField(
        label="The hours used count at the list rate", required=False,
        help_text="As far as the agreement says so: all unused hours go back, the free ones for nothing.",
    )  # fmt: skip
    field_order = ("hours", "at_list_rate", "how", "reference", "why")

    def __init__(self, *args: Any, left: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = left
        self.fields["hours"].widget.attrs["autofocus"] = True

    def seconds(self) -> int | None:
        """The seconds to give back; None: all that are left (hours are shown with four decimals)."""
        seconds = int((self.cleaned_data["hours"] * 3600).to_integral_value())
        return None if abs(seconds - self.left) <= 1 else seconds


class RetainerBackForm(GivingForm):
    """Money of the retainer."""

    amount = AmountField(label="Amount to give back")
    even_if_needed = forms.BooleanField(
        label="Also what is needed for work that is not billed yet", required=False,
        help_text="The owner may decide so; that work is then billed to be paid.",
    )  # fmt: skip
    field_order = ("amount", "even_if_needed", "how", "reference", "why")

    def __init__(self, *args: Any, is_owner: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["autofocus"] = True
        if not is_owner:
            del self.fields["even_if_needed"]


class CreditBackForm(GivingForm):
    """What the client paid too much."""

    amount = AmountField(label="Amount to pay back")
    field_order = ("amount", "how", "reference", "why")

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        self.fields["how"].choices = How.choices  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["autofocus"] = True

    def clean_amount(self) -> int:
        """Not more than he has."""
        cents: int = self.cleaned_data["amount"]
        if cents > self.most:
            raise forms.ValidationError(f"his credit is {show_amount(self.most)}")
        return cents
