"""The page on which an agreement ends earlier than what was charged for it; shows what goes back before it is kept."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from rounds.clients.models import Agreement
from rounds.core.money import Refused, show_amount, show_hours
from rounds.invoices.ending import Back, end_early, foresee_end
from rounds.invoices.refund_forms import GivingForm
from rounds.invoices.refunding import Giving
from rounds.people.access import SignedIn, bookkeeper
from rounds.people.fields import LocalDayField
from rounds.people.shop import local_day


class EarlyEndForm(GivingForm):
    """The last day of an agreement, and how the rest of what was charged goes back."""

    seen = None  # type: ignore[assignment]  # an agreement ends once
    ends = LocalDayField(label="Its last day", widget=forms.DateInput(attrs={"type": "date", "autofocus": True}))
    field_order = ("ends", "how", "reference", "why")


@bookkeeper
def early_end(request: SignedIn, agreement_id: int) -> HttpResponse:
    """End an agreement with a day that is charged beyond already."""
    row = get_object_or_404(Agreement.objects.select_related("client", "end"), pk=agreement_id)
    now = timezone.now()
    form = EarlyEndForm(request.POST or None, initial={"ends": local_day(now)})
    words: list[str] = []
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            words = _words(row, form)
            if told["is_certain"]:
                giving = Giving(told["why"], now, request.user, form.way(), told["reference"])
                end_early(row, told["ends"], giving)
                messages.success(request, f"The {row.get_plan_display()} ends with {told['ends']}. {' '.join(words)}")
                return redirect("invoices:client_money", row.client_id)
        except Refused as refusal:
            text, words = str(refusal), []
            form.add_error("ends", f"{text[0].upper()}{text[1:]}.")
    reply: dict[str, Any] = {"row": row, "client": row.client, "form": form, "words": words}
    return render(request, "invoices/early_end.html", reply, status=422 if form.errors else 200)


def _words(row: Agreement, form: EarlyEndForm) -> list[str]:
    """What ending it so does, in sentences."""
    backs, outcome = foresee_end(row, form.cleaned_data["ends"], timezone.now())
    words = [
        f"Invoice {back.invoice}: a credit note over {show_amount(back.parts.total)} ({_parts_in_words(back)}). "
        + " ".join(foreseen.words())
        for back, foreseen in backs
    ]
    words += [
        f"{show_hours(one.seconds)} of the unused included hours of {one.month:%B %Y} go." for one in outcome.cuts
    ]
    if not backs:
        words.append("Nothing goes back: no fee and no monitoring was charged for later days.")
    elif any(foreseen.crediting.beyond.credit_change > 0 for _back, foreseen in backs):
        way = form.way()
        words.append(f"What is left over is paid out ({way.label.lower()})." if way else "Nothing is paid out.")
    return [*words, "What was worked and rated stays as it is."]


def _parts_in_words(back: Back) -> str:
    """The lines of which something goes back: fee 200.00, monitoring 30.00."""
    return ", ".join(f"{rest.kind} {show_amount(rest.amount)}" for rest in back.rests)
