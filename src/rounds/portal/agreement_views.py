"""The page on which a client reads an agreement word for word, and signs it with his typed name."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.clients import drafting
from rounds.clients.models import AgreementDraft
from rounds.core.money import Refused
from rounds.portal.access import ContactRequest, for_contact
from rounds.portal.views import deciders


class SigningForm(forms.Form):
    """The name typed as a signature."""

    name = forms.CharField(
        label="Type your full name to sign", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


@for_contact
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: ContactRequest, draft_id: int) -> HttpResponse:
    """An agreement that was put before the client: its text, and who signed it or still has to."""
    rows = AgreementDraft.objects.exclude(sending=None).filter(client=request.client)
    draft = get_object_or_404(rows.select_related("signature", "withdrawal", "sending"), pk=draft_id)
    may_sign = request.contact.may_decide and rows.open().filter(pk=draft.pk).exists()
    form = SigningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not request.contact.may_decide:
            form.add_error(None, "Only somebody who may decide can sign.")
        elif _sign(request, draft, form):
            messages.success(request, "Thank you. The agreement is signed.")
            return redirect("portal:agreement", draft.pk)
    title, *lines = draft.text.split("\n")
    reply: dict[str, Any] = {
        "draft": draft,
        "title": title,
        "lines": lines,
        "may_sign": may_sign,
        "form": form,
        "deciders": deciders(request.client),
    }
    return render(request, "portal/agreement.html", reply, status=422 if form.errors else 200)


def _sign(request: ContactRequest, draft: AgreementDraft, form: SigningForm) -> bool:
    address = str(request.META.get("REMOTE_ADDR", ""))
    signed = drafting.Signed(form.cleaned_data["name"], "portal", address, request.contact)
    try:
        drafting.sign_draft(draft, signed, by=request.user, at=timezone.now())
    except Refused as reason:
        form.add_error(None, f"This cannot be signed as it stands: {reason}. Please call us.")
        return False
    return True
