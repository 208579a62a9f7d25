"""The form of a watch, one for each kind: what all have, and what the kind asks for."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms

from rounds.agents.models import Agent
from rounds.clients.models import Machine, Site
from rounds.watches.keeping import Wanted
from rounds.watches.models import Kind, Watch

EVERY = [("1", "every minute"), ("5", "every 5 minutes"), ("15", "every 15 minutes"), ("60", "every hour")]
HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]{2,45}\]?)")
WITH_PORT = re.compile(rf"{HOST.pattern}:(\d{{1,5}})")
RECORDS = [
    ("A", "A: an address"),
    ("AAAA", "AAAA: an address of IPv6"),
    ("MX", "MX: where mail goes"),
    ("CNAME", "CNAME: another name"),
    ("NS", "NS: name servers"),
    ("TXT", "TXT: a text"),
]
VERSIONS = [("2c", "2c: with a community"), ("3", "3: with a user, signed or encrypted")]
HASHES = [("sha", "SHA"), ("sha256", "SHA-256")]
CIPHERS = [("aes", "AES-128"), ("", "none: signed, not encrypted")]
DEVICES = [
    ("printer", "Printer"),
    ("switch", "Switch or router"),
    ("nas", "NAS (Synology, QNAP)"),
    ("ups", "UPS"),
    ("host", "Server with an SNMP agent"),
]
USUAL_MINUTES = {Kind.PING: 1, Kind.TCP: 1, Kind.HTTP: 1, Kind.TLS: 60, Kind.DNS: 5, Kind.SMTP: 5, Kind.SNMP: 5}


class ChooseForm(forms.Form):
    """Where something is to be watched, and how."""

    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.none(), empty_label="choose a site")
    kind = forms.ChoiceField(label="How", choices=Kind.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        field.queryset = Site.objects.filter(client__left_at=None).select_related("client")  # type: ignore[attr-defined]
        field.label_from_instance = lambda site: f"{site.client}, {site.name}"  # type: ignore[attr-defined]


class WatchForm(forms.Form):
    """What every watch has; each kind adds its own."""

    settings_of: tuple[str, ...] = ()
    secrets_of: tuple[str, ...] = ()

    name = forms.CharField(label="Name", max_length=80, help_text="As it stands in lists and messages.")
    target = forms.CharField(label="Address", max_length=253)
    every_minutes = forms.TypedChoiceField(label="How often", choices=EVERY, coerce=int)
    machine = forms.ModelChoiceField(
        label="Is about", queryset=Machine.objects.none(), required=False, empty_label="no machine of ours"
    )
    device = forms.CharField(
        label="Or a new device", max_length=80, required=False, help_text="It is added to the machines of the site."
    )
    runner = forms.ModelChoiceField(
        label="Who looks", queryset=Machine.objects.none(), required=False,
        empty_label="any agent of the site that may",
        help_text="While it is silent, another agent of the site takes over.",
    )  # fmt: skip

    def __init__(self, *args: Any, site: Site, watch: Watch | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watch = watch
        there = Machine.objects.filter(site=site, retired_at=None)
        agents = Agent.objects.current().filter(machine__in=there).values("machine")
        self.fields["machine"].queryset = there  # type: ignore[attr-defined]
        self.fields["runner"].queryset = there.filter(pk__in=agents)  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["autofocus"] = True

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields that only this kind has."""
        return [self[name] for name in self.fields if name in {*self.settings_of, *self.secrets_of}]

    def clean_target(self) -> str:
        """An address of this kind."""
        told: str = self.cleaned_data["target"].strip()
        if why := self.wrong_target(told):
            raise forms.ValidationError(why)
        return told

    def wrong_target(self, told: str) -> str:
        """What is wrong with a target, "" if nothing is."""
        return "" if HOST.fullmatch(told) else "Write a name or an address, like 192.168.1.20."

    def clean(self) -> None:
        """One machine, not two."""
        if self.cleaned_data.get("machine") and self.cleaned_data.get("device"):
            self.add_error("device", "Choose a machine, or name a new device: not both.")

    def wanted(self) -> Wanted:
        """What was entered."""
        said = self.cleaned_data
        return Wanted(
            name=said["name"], target=said["target"], every_minutes=said["every_minutes"], machine=said["machine"],
            device=said["device"].strip(), runner=said["runner"],
            settings={name: said[name] for name in self.settings_of if said.get(name) not in (None, "", False)},
            secrets={name: said[name] for name in self.secrets_of},
        )  # fmt: skip


class PingForm(WatchForm):
    """A ping."""


class TcpForm(WatchForm):
    """A port."""

    target = forms.CharField(label="Address and port", max_length=260, help_text="For example 192.168.1.20:3389")

    def wrong_target(self, told: str) -> str:
        """A port belongs to it."""
        found = WITH_PORT.fullmatch(told)
        is_port = found is not None and 0 < int(found[1]) < 65536
        return "" if is_port else "Write address and port, like 192.168.1.20:3389."


def _wrong_place(told: str, example: str) -> str:
    """What is wrong with a host that may have a port."""
    found = WITH_PORT.fullmatch(told)
    is_place = 0 < int(found[1]) < 65536 if found else HOST.fullmatch(told) is not None
    return "" if is_place else f"Write a name or an address, with the port where it is another one: {example}."


class _MayHavePort(WatchForm):
    """A host that may have a port."""

    def wrong_target(self, told: str) -> str:
        """With a port or without."""
        return _wrong_place(told, "mail.example.com:587")


