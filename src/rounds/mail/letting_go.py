"""Lets the bytes of old mails go when nothing waits for them any more; what was understood of them stays for ever."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Q

from rounds.mail.models import AlertMail, MailRetention, RawMail

DAYS_OF_MONTH = 30.44
AT_ONCE = 500


def retention() -> MailRetention:
    """How long the bytes of mails are kept."""
    return MailRetention.objects.first() or MailRetention(pk=1)


def let_go(at: datetime, needed: Callable[[Collection[int]], set[int]]) -> int:
    """Let the bytes of old mails go; say of how many. `needed` tells which of some mails something open stands on.

    A piece at a time: it may be ended at any moment, and goes on from there.
    """
    months = retention().raw_months
    if months is None:
        return 0
    before = at - timedelta(days=months * DAYS_OF_MONTH)
    old = AlertMail.objects.filter(received_at__lt=before, raw_mail__let_go_at=None)
    keys = dict.fromkeys(old.order_by("received_at").values_list("raw_mail", flat=True))
    return sum(_let_some_go(some, before, at, needed) for some in batched(keys, AT_ONCE))


@transaction.atomic
def _let_some_go(
    keys: Collection[int], before: datetime, at: datetime, needed: Callable[[Collection[int]], set[int]]
) -> int:
    """First what waits is looked for, then what stands on a mail: what begins to between the two is found by one."""
    held = set(RawMail.objects.filter(pk__in=keys, let_go_at=None).select_for_update().values_list("pk", flat=True))
    mails = AlertMail.objects.filter(raw_mail__in=held)
    waits = Q(waits__isnull=False, source__ended_at=None)  # of a source that was ended, nobody settles any
    staying = set(mails.filter(waits | Q(received_at__gte=before)).values_list("raw_mail", flat=True))
    raw_of = dict(mails.exclude(raw_mail__in=staying).values_list("pk", "raw_mail"))
    staying |= {raw_of[key] for key in needed(raw_of)}
    return RawMail.objects.filter(pk__in=held - staying).update(raw=b"", let_go_at=at)
