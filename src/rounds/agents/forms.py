"""The forms that make a token and say how long samples are kept."""

from datetime import timedelta

from django import forms

from rounds.agents.enrolling import Offer
from rounds.agents.models import Retention
from rounds.clients.models import Machine, MachineKind, Site


class TokenForm(forms.Form):
    """Where machines are enrolled, how many, as what, until when."""

    site = forms.ModelChoiceField(Site.objects.none(), help_text="Where the machine stands.")
    machine = forms.ModelChoiceField(
        Machine.objects.none(), required=False, empty_label="A new one", label="Machine",
        help_text="Choose one that is in the list already to give it an agent, or a new agent after a reinstallation.",
    )  # fmt: skip
    machine_kind = forms.ChoiceField(choices=MachineKind.choices, label="Kind of new machines")
    uses = forms.IntegerField(
        min_value=1, max_value=1000, initial=1, label="How many machines", help_text="The token works so many times."
    )
    days = forms.IntegerField(min_value=1, max_value=90, initial=7, label="Valid for days")
    needs_approval = forms.BooleanField(
        required=False, label="Each machine waits until a technician lets it in",
        help_text="For a token that goes by mail, or to somebody who is not of the shop.",
    )  # fmt: skip

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        sites = Site.objects.filter(client__left_at=None).select_related("client").order_by("client__name", "name")
        machines = Machine.objects.filter(retired_at=None, site__client__left_at=None)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["machine"].queryset = machines.select_related("site__client")  # type: ignore[attr-defined]
        self.fields["machine"].label_from_instance = lambda one: f"{one.name} ({one.site})"  # type: ignore[attr-defined]

    def clean(self) -> None:
        """A machine stands at its site, and has one agent."""
        machine, site = self.cleaned_data.get("machine"), self.cleaned_data.get("site")
        if machine and site and machine.site_id != site.pk:
            self.add_error("machine", f"{machine} stands at {machine.site}: choose that site, or a new machine")
        if machine and self.cleaned_data.get("uses", 1) != 1:
            self.add_error("uses", "one machine is enrolled once: 1")

    def offer(self) -> Offer:
        """What was asked for."""
        told = self.cleaned_data
        days, kind = timedelta(days=told["days"]), told["machine_kind"]
        return Offer(told["uses"], days, told["machine"], kind, needs_approval=told["needs_approval"])


class RetentionForm(forms.ModelForm):  # type: ignore[type-arg]
    """How long samples are kept, by how exact they are."""

    class Meta:
        model = Retention
        fields = ("raw_days", "rolled_months", "day_years")
        help_texts = {
            "raw_days": "What an agent sent every minute: charts of a day or a week.",
            "rolled_months": "The least, most, mean and last of five minutes and of an hour: charts of a month.",
            "day_years": "The same of a day: charts of a year. Empty: for ever; they take little.",
        }

    def clean(self) -> None:
        """What is more exact is not kept longer than what is less so."""
        raw, rolled, days = (self.cleaned_data.get(name) for name in ("raw_days", "rolled_months", "day_years"))
        if raw and rolled and raw > rolled * 31:
            self.add_error("rolled_months", f"every sample is kept for {raw} days: keep these at least as long")
        if rolled and days and rolled > days * 12:
            self.add_error("day_years", f"hours are kept for {rolled} months: keep these at least as long")
