"""Renews agreements whose notice date has passed without notice, and says which notice dates come near."""

import logging
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from rounds.clients.agreeing import sign
from rounds.clients.drafting import copy_of
from rounds.clients.models import Agreement
from rounds.core.days import add_months, first_of_month
from rounds.core.money import Refused
from rounds.people.shop import local_day

DAYS_BEFORE = 30  # how long before the notice date the shop is told
DAY = timedelta(days=1)
log = logging.getLogger("rounds.clients")


def running_out() -> QuerySet[Agreement]:
    """Agreements with a last day that were neither ended early nor replaced, of clients who are still here."""
    followed = Agreement.objects.filter(replaces=OuterRef("pk"))
    rows = Agreement.objects.filter(ends__isnull=False, end=None, client__left_at=None).exclude(Exists(followed))
    return rows.select_related("client").order_by("ends", "pk")


def notice_by(row: Agreement) -> date:
    """The last day on which notice can be given; without a term of notice, its last day."""
    return _last_day(row) - timedelta(days=row.notice_days or 0)


def _last_day(row: Agreement) -> date:
    return row.ends or date.max


def notices_due(today: date) -> list[Agreement]:
    """Agreements whose notice date, or last day, comes within the next weeks: talk to these clients."""
    rows = running_out().filter(ends__gte=today)
    return [row for row in rows if today <= notice_by(row) <= today + timedelta(days=DAYS_BEFORE)]


def pull(at: datetime) -> int:
    """Renew what was agreed to renew itself and was not given notice in time; says how many were renewed."""
    today = local_day(at)
    return sum(_renew(row, at) for row in running_out().filter(renew_months__gt=0) if notice_by(row) < today)


def _renew(row: Agreement, at: datetime) -> bool:
    """Sign the same terms for the next period; what was agreed for that time otherwise stands instead.

    Found only after its month has turned, as nothing ran that night, it begins with this month: the month before may
    have been invoiced without it.
    """
    following = copy_of(row)
    due, this_month = _last_day(row) + DAY, first_of_month(local_day(at))
    following.starts = max(due, this_month)
    begun, months = _anchor(row)
    following.ends = add_months(begun, months + (row.renew_months or 0)) - DAY
    following.replaces = row
    try:
        sign(following, by=None, at=at)
    except Refused as reason:
        log.info("the %s of %s is not renewed: %s", row.get_plan_display(), row.client, reason)
        return False
    if following.starts > due:
        log.warning("%s ran out on %s and was renewed late, from %s on", row, row.ends, following.starts)
    return True


def _anchor(row: Agreement) -> tuple[date, int]:
    """The day from which periods are counted on, and the months from it to the day after the agreement's last one.

    Counted from period to period, what began on a 31st would after February for ever begin on the 28th.
    """
    months, first = 0, row
    while first.replaces is not None and first.starts == _last_day(first.replaces) + DAY and first.renew_months:
        months += first.renew_months
        first = first.replaces
    begun, goes_on = _last_day(first) + DAY, _last_day(row) + DAY
    return (begun, months) if add_months(begun, months) == goes_on else (goes_on, 0)
