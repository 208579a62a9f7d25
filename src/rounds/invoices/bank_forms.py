"""Forms about the bank: a file to read, what a line is, and why a payment is taken back."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model

from rounds.clients.models import Client
from rounds.core.money import show_amount
from rounds.invoices.bank_reading import LARGEST_FILE
from rounds.invoices.forms import AmountField
from rounds.invoices.importing import recorded_before, returned_by
from rounds.invoices.models import BankLine, Invoice, Payment

type Choices = list[tuple[str, list[tuple[str, str]]]]
KINDS: dict[str, type[Model]] = {"invoice": Invoice, "client": Client, "payment": Payment}


class UploadForm(forms.Form):
    """A file as the bank offers it."""

    file = forms.FileField(
        label="Statement", help_text="CAMT.053 or OFX, as the bank offers it. What was read before changes nothing.",
        widget=forms.FileInput(attrs={"accept": ".xml,.ofx,.qfx,.camt,.053"}),
    )  # fmt: skip
    is_ours = forms.BooleanField(label="It may be of another account of ours", required=False)

    def clean_file(self) -> "UploadedFile[bytes]":
        """A file of a size that is meant."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB: ask for fewer days.")
        return file


def choice_of(kind: type[Model], key: object) -> str:
    """How a choice stands in a form: what it is, and its key."""
    return f"{kind._meta.model_name}:{key}"


class DecisionForm(forms.Form):
    """Whose payment a line is: for an invoice, on account, recorded by hand before; or which payment it returns."""

    choice = forms.ChoiceField(label="This is")

    def __init__(self, *args: Any, line: BankLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["choice"]
        if line.amount < 0:
            field.label = "This is the return of"
            found = _payments(returned_by(line))
            field.choices = [("", "choose a payment"), *found]
            field.initial = found[0][0] if len(found) == 1 else ""
            self.fields["fee"] = AmountField(
                label="Fee", required=False, help_text="Charged to the client on the next first; empty: nothing."
            )
            return
        before, waiting, clients = _payments(recorded_before(line)), _invoices(), _clients()
        groups: Choices = [
            ("Recorded by hand before", before), ("Open invoices", waiting), ("On account: what is due first", clients)
        ]  # fmt: skip
        field.choices = [("", "choose an invoice or a client"), *[group for group in groups if group[1]]]

    @property
    def chosen(self) -> Invoice | Client | Payment:
        """What was chosen."""
        kind, _colon, key = str(self.cleaned_data["choice"]).partition(":")
        found = KINDS[kind]._default_manager.get(pk=int(key))
        assert isinstance(found, Invoice | Client | Payment)  # noqa: S101 - KINDS has no other
        return found


def _payments(payments: list[Payment]) -> list[tuple[str, str]]:
    return [
        (choice_of(Payment, one.pk), f"{one.client}: {show_amount(one.amount)} of {one.on.day} {one.on:%B %Y}")
        for one in payments
    ]


def _invoices() -> list[tuple[str, str]]:
    rows = Invoice.objects.select_related("client").unpaid().order_by("client__name", "due_on")
    return [
        (choice_of(Invoice, row.pk), f"{row.client}: {row.full_number}, {show_amount(row.open)} open") for row in rows
    ]


def _clients() -> list[tuple[str, str]]:
    return [(choice_of(Client, client.pk), client.name) for client in Client.objects.current().order_by("name")]


class ReversalForm(forms.Form):
    """Why a payment is taken back, and what that costs the client."""

    why = forms.CharField(
        label="Reason", max_length=200, help_text="It stands in the client’s account.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )  # fmt: skip
    has_bounced = forms.BooleanField(label="The bank returned it", required=False)
    fee = AmountField(
        label="Fee", required=False, help_text="For a returned payment: charged on the next first; empty: nothing."
    )

    def clean(self) -> dict[str, Any]:
        """A fee is for a payment that the bank returned."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("fee") and not told.get("has_bounced"):
            self.add_error("fee", "Only a payment that the bank returned costs a fee.")
        return told
