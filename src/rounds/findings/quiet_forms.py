"""Forms of what keeps a finding from being told: putting it off, muting its cause, a maintenance window."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from rounds.clients.models import Client, Machine, Site
from rounds.core.days import add_days
from rounds.core.windows import Repeats, Window
from rounds.findings.maintaining import Of

MORNING = time(8)


class SnoozeForm(forms.Form):
    """Until when a finding is put off."""

    until = forms.ChoiceField(
        label="Put it off",
        choices=[("1h", "for an hour"), ("4h", "for 4 hours"), ("tomorrow", "until tomorrow, 8:00"),
                 ("week", "for a week, until 8:00")],
    )  # fmt: skip
    note = forms.CharField(label="Note", required=False, max_length=300)

    def moment(self, at: datetime) -> datetime:
        """The moment that was chosen."""
        chosen = self.cleaned_data["until"]
        if chosen in {"1h", "4h"}:
            return at + timedelta(hours=int(chosen[0]))
        local = timezone.localtime(at)
        day = add_days(local.date(), 7 if chosen == "week" else 1)
        return datetime.combine(day, MORNING, local.tzinfo)


class MuteForm(forms.Form):
    """Why nobody needs to be told, and until when."""

    why = forms.CharField(
        label="Why nobody needs to be told", max_length=300,
        error_messages={"required": "Say why nobody needs to be told; it stands beside the finding."},
    )  # fmt: skip
    until = forms.DateField(
        label="Until the end of", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: until somebody lifts it.",
    )  # fmt: skip

    def moment(self) -> datetime | None:
        """The end of the day that was chosen."""
        day = self.cleaned_data["until"]
        return datetime.combine(add_days(day, 1), time(), timezone.get_current_timezone()) if day else None


class WindowForm(forms.Form):
    """A maintenance window, and whom it is for: what is named narrowest."""

    why = forms.CharField(label="What for", max_length=200)
    client = forms.ModelChoiceField(
        Client.objects.none(), label="Client", required=False, empty_label="every client",
        help_text="The whole shop, a client, or a site or machine of his.",
    )  # fmt: skip
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="every site")
    machine = forms.ModelChoiceField(
        Machine.objects.none(), label="Machine", required=False, empty_label="every machine"
    )
    first_on = forms.DateField(label="On", widget=forms.DateInput(attrs={"type": "date"}))
    starts = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    hours = forms.DecimalField(
        label="Hours", min_value=0, max_value=744, decimal_places=2, help_text="1.5 is an hour and a half."
    )
    repeats = forms.ChoiceField(
        label="How often",
        choices=[(Repeats.ONCE, "once"), (Repeats.DAILY, "every day"), (Repeats.WEEKLY, "every week on this weekday"),
                 (Repeats.MONTHLY, "every month on this weekday (the second Tuesday)")],
    )  # fmt: skip
    last_on = forms.DateField(
        label="Last", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: until called off.",
    )  # fmt: skip

    def __init__(self, *args: Any, client: Client | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, Any] = {
            "client": Client.objects.current(),
            "site": Site.objects.filter(client=client),  # of nobody, where no client is chosen
            "machine": Machine.objects.filter(site__client=client, retired_at=None),
        }
        for name, choices in rows.items():
            self.fields[name].queryset = choices  # type: ignore[attr-defined]

    def of(self) -> Of:
        """Whom it is for."""
        said = self.cleaned_data
        if said["machine"]:
            return Of(machine=said["machine"])
        return Of(site=said["site"]) if said["site"] else Of(client=said["client"])

    def window(self) -> Window:
        """The window; refused where it makes no sense."""
        said = self.cleaned_data
        minutes = int(said["hours"] * 60)
        return Window(said["first_on"], said["starts"], minutes, Repeats(said["repeats"]), said["last_on"])
