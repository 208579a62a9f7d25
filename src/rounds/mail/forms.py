"""Forms of alert mail: a source, and what a mail reports."""

from django import forms

from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.mail.models import Source
from rounds.mail.receiving import Senders, Words


class LinesField(forms.CharField):
    """Words, phrases or patterns, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: object) -> object:
        """Show a list line by line."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        """Read the lines."""
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class ChoiceOfMachine(forms.ModelChoiceField[Machine]):
    """A machine, shown with its client."""

    def label_from_instance(self, obj: Machine) -> str:
        """Say which machine it is."""
        return f"{obj.site.client}: {obj.name}"


class SourceForm(forms.Form):
    """A source of alert mail. The client is chosen once; the machine may change."""

    name = forms.CharField(label="What sends", max_length=120, help_text="For example: Backup of SRV01")
    client = forms.ModelChoiceField(
        label="Client",
        queryset=Client.objects.none(),
        required=False,
        empty_label="many clients: each mail says whose it is",
    )
    machine = ChoiceOfMachine(
        label="Machine",
        queryset=Machine.objects.none(),
        required=False,
        empty_label="none: it is about the whole client",
    )
    may_send = LinesField(
        label="Who may send",
        required=False,
        help_text="One address a line, or @example.com for a whole domain. Empty: whoever knows its address.",
    )
    is_unchecked = forms.BooleanField(
        label="Take it from a mailbox even if no mail server vouches for the sender", required=False
    )
    failure_words = LinesField(
        label="Words that mean a failure", required=False, help_text="One word or phrase a line. Empty: the usual ones."
    )
    success_words = LinesField(
        label="Words that mean a success", required=False, help_text="One word or phrase a line. Empty: the usual ones."
    )

    def __init__(
        self, *args: object, source: Source | None = None, client: Client | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        machines = (
            Machine.objects.filter(retired_at=None)
            .select_related("site__client")
            .order_by("site__client__name", "name")
        )
        chosen = source.client if source else client
        self.fields["client"].queryset = Client.objects.current()  # type: ignore[attr-defined]
        if source is None:
            self.fields["name"].widget.attrs["autofocus"] = True
        else:
            del self.fields["client"]
        if chosen is not None:
            machines = machines.filter(site__client=chosen)
        self.fields["machine"].queryset = machines  # type: ignore[attr-defined]

    def words(self) -> Words:
        """The words entered."""
        return Words(self.cleaned_data["failure_words"], self.cleaned_data["success_words"])

    def senders(self) -> Senders:
        """Who may send, as entered."""
        return Senders(self.cleaned_data["may_send"], is_unchecked=self.cleaned_data["is_unchecked"])

    def clean(self) -> dict[str, object]:
        """Refuse what `receiving` would, beside the field."""
        told = super().clean() or self.cleaned_data
        for field, made in (("failure_words", self.words), ("may_send", self.senders)):
            try:
                made()
            except Refused as refused:
                self.add_error(field, str(refused))
            except KeyError:  # a field that is wrong in itself
                continue
        return told
