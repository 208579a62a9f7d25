"""The page on which the owner says how long mails are kept as they came."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.mail.letting_go import retention
from rounds.mail.models import MailRetention
from rounds.people.access import SignedIn, owner


class MailRetentionForm(forms.ModelForm):  # type: ignore[type-arg]
    """How long mails are kept as they came."""

    class Meta:
        model = MailRetention
        fields = ("raw_months",)
        help_texts = {"raw_months": "Text and attachments. Empty: for ever."}


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def mail_retention(request: SignedIn) -> HttpResponse:
    """How long mails are kept as they came; to keep them shorter is asked twice, as they go for good."""
    kept = retention()
    form = MailRetentionForm(request.POST or None, instance=MailRetention(pk=1, raw_months=kept.raw_months))
    is_less = False
    if request.method == "POST" and form.is_valid():
        is_less = _is_less(form.instance.raw_months, kept.raw_months)
        if not is_less or "confirmed" in request.POST:
            form.instance.set_at, form.instance.set_by = timezone.now(), request.user
            form.instance.save()
            messages.success(request, "They are kept so from now on.")
            return redirect("mail:retention")
    context = {"form": form, "is_less": is_less, "kept": kept, "months": form.instance.raw_months}
    return render(request, "mail/retention.html", context, status=422 if form.errors else 200)


def _is_less(months: int | None, before: int | None) -> bool:
    """Would something go that is kept now?"""
    return months is not None and (before is None or months < before)
