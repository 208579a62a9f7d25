"""Forms of money: a payment, a credit note, hours bought, a deposit; amounts are read as people write them."""

from datetime import date
from typing import Any

from django import forms
from django.forms import ModelChoiceField
from django.utils import timezone

from rounds.clients.models import Client
from rounds.core.money import Refused, parse_amount, show_amount
from rounds.invoices.models import Invoice
from rounds.people.fields import LocalDayField
from rounds.people.shop import local_day

MOST = 100_000_000_00  # cents: a slip of the keyboard is larger


class AmountField(forms.Field):
    """An amount like 1,234.50, as cents; not zero, not negative."""

    def __init__(self, **kwargs: Any) -> None:
        looks = {"inputmode": "decimal", "autocomplete": "off", "maxlength": 20}
        super().__init__(widget=forms.TextInput(attrs=looks), **kwargs)

    def to_python(self, value: str | None) -> Any:
        """Read it; what cannot be read is told with what would be right."""
        if not value or not value.strip():
            return None
        try:
            cents = parse_amount(value.replace(",", "").replace(" ", ""))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        if cents < 1:
            raise forms.ValidationError("an amount above 0.00, like 12.50")
        if cents > MOST:
            raise forms.ValidationError(f"{value} is more than this shop can have billed: check the digits")
        return cents

    def prepare_value(self, value: Any) -> Any:
        """Show cents as an amount."""
        return show_amount(value) if isinstance(value, int) else value


class InvoiceChoice(ModelChoiceField[Invoice]):
    """An open invoice, named with what is open on it."""

    def label_from_instance(self, obj: Invoice) -> str:
        """Its number, what is open, and when it was or is due."""
        return f"{obj.full_number}: {show_amount(obj.open)} open, due {obj.due_on.day} {obj.due_on:%B %Y}"


class SeenForm(forms.Form):
    """A form that records money: `seen` is the last row that the person knew of, so that nothing is recorded twice."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class PaymentForm(SeenForm):
    """Money received: for one invoice, or on account."""

    amount = AmountField(label="Amount received")
    invoice = InvoiceChoice(
        queryset=Invoice.objects.none(), required=False, label="For invoice",
        empty_label="on account: what is due first",
        help_text="What is left over settles what is due next; the rest is kept as the client’s credit.",
    )  # fmt: skip
    received_on = LocalDayField(
        label="Received on", required=False,
        help_text="If that was before today: the invoice bears no interest from then on. It is booked today.",
    )  # fmt: skip
    note = forms.CharField(label="Note", max_length=200, required=False, help_text="How it came, or its reference")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoice"].queryset = Invoice.objects.filter(client=client).unpaid()  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["autofocus"] = True

    def clean_received_on(self) -> date | None:
        """Not a day to come."""
        told: date | None = self.cleaned_data["received_on"]
        if told is not None and told > local_day(timezone.now()):
            raise forms.ValidationError("this day is still to come: record the payment when the money is there")
        return told


def stay_field() -> forms.BooleanField:
    """Whether hours stay used that the work drew whose money is credited."""
    return forms.BooleanField(
        label="Forgive the money only", required=False,
        help_text="Hours that its work drew from a block or a month stay used; else they go back with all its money.",
    )  # fmt: skip


class CreditForm(SeenForm):
    """A mistake on an invoice, put right; the reason is printed."""

    amount = AmountField(label="Amount to credit, tax included")
    why = forms.CharField(label="Reason", max_length=200, help_text="It is printed on the credit note")
    stay = stay_field()
    is_certain = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        self.fields["amount"].widget.attrs["autofocus"] = True

    def clean_amount(self) -> int:
        """Not more than is left of the invoice to credit."""
        cents: int = self.cleaned_data["amount"]
        if cents > self.most:
            raise forms.ValidationError(f"the invoice has {show_amount(self.most)} left to credit")
        return cents


class HoursForm(SeenForm):
    """A block of hours to sell."""

    hours = forms.IntegerField(label="Hours", min_value=1, max_value=10_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].widget.attrs["autofocus"] = True


class DepositForm(SeenForm):
    """Money received for the retainer."""

    amount = AmountField(label="Amount received")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["autofocus"] = True
