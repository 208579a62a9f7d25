"""The page on which a stint or a part that was recorded by mistake is taken back."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.core.money import Refused
from rounds.pages import panels
from rounds.people.access import SignedIn, office
from rounds.work.forms import VoidForm
from rounds.work.models import Part, Stint
from rounds.work.voiding import may_void, void


@office
@require_http_methods(["GET", "HEAD", "POST"])
def void_stint(request: SignedIn, stint_id: int) -> HttpResponse:
    """Take time back that was recorded by mistake."""
    return _take_back(request, get_object_or_404(Stint.objects.select_related("order__client", "who"), pk=stint_id))


@office
@require_http_methods(["GET", "HEAD", "POST"])
def void_part(request: SignedIn, part_id: int) -> HttpResponse:
    """Take a part back that was recorded by mistake."""
    return _take_back(request, get_object_or_404(Part.objects.select_related("order__client"), pk=part_id))


def _take_back(request: SignedIn, row: Stint | Part) -> HttpResponse:
    """Name the thing, ask for the reason, take it back; a technician may only on the day on which it was recorded."""
    now = timezone.now()
    if not may_void(request.user, row, now):
        raise Http404("there is nothing here for you")
    if hasattr(row, "void"):
        messages.info(request, "It has been taken back already.")
        return redirect("work:order", row.order_id)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            void(row, why=form.cleaned_data["why"], by=request.user, at=now)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, f"{name_of(row)} is taken back. What it drew and cost is given back.")
            return redirect("work:order", row.order_id)
    context = {"form": form, "order": row.order, "name": name_of(row), "row": row, "is_stint": isinstance(row, Stint),
               "sections": panels.sections("void", request, row)}  # fmt: skip
    return render(request, "work/void.html", context)


def name_of(row: Stint | Part) -> str:
    """What is taken back, in words."""
    if isinstance(row, Part):
        return f"{row.quantity} × {row.name}"
    return f"{row.minutes} minutes of {timezone.localtime(row.started_at):%-d %B %Y, %H:%M}"
