"""The form that makes a token."""

from datetime import timedelta

from django import forms

from rounds.agents.enrolling import Offer
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
        return Offer(told["uses"], timedelta(days=told["days"]), told["machine"], told["machine_kind"])
