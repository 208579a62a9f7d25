"""The page of an agreement's draft: its text, and what can become of it until it is signed or taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from rounds.clients import drafting
from rounds.clients.agreement_forms import SignatureForm
from rounds.clients.models import AgreementDraft
from rounds.core.money import Refused
from rounds.people.access import SignedIn, bookkeeper, office


def _found(draft_id: int) -> AgreementDraft:
    related = ("client", "changes", "made_by", "sending", "withdrawal", "signature__recorded_by")
    return get_object_or_404(AgreementDraft.objects.select_related(*related), pk=draft_id)


def _page(request: SignedIn, row: AgreementDraft, form: SignatureForm) -> HttpResponse:
    if row.changes is None:
        edit = reverse("clients:new-agreement", args=[row.client_id])
    else:
        edit = reverse("clients:change-agreement", args=[row.changes_id])
    title, *lines = row.text.split("\n")
    reply = {
        "draft": row,
        "client": row.client,
        "title": title,
        "lines": lines,
        "signers": drafting.signers_of(row.client),
        "edit": f"{edit}?plan={row.terms['plan']}&draft={row.pk}",
        "is_open": AgreementDraft.objects.open().filter(pk=row.pk).exists(),
        "form": form,
    }
    return render(request, "clients/agreement_draft.html", reply, status=422 if form.errors else 200)


@office
@require_GET
def draft(request: SignedIn, draft_id: int) -> HttpResponse:
    """What would be agreed, word for word, and where it stands."""
    return _page(request, _found(draft_id), SignatureForm())


@bookkeeper
@require_POST
def create_sending(request: SignedIn, draft_id: int) -> HttpResponse:
    """Put the draft before the client in his portal; he gets a letter about it."""
    row = _found(draft_id)
    try:
        drafting.send(row, by=request.user, at=timezone.now())
    except Refused as reason:
        messages.error(request, f"Not sent: {reason}.")
    else:
        messages.success(request, f"{row.client} can sign it in the portal.")
    return redirect("clients:agreement-draft", row.pk)


@bookkeeper
@require_POST
def create_withdrawal(request: SignedIn, draft_id: int) -> HttpResponse:
    """Take the draft back."""
    row = _found(draft_id)
    try:
        drafting.withdraw(row, by=request.user, at=timezone.now())
    except Refused as reason:
        messages.error(request, f"{str(reason)[0].upper()}{str(reason)[1:]}.")
        return redirect("clients:agreement-draft", row.pk)
    messages.success(request, "The draft is taken back.")
    return redirect(f"/clients/{row.client_id}#agreements")


@bookkeeper
@require_POST
def create_signature(request: SignedIn, draft_id: int) -> HttpResponse:
    """Note that it was signed by hand, and by whom."""
    row = _found(draft_id)
    form = SignatureForm(request.POST)
    if form.is_valid():
        try:
            signature = drafting.sign_draft(
                row, drafting.Signed(form.cleaned_data["name"]), by=request.user, at=timezone.now()
            )
        except Refused as reason:
            form.add_error(None, f"{str(reason)[0].upper()}{str(reason)[1:]}.")
        else:
            messages.success(request, f"The agreement with {row.client} is kept, signed by {signature.name}.")
            return redirect(f"/clients/{row.client_id}#agreements")
    return _page(request, row, form)
