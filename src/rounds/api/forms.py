"""What the owner types about a token."""

from typing import Any

from django import forms

from rounds.api.models import Scope
from rounds.people.fields import LocalDayField
from rounds.people.models import Role, User


class TokenForm(forms.Form):
    """A token: for which program, as whom, for what, until when."""

    name = forms.CharField(max_length=80, help_text="The program that will use it, like: time tracker.",
                           widget=forms.TextInput(attrs={"autofocus": True}))  # fmt: skip
    person = forms.ModelChoiceField(
        User.objects.none(), label="Acts as", empty_label="Choose a person",
        help_text="It may do what this person may, and time that it records is this person’s.",
    )  # fmt: skip
    scope = forms.ChoiceField(label="It may", choices=Scope.choices)
    last_day = LocalDayField(label="Last day", required=False, help_text="Empty: until you revoke it.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choice = self.fields["person"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = User.objects.exclude(role=Role.CONTACT).filter(is_active=True).order_by("name", "pk")
