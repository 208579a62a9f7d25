"""Opens a finding when a source of alert mail sends far more than it ever does, and closes it when that is over."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count

from rounds.core import surging
from rounds.findings.models import Finding
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.mail.models import AlertMail, Result, Source

RULE = "mail-surge"


@transaction.atomic
def watch_mail(at: datetime) -> int:
    """Count the mails of every busy source against its own past; say how many findings opened or closed."""
    told = AlertMail.objects.exclude(result=Result.SUCCESS).filter(received_at__lte=at)
    busy = told.filter(received_at__gt=at - surging.WINDOW).values("source").annotate(mails=Count("pk"))
    still_open = {one.subject: one for one in Finding.objects.still_open().filter(rule=RULE)}
    sources = {row["source"] for row in busy if row["mails"] >= surging.FEWEST}
    sources |= {int(subject.removeprefix("source ")) for subject in still_open}

    changed = 0
    for source in Source.objects.current().filter(pk__in=sources):
        came = told.filter(source=source, received_at__gt=at - surging.WINDOW - surging.PAST).order_by("received_at")
        counted = surging.count(list(came.values_list("received_at", flat=True)), at, since=source.added_at)
        changed += _judge(source, counted, still_open.get(f"source {source.pk}"), at)
    return changed


def _judge(source: Source, counted: surging.Count, kept: Finding | None, at: datetime) -> bool:
    why = f"{counted.latest} mails in 24 hours, none of them a success; on its busiest day it sent {counted.usual}"
    if kept is not None:
        return counted.is_over and close(kept, {"why": why}, at=at)
    cause = Cause(source.client_id, source.machine_id, RULE, f"source {source.pk}")
    if not counted.is_surge or _was_settled(cause, at):
        return False
    evidence = {"why": why, "mails": counted.latest, "usual": counted.usual, "limit": counted.limit}
    return open_once(cause, Seen(f"{source.name}: {counted.latest} mails in 24 hours", "trouble", at, evidence))[1]


def _was_settled(cause: Cause, at: datetime) -> bool:
    """Has a person closed it by hand within the day? Then the same mails do not open it again."""
    same = Finding.objects.filter(rule=cause.rule, subject=cause.subject, closed_by__isnull=False)
    return same.filter(closed_at__gt=at - surging.WINDOW).exists()
