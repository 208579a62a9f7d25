"""What people type about themselves and the shop."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile

from rounds.core.countries import read_country
from rounds.core.money import Refused
from rounds.people.branding import MOST_BYTES
from rounds.people.models import Role, Shop, User

# ISO 4217: currencies whose minor unit is not a hundredth.
NO_HUNDREDTHS = frozenset(
    {"BHD", "BIF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD", "LYD", "OMR", "PYG", "RWF",
     "TND", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
)  # fmt: skip
OF_SHOP = [(role.value, role.label) for role in (Role.TECHNICIAN, Role.BOOKKEEPER, Role.OWNER)]


class PersonForm(forms.Form):
    """A person of the shop: name, address, role."""

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autofocus": True}))
    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(
        choices=OF_SHOP,
        help_text="A technician does the rounds and the work. A bookkeeper sees the work and moves money. "
        "An owner does both, and changes prices, people and settings.",
    )


class NameForm(forms.ModelForm[User]):
    """One's own name."""

    class Meta:
        model = User
        fields = ("name",)


class ShopForm(forms.ModelForm[Shop]):
    """The shop as clients see it on invoices and in the portal, its clock and its currency."""

    class Meta:
        model = Shop
        fields = ("name", "address", "country", "email", "phone", "tax_number", "bank_details", "time_zone", "currency",
                  "sells_in_portal")  # fmt: skip
        labels = {
            "sells_in_portal": "Sell blocks of hours in the portal",
            "email": "E-mail address",
            "tax_number": "Tax number",
            "bank_details": "Bank details",
        }
        help_texts = {
            "address": "As it stands on invoices.",
            "country": "Two letters, like US or DE; electronic invoices need it.",
            "email": "Where clients answer to.",
            "tax_number": "As it stands on invoices, if there is one.",
            "bank_details": "Where clients pay to; it stands on every invoice.",
            "time_zone": "A name like America/New_York or Europe/Berlin; a day and a month begin by this clock.",
            "sells_in_portal": "Clients’ contacts who may decide can buy the next block there by themselves.",
            "currency": "Three letters, like USD or EUR. All amounts are in it; it has two decimals.",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autofocus": True}),
            "address": forms.Textarea(attrs={"rows": 3}),
            "bank_details": forms.Textarea(attrs={"rows": 3}),
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        }

    def clean_country(self) -> str:
        """A country's two letters."""
        try:
            return read_country(str(self.cleaned_data["country"]))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean_time_zone(self) -> str:
        """A zone that the machine knows; for another word, those that resemble it."""
        name = str(self.cleaned_data["time_zone"]).strip()
        known = sorted(available_timezones())
        same = next((zone for zone in known if zone.casefold() == name.replace(" ", "_").casefold()), None)
        try:
            return ZoneInfo(same or name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            word = name.replace(" ", "_").casefold()
            alike = [zone for zone in known if word and word in zone.casefold()][:4]
            meant = f"perhaps {', '.join(alike)}" if alike else "write it like Europe/Berlin"
            raise forms.ValidationError(f"“{name}” is no time zone; {meant}") from None

    def clean_currency(self) -> str:
        """Three letters."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if len(code) != 3 or not code.isascii() or not code.isalpha():
            raise forms.ValidationError("write the currency's three letters, like USD")
        if code in NO_HUNDREDTHS:
            raise forms.ValidationError(f"{code} has no cents; amounts here are kept in hundredths")
        return code


class BrandForm(forms.Form):
    """The shop's colour and logo on papers."""

    accent = forms.CharField(
        label="Colour", max_length=7, widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text="Of the shop's name and of totals, like #1f5fa8.",
    )  # fmt: skip
    logo = forms.FileField(
        label="Logo", required=False, widget=forms.FileInput(attrs={"accept": "image/png,image/svg+xml"}),
        help_text=f"PNG or SVG, up to {MOST_BYTES // 1000} kB. It stands above the shop's name.",
    )  # fmt: skip
    without_logo = forms.BooleanField(label="Print without a logo", required=False)

    def picture(self) -> bytes | None:
        """The bytes that were sent, up to one more than are allowed."""
        sent = self.cleaned_data.get("logo")
        return sent.read(MOST_BYTES + 1) if isinstance(sent, UploadedFile) else None
