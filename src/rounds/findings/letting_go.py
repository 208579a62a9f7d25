"""Lets the bytes of old mails go, but of those on which an open finding stands, or which had no effect yet."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from rounds.findings.models import Finding, Taken
from rounds.mail import letting_go
from rounds.mail.models import Reading


def pull(at: datetime) -> int:
    """Let the bytes of old mails go; say of how many."""
    return letting_go.let_go(at, needed)


def needed(mails: Collection[int]) -> set[int]:
    """Which of some mails were read and not taken yet, or opened a finding that is open, or are the last it counted."""
    taken = Taken.objects.filter(reading=OuterRef("pk"))
    untaken = set(Reading.objects.filter(~Exists(taken), mail__in=mails).values_list("mail", flat=True))
    shown = Finding.objects.still_open().filter(rule="alert-mail").values_list("evidence", flat=True)
    pinned = {evidence.get(name) for evidence in shown for name in ("mail", "last_mail")}
    return untaken | (pinned & set(mails))
