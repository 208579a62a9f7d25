"""Opens a finding when a source of alert mail, or all together, send far more than ever, and closes it after."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from rounds.clients.models import Client
from rounds.core import surging
from rounds.findings.models import Finding
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.mail.models import AlertMail, Reading, Result, Source

RULE, ALL = "mail-surge", "all sources"


@dataclass(frozen=True, slots=True)
class Sender:
    """What is counted: a source, or all of them."""

    name: str
    client_id: int
    machine_id: int | None
    subject: str


@transaction.atomic
def watch_mail(at: datetime) -> int:
    """Count the mails of every busy source against its own past; say how many findings opened or closed."""
    told = _told(at)
    busy = told.filter(received_at__gt=at - surging.WINDOW).values("source").annotate(mails=Count("pk"))
    still_open = _still_open()
    sources = {row["source"] for row in busy if row["mails"] >= surging.FEWEST}
    sources |= {int(subject.removeprefix("source ")) for subject in still_open if subject != ALL}
    own = _own_client()

    changed = 0
    for source in Source.objects.current().filter(pk__in=sources):
        client_id = source.client_id or own
        if client_id is not None:
            counted = _count(told.filter(source=source), at, since=source.added_at)
            sender = Sender(source.name, client_id, source.machine_id, f"source {source.pk}")
            changed += _judge(sender, counted, still_open.get(sender.subject), at)
    return changed


@transaction.atomic
def watch_all_mail(at: datetime) -> int:
    """Count the mails of all sources together against the shop's past: what breaks out at many clients at once.

    One source that alone makes up more than half of it has a finding of its own.
    """
    told, own = _told(at), _own_client()
    first = Source.objects.order_by("added_at").first()
    if own is None or first is None:
        return 0
    kept = _still_open().get(ALL)
    latest = told.filter(received_at__gt=at - surging.WINDOW).values("source").annotate(mails=Count("pk"))
    by_source = [row["mails"] for row in latest]
    if kept is None and (sum(by_source) < surging.FEWEST or 2 * max(by_source) > sum(by_source)):
        return 0
    counted = _count(told, at, since=first.added_at)
    return int(_judge(Sender("Alert mail of all clients", own, None, ALL), counted, kept, at))


def _told(at: datetime) -> QuerySet[AlertMail]:
    """Mails up to a moment that report neither successes alone nor that there is nothing to do."""
    readings = Reading.objects.filter(mail=OuterRef("pk"))
    told = Exists(readings.filter(result=Result.FAILURE)) | ~Exists(readings)
    return AlertMail.objects.filter(told, received_at__lte=at)


def _still_open() -> dict[str, Finding]:
    return {one.subject: one for one in Finding.objects.still_open().filter(rule=RULE)}


def _own_client() -> int | None:
    """The shop itself: whose is what is nobody's."""
    return Client.objects.filter(is_own=True).order_by("pk").values_list("pk", flat=True).first()


def _count(told: QuerySet[AlertMail], at: datetime, *, since: datetime) -> surging.Count:
    came = told.filter(received_at__gt=at - surging.WINDOW - surging.PAST).order_by("received_at")
    return surging.count(list(came.values_list("received_at", flat=True)), at, since=since)


def _judge(sender: Sender, counted: surging.Count, kept: Finding | None, at: datetime) -> bool:
    why = f"{counted.latest} mails in 24 hours, none of them a success; the busiest day before had {counted.usual}"
    if kept is not None:
        return counted.is_over and close(kept, {"why": why}, at=at)
    cause = Cause(sender.client_id, sender.machine_id, RULE, sender.subject)
    if not counted.is_surge or _was_settled(cause, at):
        return False
    evidence = {"why": why, "mails": counted.latest, "usual": counted.usual, "limit": counted.limit}
    return open_once(cause, Seen(f"{sender.name}: {counted.latest} mails in 24 hours", "trouble", at, evidence))[1]


def _was_settled(cause: Cause, at: datetime) -> bool:
    """Has a person closed it by hand within the day? Then the same mails do not open it again."""
    same = Finding.objects.filter(rule=cause.rule, subject=cause.subject, closed_by__isnull=False)
    return same.filter(closed_at__gt=at - surging.WINDOW).exists()
