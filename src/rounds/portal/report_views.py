"""A client's own daily reports, where the shop lets him see them: the list, one, and its PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rounds.core.money import Refused
from rounds.pages.listing import Listing
from rounds.people.fields import read_day
from rounds.portal.access import ContactRequest, for_contact
from rounds.reports.choosing import wishes
from rounds.reports.models import Report, ReportSet
from rounds.reports.views import as_pdf
from rounds.reports.writing import notes_of


def sees_reports(request: ContactRequest) -> bool:
    """May this person see his firm's daily reports? Who may decide, where the shop lets the client see them."""
    return request.contact.may_decide and wishes([request.client])[request.client.pk].is_in_portal


def reports_of(request: ContactRequest) -> ReportSet:
    """The client's own reports; 404 where he may not see them."""
    if not sees_reports(request):
        raise Http404("there is nothing here for you")
    return Report.objects.filter(client=request.client)


def newest(request: ContactRequest) -> Report | None:
    """His newest report; None if there is none, or he may not see it."""
    return Report.objects.filter(client=request.client).defer("body").first() if sees_reports(request) else None


@for_contact
@require_safe
def reports(request: ContactRequest) -> HttpResponse:
    """How everything was, day by day."""
    rows = reports_of(request).defer("body").with_review()
    listing = Listing(request, rows, sorts={"day": ("-day",)}, noun="reports")
    return render(request, "portal/reports.html", {"listing": listing})


def find_report(request: ContactRequest, day: str) -> Report:
    """The report of a day, or 404."""
    try:
        asked = read_day(day)
    except Refused:
        raise Http404("there is no such day") from None
    return get_object_or_404(reports_of(request).with_review(), day=asked)


@for_contact
@require_safe
def report(request: ContactRequest, day: str) -> HttpResponse:
    """One day's report, as it was made."""
    shown = find_report(request, day)
    return render(request, "portal/report.html", {"report": shown, "notes": notes_of(shown)})


@for_contact
@require_safe
def report_document(request: ContactRequest, day: str) -> HttpResponse:
    """The same as PDF."""
    return as_pdf(find_report(request, day))
