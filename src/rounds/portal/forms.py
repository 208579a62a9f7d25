"""What clients type in the portal: an answer, a request for help."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.people.fields import LocalDayField
from rounds.portal.asking import LARGEST_PHOTO, LONGEST_TEXT, Plea, refuse_photo
from rounds.work.models import Verdict


class AnswerForm(forms.Form):
    """Agree, later or no; the button that was pressed is the verdict."""

    verdict = forms.ChoiceField(choices=Verdict, error_messages={"required": "Press one of the three buttons."})
    until = LocalDayField(label="If later: ask me again from", required=False)
    note = forms.CharField(label="Something to add", required=False, max_length=2000)


class HelpForm(forms.Form):
    """What is wrong, where, and how it looks."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label="What is wrong, or what do you need?",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
        error_messages={"required": "Please say in a few words what is wrong or what you need."},
    )
    machine = forms.ModelChoiceField(
        Machine.objects.none(), label="Which machine?", required=False, empty_label="Not sure, or none in particular"
    )
    photo = forms.FileField(
        label="A photograph, if it helps",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=f"Of the screen, for example. JPEG, PNG or WebP, up to {LARGEST_PHOTO // 1_000_000} MB.",
    )

    def __init__(self, *args: Any, client: Client, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].initial = uuid4()
        machine = self.fields["machine"]
        if isinstance(machine, forms.ModelChoiceField):
            mine = Machine.objects.filter(site__client=client, retired_at=None)
            machine.queryset = mine.order_by("name")

    def clean_photo(self) -> bytes | None:
        """The photograph's bytes; what is none, or too large, is refused with the reason."""
        sent = self.cleaned_data.get("photo")
        if not isinstance(sent, UploadedFile):
            return None
        try:
            photo: bytes = sent.read(LARGEST_PHOTO + 1)
            refuse_photo(photo)
        except Refused as reason:
            raise forms.ValidationError(f"{str(reason)[0].upper()}{str(reason)[1:]}.") from None
        return photo

    def plea(self) -> Plea:
        """What was typed, as the verb takes it."""
        told = self.cleaned_data
        key = told["key"] if isinstance(told["key"], UUID) else uuid4()
        return Plea(key, told["text"], told["machine"], told["photo"])
