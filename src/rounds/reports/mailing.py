"""Writes the letters with daily reports, to the client and to the shop, each once; the ticker sends them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from rounds.mail.models import Letter
from rounds.mail.sending import Attachment, write_letter
from rounds.people.models import Shop
from rounds.people.shop import the_shop
from rounds.reports.models import Report
from rounds.reports.printing import file_name, report_pdf
from rounds.reports.writing import subject_of, text_of

LOOKED_BACK = timedelta(days=7)
AT_ONCE = 200


def pull(at: datetime) -> int:
    """Write the letters of reports that have none yet; say how many were written. Again, it writes none."""
    shop, written = the_shop(), 0
    while rows := list(waiting(at)[:AT_ONCE]):
        written += sum(_write(row, shop) for row in rows)
    return written


def waiting(at: datetime) -> QuerySet[Report]:
    """Reports that go to somebody and whose letters are not all written."""
    fresh = Report.objects.filter(made_at__gt=at - LOOKED_BACK).exclude(to="", to_shop="")
    to_client, to_shop = (_letter(end) for end in ("", ":shop"))
    return fresh.filter(~Exists(to_client) & ~Q(to="") | ~Exists(to_shop) & ~Q(to_shop="")).order_by("pk")


def _letter(end: str) -> QuerySet[Letter]:
    key = Concat(Value("daily-report:"), Cast(OuterRef("pk"), CharField()), Value(end), output_field=CharField())
    return Letter.objects.filter(key=key)


def _write(report: Report, shop: Shop) -> int:
    """Write a report's letters: one to the client, and one to the shop that leads to its page."""
    paper = Attachment(file_name(report), report_pdf(report)) if report.has_pdf else None
    key, subject = f"daily-report:{report.pk}", subject_of(report)
    if report.to:
        write_letter(key, report.to.split(", "), subject, text_of(report, shop), paper)
    if report.to_shop:
        link = f"{settings.SITE_URL}/reports/{report.pk}"
        write_letter(f"{key}:shop", report.to_shop.split(", "), subject, text_of(report, shop, link), paper)
    return bool(report.to) + bool(report.to_shop)
