"""Opens a finding when an expected mail does not come by its hour, and closes it when it comes."""

from datetime import datetime, timedelta

from django.db import transaction

from rounds.core.expecting import FARTHEST, Missing, missing
from rounds.findings.models import Finding, Listening
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.findings.reporting import subject_of
from rounds.mail.expecting import came
from rounds.mail.mail_models import Way
from rounds.mail.models import Expectation, Mailbox
from rounds.people.shop import shop_zone

RULE = "mail-missing"
AFTER_A_PAUSE = timedelta(minutes=30)  # of ours: mail servers try again what they could not deliver meanwhile


@transaction.atomic
def watch_expected(at: datetime) -> int:
    """Look for mails that have not come; say how many findings opened or closed."""
    zone, paused = shop_zone(), _has_just_paused(at)
    still_open = {one.subject: one for one in Finding.objects.still_open().filter(rule=RULE)}
    changed = 0
    wanted = Expectation.objects.filter(ended_at=None, source__ended_at=None, client__left_at=None)
    for one in wanted.select_related("source"):
        subject = subject_of(one.source_id, one.about)
        kept = still_open.pop(subject, None)
        moments = came(one.source, one.about, at - timedelta(days=FARTHEST + 31))
        known_until = _known_until(one, at)
        lacking = missing(one.as_expected(), moments, since=one.since, now=known_until, zone=zone)
        if kept is None and lacking is not None and not paused:
            changed += _open(one, lacking, moments[-1] if moments else None, at)
        elif kept is not None and lacking is None and known_until == at:
            ended_at = moments[-1] if moments and moments[-1] > kept.opened_at else at
            changed += close(kept, {"why": "it has come"}, at=ended_at)
    return changed + sum(close(kept, {"why": "it is no longer expected"}, at=at) for kept in still_open.values())


def _open(one: Expectation, lacking: Missing, last_at: datetime | None, at: datetime) -> bool:
    due = lacking.due_at.astimezone(shop_zone())
    last = f"the last one came on {last_at.astimezone(shop_zone()):%Y-%m-%d at %H:%M}" if last_at else "none ever came"
    evidence = {"why": f"expected {one.as_expected()}; {last}", "due_at": lacking.due_at.isoformat()}
    what = f"no mail about {one.about}" if one.about else "no mail"
    cause = Cause(one.client_id, one.machine_id, RULE, subject_of(one.source_id, one.about))
    return open_once(cause, Seen(f"{one.source.name}: {what} by {due:%H:%M}", "trouble", at, evidence))[1]


def _known_until(one: Expectation, at: datetime) -> datetime:
    """Up to when we know what has come: if the mailbox through which it comes cannot be read, not up to now."""
    newest = one.source.mails.order_by("-received_at").first()
    if newest is None or newest.way != Way.IMAP:
        return at
    unread = Mailbox.objects.exclude(error_since=None)
    return min((box.looked_at or box.error_since or at for box in unread), default=at)


def _has_just_paused(at: datetime) -> bool:
    """Have we only just begun to listen again, so that what came meanwhile may be on its way to us?"""
    listening = Listening.objects.filter(pk=1).first()
    return listening is not None and at - listening.since < AFTER_A_PAUSE
