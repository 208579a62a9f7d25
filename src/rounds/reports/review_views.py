"""Reviews of reports: one with a click and on to the next, many that are well after a confirmation, and taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from rounds.core.money import Refused
from rounds.pages.keys import as_key
from rounds.pages.undoing import told_with_undo
from rounds.people.access import SignedIn, technician
from rounds.people.shop import local_day
from rounds.reports import reviewing
from rounds.reports.models import Report, Review
from rounds.reports.reviewing import Looked
from rounds.reports.views import find_report, next_open, of_day, show_report

MOST_AT_ONCE = 500


def looked_of(request: SignedIn) -> Looked:
    """What a form says of a review. Refused: minutes that are no number, or too many."""
    typed = request.POST.get("minutes", "").strip() or "0"
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 5):
        raise Refused(f"“{typed[:20]}” is no number of minutes; 0 records no time")
    return Looked(int(typed), request.POST.get("note", "").strip()[:150])


@technician
@require_POST
def create_review(request: SignedIn, report_id: int) -> HttpResponse:
    """Somebody has looked at a report; the next that nobody has looked at comes up."""
    shown, at = find_report(report_id), timezone.now()
    try:
        kept = reviewing.review(shown, looked_of(request), by=request.user, at=at)
    except Refused as reason:
        words = f"{str(reason)[:1].upper()}{str(reason)[1:]}."
        return show_report(request, shown, words, request.POST.get("minutes", ""))
    if (kept.by_id, kept.at) == (request.user.pk, at):
        time = f", {kept.stint.minutes} min" if kept.stint else ""
        told_with_undo(request, f"{shown.client} is reviewed{time}.", reverse("reports:undoing", args=[kept.pk]))
    elif kept.by_id != request.user.pk:
        messages.warning(request, f"{shown.client} has been reviewed meanwhile, by {kept.by}.")
    following = next_open(shown)
    if following is not None:
        return redirect("reports:report", following.pk)
    return redirect(f"{reverse('reports:morning')}?day={shown.day}")


@technician
@require_POST
def create_reviews(request: SignedIn) -> HttpResponse:
    """Review many reports that are well: those that were ticked, or all of a day. It asks first, by their names."""
    at = timezone.now()
    day = of_day(request.POST.get("day", ""), local_day(at))
    rows = Report.objects.filter(day=day, state="well").reviewed(is_so=False).select_related("client").defer("body")
    ticked = [as_key(key) for key in request.POST.getlist("report")[:MOST_AT_ONCE]]
    chosen = list(
        (rows if "all" in request.POST else rows.filter(pk__in=ticked)).order_by("client__name")[:MOST_AT_ONCE]
    )
    back = f"{reverse('reports:morning')}?day={day}"
    if not chosen:
        messages.warning(request, "Nothing was ticked that is well and not reviewed.")
        return redirect(back)
    wrong = ""
    if "confirmed" in request.POST:
        try:
            count = reviewing.review_many(chosen, looked_of(request), by=request.user, at=at)
        except Refused as reason:
            wrong = f"{str(reason)[:1].upper()}{str(reason)[1:]}."
        else:
            messages.success(request, f"{count} {'report is' if count == 1 else 'reports are'} reviewed.")
            return redirect(back)
    paying = reviewing.paying_by_time([row.client for row in chosen], at)
    context = {
        "chosen": chosen, "day": day, "paying": [row.client for row in chosen if row.client_id in paying],
        "wrong": wrong, "minutes": request.POST.get("minutes", "0"), "note": request.POST.get("note", ""),
    }  # fmt: skip
    return render(request, "reports/reviews.html", context, status=422 if wrong else 200)


@technician
@require_POST
def create_undoing(request: SignedIn, review_id: int) -> HttpResponse:
    """Take a review back, with its evidence and its time."""
    kept = get_object_or_404(Review.objects.select_related("report__client", "evidence", "stint"), pk=review_id)
    at = timezone.now()
    if not reviewing.may_undo(request.user, kept, at):
        messages.error(request, "Whoever reviewed it can take that back on the same day; after that, the owner can.")
    else:
        reviewing.undo(kept, by=request.user, at=at)
        messages.success(request, f"The review of {kept.report.client} is taken back.")
    return redirect("reports:report", kept.report_id)
