"""Forms of upkeep: what came of a duty, a routine, where a machine's backups lie."""

from datetime import date
from typing import Any

from django import forms

from rounds.clients.models import PLANS
from rounds.core import cadence
from rounds.core.money import Refused
from rounds.core.terms import Category
from rounds.upkeep.models import Duty, Per, Routine
from rounds.upkeep.proving import Outcome, Told
from rounds.upkeep.routines import JOBS


class EvidenceForm(forms.Form):
    """What came of one duty: the items ticked, a note, and the button pressed."""

    outcome = forms.ChoiceField(choices=[(one.value, one.value) for one in Outcome])
    ticked = forms.MultipleChoiceField(
        label="Checklist", required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    note = forms.CharField(label="Note", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, duty: Duty, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ticked"].choices = [(item, item) for item in duty.routine.checklist]  # type: ignore[attr-defined]

    def told(self) -> Told:
        """What the technician tells."""
        told = self.cleaned_data
        return Told(Outcome(told["outcome"]), tuple(told["ticked"]), told["note"])


class RoutineForm(forms.Form):
    """A routine, to be begun or to replace the one that runs."""

    name = forms.CharField(label="Name", max_length=120)
    cadence = forms.CharField(
        label="How often",
        max_length=20,
        help_text="daily, weekly, monthly, yearly, 2 weeks, 6 months; or by environment: 6 months in an office, "
        "4 where it is shared, 3 where it is dusty",
    )
    starts = forms.DateField(
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The first day it falls due; the next count from here.",
    )
    is_floating = forms.BooleanField(
        label="Count from when it was last done (for wear: cleaning), not by the calendar", required=False
    )
    per = forms.ChoiceField(label="Done for each", choices=Per.choices)
    plans = forms.MultipleChoiceField(
        label="Clients with", choices=PLANS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all clients, with an agreement or without.",
    )  # fmt: skip
    category = forms.ChoiceField(label="Kind of work", choices=[(one.value, one.value) for one in Category])
    minutes = forms.IntegerField(label="Usually takes, in minutes", min_value=1, max_value=6000)
    checklist = forms.CharField(
        label="Checklist", required=False, widget=forms.Textarea(attrs={"rows": 5}), help_text="One item a line."
    )
    job = forms.ChoiceField(
        label="Done by",
        required=False,
        choices=[("", "a technician"), *((key, f"the agent: {words}") for key, words in JOBS.items())],
    )
    count = forms.IntegerField(
        label="Files to restore",
        min_value=1,
        max_value=100,
        required=False,
        help_text="Only if the agent restores files.",
    )

    @staticmethod
    def values_of(routine: Routine, day: date) -> dict[str, Any]:
        """What the form shows of a routine that runs; a change holds from a day on, today if nothing else is said."""
        names = ("name", "cadence", "is_floating", "per", "plans", "category", "minutes", "job")
        kept = {name: getattr(routine, name) for name in names}
        starts = max(day, routine.starts)
        if not routine.is_floating and routine.starts < day:
            starts = cadence.next_due(cadence.parse(routine.cadence), routine.starts, day)
        return kept | {
            "starts": starts, "checklist": "\n".join(routine.checklist), "count": routine.job_params.get("count"),
        }  # fmt: skip

    def clean_cadence(self) -> str:
        """Read the cadence."""
        text = " ".join(str(self.cleaned_data["cadence"]).lower().split())
        try:
            cadence.parse(text)
        except Refused as refused:
            raise forms.ValidationError(f"{refused}.") from None
        return text

    def routine(self) -> Routine:
        """The routine as entered, not kept yet."""
        told = dict(self.cleaned_data)
        count = told.pop("count")
        told["checklist"] = [line.strip() for line in told["checklist"].splitlines() if line.strip()]
        return Routine(**told, job_params={"count": count or 3} if told["job"] else {})


class RepositoryForm(forms.Form):
    """Where a machine's backups lie, as seen from the machine."""

    path = forms.CharField(
        label="Repository",
        max_length=400,
        help_text="As restic on the machine knows it: /srv/backup, sftp:nas:/backup …",
    )
    password_file = forms.CharField(
        label="File of its password", max_length=400, help_text="On the machine: the password itself never leaves it."
    )
