"""The forms by which the shop and a client choose their daily reports."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import QueryDict

from rounds.clients.models import Client, Contact
from rounds.people.models import Role, User
from rounds.reports.models import ClientChoice, ShopChoice, Wanted
from rounds.upkeep.models import Per, Routine

AS_SHOP = ""
YES_OR_NO = {"yes": True, "no": False, AS_SHOP: None}


def _staff() -> list[tuple[str, str]]:
    people = User.objects.filter(is_active=True).exclude(role=Role.CONTACT).order_by("name")
    return [(str(one.pk), f"{one.name} ({one.email})") for one in people]


def _clock(help_text: str, *, required: bool = True) -> forms.TimeField:
    return forms.TimeField(
        label="At", required=required, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=help_text,
    )  # fmt: skip


class ShopReportsForm(forms.Form):
    """How the shop wants daily reports."""

    clock = _clock("On the client's clock, once a day. After a change it counts from its next coming.")
    staff = forms.MultipleChoiceField(
        label="By mail to", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Of every client. Nobody: all of them are read on the page of the morning.",
    )  # fmt: skip
    has_pdf = forms.BooleanField(label="With a PDF", required=False)
    is_in_portal = forms.BooleanField(
        label="Clients see theirs in the portal", required=False, help_text="Those of a client's people who may decide."
    )
    routine = forms.ModelChoiceField(
        Routine.objects.none(), label="A review does the duty", required=False, empty_label="none",
        help_text="The client's open duty of this routine is done by a review, with everything on its checklist.",
    )  # fmt: skip
    records_time = forms.BooleanField(
        label="Record its time where the plan pays by time", required=False,
        help_text="Under a block of hours or a retainer, unless a fee or hours of its own pay for monitoring.",
    )  # fmt: skip

    def __init__(self, kept: ShopChoice, typed: QueryDict | None = None) -> None:
        initial = {
            "clock": kept.clock, "staff": [str(key) for key in kept.staff], "has_pdf": kept.has_pdf,
            "is_in_portal": kept.is_in_portal, "routine": kept.routine_id, "records_time": kept.records_time,
        }  # fmt: skip
        super().__init__(typed, initial=initial)
        _offer(self, "staff", _staff())
        routine = self.fields["routine"]
        if isinstance(routine, forms.ModelChoiceField):
            # The kept version may have been replaced since; then the one that runs is offered, and means the same.
            routine.queryset = Routine.objects.running().filter(per=Per.CLIENT)
            replaced = {row.replaces_id: row.pk for row in Routine.objects.exclude(replaces=None)}
            key = kept.routine_id
            while key in replaced:
                key = replaced[key]
            self.initial["routine"] = key

    def choice(self) -> ShopChoice:
        """What was chosen, not kept."""
        told = self.cleaned_data
        return ShopChoice(
            clock=told["clock"], staff=[int(key) for key in told["staff"]], has_pdf=told["has_pdf"],
            is_in_portal=told["is_in_portal"], routine=told["routine"], records_time=told["records_time"],
        )  # fmt: skip


class ClientReportsForm(forms.Form):
    """How one client's reports differ from the shop's choice."""

    wanted = forms.ChoiceField(label="A daily report", choices=Wanted.choices, required=False)
    clock = _clock("Empty: as in the shop.", required=False)
    zone = forms.CharField(
        label="On the clock of", required=False, max_length=64, widget=forms.TextInput(attrs={"list": "time-zones"}),
        help_text="A time zone, like Europe/Berlin. Empty: the shop's.",
    )  # fmt: skip
    contacts = forms.MultipleChoiceField(
        label="By mail to, at the client", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Those of his people who have a mail address.",
    )  # fmt: skip
    has_own_staff = forms.ChoiceField(
        label="By mail to, of the shop", choices=[(AS_SHOP, "as in the shop"), ("own", "those ticked below")],
        required=False,
    )  # fmt: skip
    staff = forms.MultipleChoiceField(
        label="Of the shop, for this client", required=False, widget=forms.CheckboxSelectMultiple
    )
    has_pdf = forms.ChoiceField(label="With a PDF", required=False)
    is_in_portal = forms.ChoiceField(label="He sees them in the portal", required=False)
    records_time = forms.ChoiceField(label="Record the time of a review, where his plan pays by time", required=False)

    def __init__(
        self, client: Client, kept: ClientChoice | None, shop: ShopChoice, typed: QueryDict | None = None
    ) -> None:
        self.client = client
        super().__init__(typed, initial=_initial(kept))
        contacts = Contact.objects.filter(client=client, left_at=None).exclude(email="")
        _offer(self, "contacts", [(str(one.pk), f"{one.name} ({one.email})") for one in contacts])
        _offer(self, "staff", _staff())
        for name in ("has_pdf", "is_in_portal", "records_time"):
            usual = "yes" if getattr(shop, name) else "no"
            _offer(self, name, [(AS_SHOP, f"as in the shop ({usual})"), ("yes", "yes"), ("no", "no")])

    def clean_zone(self) -> str:
        """A time zone that there is."""
        typed: str = self.cleaned_data["zone"].strip()
        if typed and typed not in available_timezones():
            raise forms.ValidationError(f"“{typed}” is no time zone; write it like Europe/Berlin or America/New_York.")
        return typed

    def choice(self) -> ClientChoice:
        """What was chosen, not kept."""
        told = self.cleaned_data
        staff = [int(key) for key in told["staff"]] if told["has_own_staff"] else None
        flags = {name: YES_OR_NO[told[name]] for name in ("has_pdf", "is_in_portal", "records_time")}
        return ClientChoice(
            client=self.client, wanted=told["wanted"], clock=told["clock"], zone=told["zone"], staff=staff,
            contacts=[int(key) for key in told["contacts"]], **flags,
        )  # fmt: skip


def _initial(kept: ClientChoice | None) -> dict[str, Any]:
    if kept is None:
        return {}
    words = {True: "yes", False: "no", None: AS_SHOP}
    return {
        "wanted": kept.wanted, "clock": kept.clock, "zone": kept.zone,
        "contacts": [str(key) for key in kept.contacts],
        "has_own_staff": AS_SHOP if kept.staff is None else "own",
        "staff": [str(key) for key in kept.staff or ()],
        **{name: words[getattr(kept, name)] for name in ("has_pdf", "is_in_portal", "records_time")},
    }  # fmt: skip


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