class HttpForm(WatchForm):
    """A web address."""

    settings_of = ("text", "status", "any_certificate")

    target = forms.CharField(label="Web address", max_length=500, help_text="https://www.example.com/")
    text = forms.CharField(
        label="Text that must stand in it", max_length=200, required=False, help_text="Empty: any will do."
    )
    status = forms.IntegerField(
        label="Status", required=False, min_value=100, max_value=599,
        help_text="Empty: any below 400, and redirects are followed.",
    )  # fmt: skip
    any_certificate = forms.BooleanField(label="Take a certificate that nobody vouches for", required=False)

    def wrong_target(self, told: str) -> str:
        """It begins with http."""
        try:
            parts = urlsplit(told)
            is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            is_whole = False
        if is_whole and parts.username:
            return "Leave the password out of the address: it would stand on pages."
        return "" if is_whole else "Write the whole web address, like https://www.example.com/."


class TlsForm(_MayHavePort):
    """A certificate."""

    settings_of = ("server_name", "any_certificate")

    target = forms.CharField(
        label="Address", max_length=260, help_text="www.example.com, or with a port: 192.168.1.20:8443"
    )
    server_name = forms.CharField(
        label="Name in the certificate", max_length=253, required=False, help_text="Empty: the address."
    )
    any_certificate = forms.BooleanField(label="Only say when it ends, whoever vouches for it", required=False)


class DnsForm(_MayHavePort):
    """A name server."""

    settings_of = ("name_asked", "record", "answer")

    target = forms.CharField(label="Name server", max_length=260, help_text="For example 192.168.1.10")
    name_asked = forms.RegexField(
        r"^[A-Za-z0-9_.-]{1,253}\Z",
        label="Name to ask for",
        error_messages={"invalid": "Write a name, like www.example.com."},
    )
    record = forms.ChoiceField(label="Record", choices=RECORDS)
    answer = forms.CharField(label="Expected answer", max_length=253, required=False, help_text="Empty: any will do.")

    def wanted(self) -> Wanted:
        """The name to ask for is “name” to the agent."""
        made = super().wanted()
        made.settings["name"] = made.settings.pop("name_asked")
        return made


class SmtpForm(_MayHavePort):
    """A mail server."""

    settings_of = ("wants_starttls", "trusted_certificate")

    target = forms.CharField(
        label="Mail server", max_length=260, help_text="mail.example.com, or with a port: mail.example.com:587"
    )
    wants_starttls = forms.BooleanField(label="It must offer encryption (STARTTLS)", required=False, initial=True)
    trusted_certificate = forms.BooleanField(label="Its certificate must be one that is vouched for", required=False)


class SnmpForm(_MayHavePort):
    """A device by SNMP."""

    settings_of = ("device_kind", "version", "ports", "user", "hash", "cipher")
    secrets_of = ("community", "auth_password", "privacy_password")

    device_kind = forms.ChoiceField(label="What it is", choices=DEVICES)
    ports = forms.CharField(
        label="Ports that must be up", max_length=300, required=False,
        help_text="Of a switch: their names or numbers, with commas. Empty: a port that is down is no trouble.",
    )  # fmt: skip
    version = forms.ChoiceField(label="Version of SNMP", choices=VERSIONS)
    community = forms.CharField(
        label="Community", max_length=100, required=False, strip=False, widget=forms.PasswordInput,
        help_text="Of version 2c. It is sent in the clear: give it the right to read alone.",
    )  # fmt: skip
    user = forms.CharField(label="User", max_length=32, required=False, help_text="Of version 3.")
    hash = forms.ChoiceField(label="Signed with", choices=HASHES, required=False)
    auth_password = forms.CharField(
        label="Password for signing", max_length=100, required=False, strip=False, widget=forms.PasswordInput
    )
    cipher = forms.ChoiceField(label="Encrypted with", choices=CIPHERS, required=False, initial="aes")
    privacy_password = forms.CharField(
        label="Password for encrypting", max_length=100, required=False, strip=False, widget=forms.PasswordInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.secrets_of:
            self.fields[name].widget.attrs["autocomplete"] = "new-password"
            if self.watch and self.watch.secrets.get(name):
                self.fields[name].help_text = "Kept, and never shown. Empty: it stays as it is."

    def clean(self) -> None:
        """What the version needs."""
        super().clean()
        said = self.cleaned_data
        if not (said.get("machine") or said.get("device") or self.has_error("machine")):
            self.add_error("device", "Say which device it is, or name a new one.")
        needed = {"2c": ["community"], "3": ["user", "auth_password"]}.get(said.get("version", ""), [])
        if said.get("version") == "3" and said.get("cipher"):
            needed.append("privacy_password")
        for name in needed:
            is_kept = self.watch is not None and name in self.secrets_of and bool(self.watch.secrets.get(name))
            if not said.get(name) and not is_kept and not self.has_error(name):
                self.add_error(name, f"Version {said['version']} needs it.")
        if said.get("version") == "3":
            for name in ("auth_password", "privacy_password"):
                if said.get(name) and len(said[name]) < 8:
                    self.add_error(name, "It has 8 characters at the least.")


FORMS: dict[str, type[WatchForm]] = {
    Kind.PING: PingForm,
    Kind.TCP: TcpForm,
    Kind.HTTP: HttpForm,
    Kind.TLS: TlsForm,
    Kind.DNS: DnsForm,
    Kind.SMTP: SmtpForm,
    Kind.SNMP: SnmpForm,
}


def initial_of(watch: Watch) -> dict[str, Any]:
    """What the form of a watch shows at first; never a secret."""
    kept = {name: getattr(watch, name) for name in ("name", "target", "every_minutes", "machine", "runner")}
    usual = {"wants_starttls": False, "cipher": ""}
    asked = {"name_asked": watch.settings.get("name", "")}
    return usual | {name: value for name, value in watch.settings.items() if name != "name"} | asked | kept
