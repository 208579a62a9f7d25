"""Forms about invoices that are not paid, and about crediting lines."""

from collections.abc import Iterator
from typing import Any

from django import forms

from rounds.invoices.forms import AmountField, SeenForm, stay_field
from rounds.invoices.models import InvoiceLine, ReminderStep

STEPS = 3  # as many as the settings offer


class LinesForm(SeenForm):
    """How much of each line to credit, before tax, and why."""

    why = forms.CharField(label="Reason", max_length=200, help_text="It is printed on the credit note")
    stay = stay_field()
    is_certain = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, lines: list[tuple[InvoiceLine, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [(line, left) for line, left in lines if left > 0]
        for line, _left in self.lines:
            self.fields[f"line_{line.pk}"] = AmountField(label=line.text, required=False)

    def rows(self) -> Iterator[tuple[InvoiceLine, int, forms.BoundField]]:
        """Each line with what is left to credit of it, and its field."""
        return ((line, left, self[f"line_{line.pk}"]) for line, left in self.lines)

    def taken(self) -> dict[int, int]:
        """What was typed, by the line's key."""
        told = self.cleaned_data
        return {line.pk: cents for line, _left in self.lines if (cents := told.get(f"line_{line.pk}"))}


class WriteOffForm(SeenForm):
    """What is not expected to be paid any more, and why."""

    amount = AmountField(label="Amount to write off")
    why = forms.CharField(label="Why", max_length=200, help_text="It stands in the books.")


class WhyForm(forms.Form):
    """A reason."""

    why = forms.CharField(label="Why", max_length=200)


class StepForm(forms.Form):
    """One step of reminders; without days it does not exist."""

    days_late = forms.IntegerField(label="Days after the due date", required=False, min_value=1, max_value=365)
    text = forms.CharField(label="Words", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    fee = AmountField(label="Fee", required=False, help_text="Empty: none. It comes with the next invoice.")


def step_forms(told: Any = None) -> list[StepForm]:
    """The forms of all steps, as they are kept or as they were sent."""
    kept = {row.number: row for row in ReminderStep.objects.all()}
    return [
        StepForm(told, prefix=str(number), initial=_initial(kept.get(number))) for number in range(1, STEPS + 1)
    ]  # fmt: skip


def _initial(row: ReminderStep | None) -> dict[str, Any]:
    return {"days_late": row.days_late, "text": row.text, "fee": row.fee or None} if row else {}
