"""The morning's reports as pages: all clients' of a day, what is not well first, and one of them."""

from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.mail.models import Letter
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office
from rounds.people.fields import read_day
from rounds.people.shop import local_day
from rounds.reports import making, reviewing
from rounds.reports.choosing import shop_choice
from rounds.reports.models import Report, ReportSet, Review
from rounds.reports.printing import file_name, report_pdf
from rounds.reports.writing import notes_of

SHOW = {
    "all": "all",
    "open": "not reviewed",
    "not-well": "not well",
    "well": "well",
    "reviewed": "reviewed",
}
SORTS = {
    "state": ("rank", "-trouble", "-soon", "-missing", "client__name"),
    "client": ("client__name",),
    "made": ("-made_at",),
    "reviewed": ("-reviewed_at", "client__name"),
}
CSV_COLUMNS = {
    "Client": lambda row: row.client.name,
    "Day": lambda row: row.day.isoformat(),
    "State": lambda row: row.get_state_display(),
    "In trouble": lambda row: row.trouble,
    "To look at": lambda row: row.soon,
    "Missing": lambda row: row.missing,
    "Made": lambda row: timezone.localtime(row.made_at).isoformat(timespec="minutes"),
    "Reviewed by": lambda row: row.reviewed_by or "",
    "Reviewed": lambda row: (
        timezone.localtime(row.reviewed_at).isoformat(timespec="minutes") if row.reviewed_at else ""
    ),
}
NAMED = 5


def of_day(asked: str, today: date) -> date:
    """The day that an address asks for; today's, for what is none."""
    try:
        return read_day(asked) if asked else today
    except Refused:
        return today


def shown_of(show: str, rows: ReportSet) -> ReportSet:
    """Of some reports those that are asked for."""
    if show in {"open", "reviewed"}:
        return rows.reviewed(is_so=show == "reviewed")
    if show in {"well", "not-well"}:
        return rows.filter(state="well") if show == "well" else rows.exclude(state="well")
    return rows


@office
@require_safe
def morning(request: SignedIn) -> HttpResponseBase:
    """All clients' reports of a day: which are not well, which has nobody reviewed?"""
    now = timezone.now()
    today = local_day(now)
    day = of_day(request.GET.get("day", ""), today)
    show, text = request.GET.get("show", "all"), request.GET.get("q", "").strip()
    show = show if show in SHOW else "all"
    of_it = Report.objects.filter(day=day)
    rows = shown_of(show, of_it).select_related("client").defer("body").with_review()
    if text:
        rows = rows.filter(client__name__icontains=text)
    listing = Listing(request, rows, sorts=SORTS, noun="reports")
    if listing.is_csv:
        return as_csv(listing, f"daily-reports-{day}", CSV_COLUMNS)
    counts = of_it.aggregate(all=Count("pk"), not_well=Count("pk", filter=~Q(state="well")))
    still_open = of_it.reviewed(is_so=False)
    context = {
        "listing": listing,
        "day": day,
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "show": show,
        "shows": SHOW,
        "q": text,
        "counts": counts,
        "open": still_open.count(),
        "first": still_open.worst_first().first(),
        "well_open": still_open.filter(state="well").count(),
        "late": _late(day, now) if today - timedelta(days=1) <= day <= today + timedelta(days=1) else [],
        "named": NAMED,
        "choice": shop_choice(),
    }
    return render(request, "reports/morning.html", context)


def _late(day: date, now: datetime) -> list[Client]:
    """Whose report of a day is not made, though its hour has come."""
    return sorted((client for client, _wish, due in making.due(now) if due == day), key=str)


def find_report(report_id: int) -> Report:
    """A report with its client and review, or 404."""
    return get_object_or_404(Report.objects.select_related("client").with_review(), pk=report_id)


@office
@require_safe
def report(request: SignedIn, report_id: int) -> HttpResponse:
    """One client's report of one day, as it was made."""
    return show_report(request, find_report(report_id))


def show_report(request: SignedIn, shown: Report, wrong: str = "", typed: str | None = None) -> HttpResponse:
    """The page of a report; `wrong` says what was wrong with a review, which had `typed` for its minutes."""
    standing = Review.objects.standing().filter(report=shown)
    review = standing.select_related("by", "evidence__duty", "stint__order").first()
    now, choice = timezone.now(), shop_choice()
    usual = reviewing.usual_minutes(choice)
    context = {
        "report": shown,
        "notes": notes_of(shown),
        "review": review,
        "may_undo": review is not None and reviewing.may_undo(request.user, review, now),
        "minutes": usual if typed is None else typed,
        "pays_by_time": shown.client_id in reviewing.paying_by_time([shown.client], now),
        "duty": reviewing.duty_of(shown) if review is None else None,
        "choice": choice,
        "wrong": wrong,
        "next": next_open(shown),
        "open": Report.objects.filter(day=shown.day).reviewed(is_so=False).count(),
        "earlier": Report.objects.filter(client=shown.client, day__lt=shown.day).order_by("-day").first(),
        "later": Report.objects.filter(client=shown.client, day__gt=shown.day).order_by("day").first(),
        "letters": Letter.objects.filter(key__in=[f"daily-report:{shown.pk}", f"daily-report:{shown.pk}:shop"]).defer(
            "attachment"
        ),
    }
    return render(request, "reports/report.html", context, status=422 if wrong else 200)


def next_open(shown: Report) -> Report | None:
    """The next report of the day that nobody has reviewed, in the order of the morning; then from the beginning."""
    keys = list(Report.objects.filter(day=shown.day).reviewed(is_so=False).worst_first().values_list("pk", flat=True))
    everybody = list(Report.objects.filter(day=shown.day).worst_first().values_list("pk", flat=True))
    place = everybody.index(shown.pk)
    turn = [key for key in (*everybody[place + 1 :], *everybody[:place]) if key in set(keys)]
    return Report.objects.filter(pk=turn[0]).select_related("client").first() if turn else None


@office
@require_safe
def document(_request: SignedIn, report_id: int) -> HttpResponse:
    """A report as PDF."""
    return as_pdf(find_report(report_id))


def as_pdf(shown: Report | None) -> HttpResponse:
    """A report's PDF as an answer."""
    if shown is None:
        raise Http404("there is no report")
    reply = HttpResponse(report_pdf(shown), content_type="application/pdf")
    reply["Content-Disposition"] = f'inline; filename="{file_name(shown)}"'
    return reply
