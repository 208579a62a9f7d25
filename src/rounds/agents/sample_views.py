"""The page on which the owner says how long samples are kept."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.agents.chunks import retention
from rounds.agents.forms import RetentionForm
from rounds.agents.models import Retention
from rounds.people.access import SignedIn, owner


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def samples(request: SignedIn) -> HttpResponse:
    """How long samples are kept; to keep them shorter is asked twice, as they go for good."""
    kept = retention()
    form = RetentionForm(request.POST or None, instance=Retention(pk=1, **_lengths(kept)))
    goes: list[str] = []
    if request.method == "POST" and form.is_valid():
        goes = _what_goes(kept, form.instance)
        if not goes or "confirmed" in request.POST:
            form.instance.set_at, form.instance.set_by = timezone.now(), request.user
            form.instance.save()
            messages.success(request, "It is kept so from now on.")
            return redirect("agents:samples")
    context = {"form": form, "goes": goes, "kept": kept, "is_elsewhere": bool(settings.VICTORIA)}
    return render(request, "agents/samples.html", context, status=422 if form.errors else 200)


def _lengths(kept: Retention) -> dict[str, int | None]:
    return {"raw_days": kept.raw_days, "rolled_months": kept.rolled_months, "day_years": kept.day_years}


def _what_goes(before: Retention, after: Retention) -> list[str]:
    """What would go that is kept now, in words."""
    said = []
    if after.raw_days < before.raw_days:
        said.append(f"every sample older than {after.raw_days} days")
    if after.rolled_months < before.rolled_months:
        said.append(f"figures of five minutes and of hours older than {after.rolled_months} months")
    if after.day_years is not None and (before.day_years is None or after.day_years < before.day_years):
        said.append(f"figures of days older than {after.day_years} years")
    return said
