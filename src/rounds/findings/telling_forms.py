"""The form of a channel: where messages about findings go, and when."""

from urllib.parse import urlsplit

from django import forms
from django.core.validators import validate_email

from rounds.core.calendars import read_week
from rounds.core.money import Refused
from rounds.findings.telling_models import AT_ONCE, Channel, Way

LENGTHS = [("0", "at once"), ("15", "after 15 minutes"), ("30", "after 30 minutes"), ("60", "after an hour"),
           ("240", "after 4 hours"), ("1440", "after a day")]  # fmt: skip


class ChannelForm(forms.Form):
    """A channel, to be added or to replace the one that is there."""

    name = forms.CharField(label="Name", max_length=80, help_text="On call, the owner, the board in the workshop.")
    way = forms.ChoiceField(label="How", choices=Way.choices)
    address = forms.CharField(
        label="Address", max_length=400, help_text="A mail address; or the web address that the other program gave you."
    )
    at_once = forms.ChoiceField(
        label="Tell at once", choices=AT_ONCE, initial="trouble",
        help_text="Of clients whose plan pays for watching. All others stand in the digest.",
    )  # fmt: skip
    delay_minutes = forms.ChoiceField(
        label="If nobody has taken it on", choices=LENGTHS, help_text="A later channel is told only then."
    )
    hours = forms.CharField(
        label="Hours", required=False, max_length=200,
        help_text="Mon-Fri 08:00-18:00, Sat 09:00-12:00. Empty: at any hour. What opens outside waits.",
    )  # fmt: skip
    digest_at = forms.TimeField(
        label="Digest at", required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="Everything that is open, once a day. Empty: none.",
    )  # fmt: skip

    def clean_hours(self) -> str:
        """Hours that can be read."""
        said: str = self.cleaned_data["hours"].strip()
        try:
            read_week(said, "hours")
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return said

    def clean(self) -> None:
        """An address that fits the way, and a channel that says something."""
        said = self.cleaned_data
        way, address = said.get("way"), said.get("address", "")
        if way == Way.MAIL and address:
            try:
                validate_email(address)
            except forms.ValidationError:
                self.add_error("address", "This is no mail address.")
        elif way and address:
            parts = urlsplit(address)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
                self.add_error("address", "Write the whole web address, like https://ntfy.example/mill-street.")
        if not self.errors:
            try:
                _ = self.channel().value
            except Refused as refused:
                self.add_error(None, str(refused))

    def channel(self) -> Channel:
        """The channel as entered, not kept."""
        said = self.cleaned_data
        return Channel(
            name=said["name"], way=said["way"], address=said["address"], at_once=said["at_once"], hours=said["hours"],
            delay_minutes=int(said["delay_minutes"]), digest_at=said["digest_at"],
        )  # fmt: skip
