"""What is typed about clients, their sites, contacts and machines."""

from typing import Any

from django import forms

from rounds.clients.models import Client, Contact, Machine, Site
from rounds.core.countries import read_country
from rounds.core.money import Refused

FIRST = {"autofocus": True}


class ClientForm(forms.ModelForm[Client]):
    """A client: whom the shop serves and where the invoices go."""

    class Meta:
        model = Client
        fields = ("name", "kind", "billing_address", "billing_site", "country", "tax_number", "note")
        labels = {"billing_address": "Address on invoices", "billing_site": "Bills go to", "tax_number": "Tax number"}
        help_texts = {
            "country": "Two letters, like US or DE; empty: the shop’s own.",
            "billing_site": "The site whose taxes fees, monitoring and blocks have. Empty: the first one.",
            "tax_number": "As it stands on invoices, if there is one.",
            "note": "For the shop only.",
        }
        widgets = {
            "name": forms.TextInput(attrs=FIRST),
            "billing_address": forms.Textarea(attrs={"rows": 3}),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        own = Site.objects.filter(client=self.instance.pk) if self.instance.pk else Site.objects.none()
        if own.count() < 2:
            del self.fields["billing_site"]
            return
        field = self.fields["billing_site"]
        field.queryset, field.empty_label = own, "the first one"  # type: ignore[attr-defined]
        field.label_from_instance = lambda site: site.name  # type: ignore[attr-defined]

    def clean_country(self) -> str:
        """A country's two letters."""
        try:
            return read_country(str(self.cleaned_data["country"]))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean_name(self) -> str:
        """A name that no other client has, in capitals or not."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        other = Client.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).first()
        if other is not None:
            left = ", who has left" if other.left_at else ""
            raise forms.ValidationError(f"There is a client {other.name}{left} already.")
        return name


class SiteForm(forms.ModelForm[Site]):
    """A site: where machines stand, and what it does to them."""

    class Meta:
        model = Site
        fields = ("name", "address", "environment")
        help_texts = {
            "name": "Like Main office.",
            "environment": "How often hardware is cleaned follows from it.",
        }
        widgets = {"name": forms.TextInput(attrs=FIRST), "address": forms.Textarea(attrs={"rows": 3})}

    def clean_name(self) -> str:
        """A name that the client's other sites do not have."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = Site.objects.filter(client_id=self.instance.client_id, name__iexact=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(f"This client has a site {name} already.")
        return name


class ContactForm(forms.ModelForm[Contact]):
    """A person at the client: how to reach him, and what he may do."""

    class Meta:
        model = Contact
        fields = ("name", "email", "phone", "best_time", "may_decide", "gets_invoices")
        labels = {
            "email": "E-mail address",
            "best_time": "Best time to call",
            "may_decide": "May decide on work and money",
            "gets_invoices": "Gets the invoices",
        }
        help_texts = {"best_time": "Like: after 10, not on Fridays."}
        widgets = {"name": forms.TextInput(attrs=FIRST)}

    def clean(self) -> dict[str, Any]:
        """Who gets invoices needs an address."""
        told = super().clean() or {}
        if told.get("gets_invoices") and not told.get("email") and "email" not in self.errors:
            self.add_error("email", "Invoices go by mail: an address is needed.")
        return told


class MachineForm(forms.ModelForm[Machine]):
    """A machine: where it stands and what it is."""

    class Meta:
        model = Machine
        fields = ("name", "site", "kind", "is_protected", "note")
        labels = {"is_protected": "Has the anti-spyware product that the shop requires"}
        help_texts = {
            "name": "As it calls itself on the network, like SRV01.",
            "is_protected": "Where the agreement asks for it, a clean-up is covered only then.",
        }
        widgets = {"name": forms.TextInput(attrs=FIRST), "note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"] = forms.ModelChoiceField(client.sites.all(), empty_label=None, help_text="Where it stands.")

    def clean(self) -> dict[str, Any]:
        """A name that no other machine of the site has."""
        told = super().clean() or {}
        name, site = told.get("name"), told.get("site")
        if name and site and self.instance.retired_at is None:
            same = Machine.objects.filter(site=site, name__iexact=name, retired_at=None).exclude(pk=self.instance.pk)
            if same.exists():
                self.add_error("name", f"{site.name} has a machine {name} already.")
        return told
