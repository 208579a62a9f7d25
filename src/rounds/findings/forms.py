"""Forms of findings: what was done about one, and the limits of a rule."""

from django import forms

from rounds.core.watching import RULES, as_values

LABELS = {
    "open_at": "Opens at",
    "clear_at": "Closes past",
    "times": "Samples beyond it",
    "of": "of the last samples",
    "longest": "Longest wait, in days",
    "server": "Servers, minutes of silence",
    "workstation": "Workstations, minutes of silence",
    "device": "Devices, minutes of silence",
    "width": "Times the usual spread",
    "hours": "Hours running",
}


class SettleForm(forms.Form):
    """What was done, for a finding that nothing measures."""

    note = forms.CharField(
        label="What was done", max_length=500, widget=forms.Textarea(attrs={"rows": 2}), error_messages={
            "required": "Say what was done; it stands in the history of the machine.",
        },
    )  # fmt: skip


class LimitForm(forms.Form):
    """The numbers of one rule's limit; the fields follow from the rule."""

    is_off = forms.BooleanField(label="Do not watch this", required=False)

    def __init__(self, rule: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        unit = RULES[rule].unit
        for name in as_values(RULES[rule].limit):
            label = LABELS[name] + (f", {unit}" if unit and name in {"open_at", "clear_at"} else "")
            self.fields[name] = (
                forms.IntegerField(label=label, min_value=1)
                if name in {"times", "of", "hours"}
                else forms.FloatField(label=label, min_value=0, max_value=10_000_000)
            )
        self.order_fields([*(name for name in self.fields if name != "is_off"), "is_off"])

    def values(self) -> dict[str, float]:
        """The numbers as entered."""
        return {name: value for name, value in self.cleaned_data.items() if name != "is_off"}
