"""Pages of what belongs to a client: sites, contacts with their sign-in, machines."""

from collections.abc import Mapping
from types import MappingProxyType

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from rounds.clients import keeping
from rounds.clients.forms import ContactForm, MachineForm, SiteForm
from rounds.clients.models import Client, Contact, Machine, Site
from rounds.core.money import Refused
from rounds.pages.undoing import told_with_undo
from rounds.people.access import SignedIn, office
from rounds.people.signing_in import one_time_link


def _show(
    request: SignedIn, form: ModelForm[Site] | ModelForm[Contact] | ModelForm[Machine], title: str, client: Client,
    links: Mapping[str, str] = MappingProxyType({}),
) -> HttpResponse:  # fmt: skip
    reply = {"form": form, "title": title, "back": f"/clients/{client.pk}", "links": dict(links)}
    return render(request, "clients/form.html", reply)


def _kept(request: SignedIn, name: str, client: Client, section: str) -> HttpResponse:
    messages.success(request, f"{name} is kept.")
    return redirect(f"/clients/{client.pk}#{section}")


@office
@require_http_methods(["GET", "HEAD", "POST"])
def new_site(request: SignedIn, client_id: int) -> HttpResponse:
    """A form for a new site of a client."""
    client = get_object_or_404(Client, pk=client_id)
    form = SiteForm(request.POST or None, instance=Site(client=client))
    if request.method == "POST" and form.is_valid():
        return _kept(request, form.save().name, client, "machines")
    return _show(request, form, f"New site of {client}", client)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: SignedIn, site_id: int) -> HttpResponse:
    """A site's particulars."""
    shown = get_object_or_404(Site.objects.select_related("client"), pk=site_id)
    title = f"{shown}: particulars"
    form = SiteForm(request.POST or None, instance=shown)
    if request.method == "POST" and form.is_valid():
        return _kept(request, form.save().name, shown.client, "machines")
    links = {reverse("clients:site-taxes", args=[shown.pk]): "Taxes at this site"} if request.user.is_owner else {}
    return _show(request, form, title, shown.client, links)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def new_contact(request: SignedIn, client_id: int) -> HttpResponse:
    """A form for a new contact of a client."""
    client = get_object_or_404(Client, pk=client_id)
    is_first = not client.contacts.filter(left_at=None).exists()
    form = ContactForm(
        request.POST or None,
        instance=Contact(client=client),
        initial={"may_decide": is_first, "gets_invoices": is_first},
    )
    if request.method == "POST" and form.is_valid():
        contact = form.save(commit=False)
        keeping.change_contact(contact)
        return _kept(request, contact.name, client, "people")
    return _show(request, form, f"New contact at {client}", client)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: SignedIn, contact_id: int) -> HttpResponse:
    """A contact's particulars; a sign-in follows the name and the address."""
    shown = get_object_or_404(Contact.objects.select_related("client", "user"), pk=contact_id)
    title = f"{shown} at {shown.client}"
    form = ContactForm(request.POST or None, instance=shown)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.change_contact(form.save(commit=False))
        except Refused as reason:
            form.add_error("email", str(reason))
        else:
            return _kept(request, shown.name, shown.client, "people")
    return _show(request, form, title, shown.client)


@office
@require_POST
def contact_leave(request: SignedIn, contact_id: int) -> HttpResponse:
    """Ask and mail a contact no longer."""
    shown = get_object_or_404(Contact.objects.select_related("client", "user"), pk=contact_id)
    keeping.let_contact_go(shown, at=timezone.now())
    undo = reverse("clients:contact-return", args=[shown.pk])
    told_with_undo(request, f"{shown} is no longer asked or mailed, and cannot sign in.", undo)
    return redirect(f"/clients/{shown.client_id}#people")


@office
@require_POST
def contact_return(request: SignedIn, contact_id: int) -> HttpResponse:
    """Ask a contact again."""
    shown = get_object_or_404(Contact.objects.select_related("user"), pk=contact_id)
    keeping.bring_contact_back(shown)
    messages.success(request, f"{shown} is a contact again.")
    return redirect(f"/clients/{shown.client_id}#people")


@office
@never_cache
@require_POST
def invitation(request: SignedIn, contact_id: int) -> HttpResponse:
    """Give a contact a sign-in to the portal, and a link to hand on."""
    shown = get_object_or_404(Contact.objects.select_related("client"), pk=contact_id)
    try:
        user = keeping.invite(shown)
    except Refused as reason:
        messages.error(request, str(reason))
        return redirect(f"/clients/{shown.client_id}#people")
    context = {"person": user, "contact": shown, "link": one_time_link(user)}
    return render(request, "clients/invitation.html", context)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def new_machine(request: SignedIn, client_id: int) -> HttpResponse:
    """A form for a new machine; a client without a site gets one first."""
    client = get_object_or_404(Client, pk=client_id)
    if not client.sites.exists():
        messages.warning(request, "A machine stands somewhere: add the site first.")
        return redirect("clients:new-site", client.pk)
    form = MachineForm(request.POST or None, client=client)
    if request.method == "POST" and form.is_valid():
        return _kept(request, form.save().name, client, "machines")
    return _show(request, form, f"New machine of {client}", client)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def machine(request: SignedIn, machine_id: int) -> HttpResponse:
    """A machine's particulars."""
    shown = get_object_or_404(Machine.objects.select_related("site__client"), pk=machine_id)
    client, title = shown.site.client, f"{shown}: particulars"
    form = MachineForm(request.POST or None, instance=shown, client=client)
    if request.method == "POST" and form.is_valid():
        return _kept(request, form.save().name, client, "machines")
    return _show(request, form, title, client)


@office
@require_POST
def machine_retire(request: SignedIn, machine_id: int) -> HttpResponse:
    """Look after a machine no longer."""
    shown = get_object_or_404(Machine.objects.select_related("site"), pk=machine_id)
    keeping.retire(shown, at=timezone.now())
    told_with_undo(request, f"{shown} is retired.", reverse("clients:machine-return", args=[shown.pk]))
    return redirect(f"/clients/{shown.site.client_id}#machines")


@office
@require_POST
def machine_return(request: SignedIn, machine_id: int) -> HttpResponse:
    """Look after a retired machine again."""
    shown = get_object_or_404(Machine.objects.select_related("site"), pk=machine_id)
    try:
        keeping.take_up(shown)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, f"{shown} is looked after again.")
    return redirect(f"/clients/{shown.site.client_id}#machines")
