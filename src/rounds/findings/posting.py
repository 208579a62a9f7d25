"""Posts messages to the channels that are programs: claims what is due, posts it in their form, notes the answer.

At least once: see `Message`. The generic form carries the message's key, by which the other side can tell a repetition.
"""

import json
import logging
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.db.models import F
from django.utils import timezone

from rounds.findings.telling_models import Message, Way

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)
TIMEOUT_SECONDS = 10
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240))  # then every 4 hours
GIVE_UP = timedelta(days=3)  # a message about a finding is no news by then
AT_ONCE = 20
PRIORITIES = {"trouble": "5", "soon": "3", "well": "2"}
TAGS = {"trouble": "red_circle", "soon": "warning", "well": "white_check_mark"}


class _NoRedirect(HTTPRedirectHandler):
    """A message goes to the address that the owner entered, and nowhere else."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


def post_due(at: datetime) -> int:
    """Post the messages that are due; say how many went."""
    rows = Message.objects.filter(sent_at=None, next_try_at__lte=at, written_at__gt=at - GIVE_UP)
    due = list(rows.select_related("channel").order_by("next_try_at", "pk")[:AT_ONCE])
    return sum(_post(message, at) for message in due if _claim(message, at))


def _claim(message: Message, at: datetime) -> bool:
    as_read = Message.objects.filter(pk=message.pk, sent_at=None, next_try_at=message.next_try_at)
    return bool(as_read.update(next_try_at=at + CLAIM, tries=F("tries") + 1))


def _post(message: Message, at: datetime) -> bool:
    claimed = Message.objects.filter(pk=message.pk)
    try:
        build_opener(_NoRedirect()).open(request_of(message), timeout=TIMEOUT_SECONDS).close()
    except (OSError, HTTPException, ValueError) as problem:
        wait = WAITS[min(message.tries, len(WAITS) - 1)]
        log.warning("message %s was not posted, next try in %s: %s", message.key, wait, problem)
        claimed.update(next_try_at=at + wait, last_error=in_words(problem)[:300])
        return False
    claimed.update(sent_at=timezone.now(), last_error="")
    return True


def request_of(message: Message) -> Request:
    """The message as the channel's program takes it."""
    body, headers = FORMS[Way(message.channel.way)](message)
    return Request(message.channel.address, data=body, headers=headers, method="POST")  # noqa: S310 - the form allows only http


def _generic(message: Message) -> tuple[bytes, dict[str, str]]:
    finding = message.finding
    told = {
        "key": message.key,
        "title": message.title,
        "text": message.body,
        "link": message.link,
        "severity": message.severity,
        "written_at": message.written_at.isoformat(),
        "finding": finding.pk if finding else None,
        "rule": finding.rule if finding else None,
        "client": str(finding.client) if finding else None,
        "machine": str(finding.machine) if finding and finding.machine else None,
    }
    return _json(told, {"Idempotency-Key": message.key})


def _ntfy(message: Message) -> tuple[bytes, dict[str, str]]:
    """ntfy takes the text as the body and the rest as headers (ntfy's docs, "Publishing"); only ASCII is safe there."""
    headers = {
        "Title": message.title.encode("ascii", "replace").decode(),
        "Priority": PRIORITIES.get(message.severity, "3"),
        "Tags": TAGS.get(message.severity, ""),
        "Click": message.link,
        "Content-Type": "text/plain; charset=utf-8",
    }
    return f"{message.title}\n{message.body}".encode(), headers


def _slack(message: Message) -> tuple[bytes, dict[str, str]]:
    """Slack's incoming webhooks take `text`, in which &, < and > are written as entities."""
    title, body = (text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in
                   (message.title, message.body))  # fmt: skip
    return _json({"text": f"*{title}*\n{body}\n<{message.link}|Open it>"}, {})


def _teams(message: Message) -> tuple[bytes, dict[str, str]]:
    """Teams' workflow “when a webhook request is received” takes a message with an adaptive card."""
    lines = [{"type": "TextBlock", "text": message.title, "weight": "Bolder", "wrap": True}]
    lines += [{"type": "TextBlock", "text": line, "wrap": True} for line in message.body.splitlines()[:40]]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": lines,
        "actions": [{"type": "Action.OpenUrl", "title": "Open it", "url": message.link}],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return _json({"type": "message", "attachments": [{"contentType": kind, "content": card}]}, {})


def _json(told: object, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    return json.dumps(told).encode(), {"Content-Type": "application/json", **headers}


FORMS = {Way.WEBHOOK: _generic, Way.NTFY: _ntfy, Way.SLACK: _slack, Way.TEAMS: _teams}


def in_words(problem: Exception) -> str:
    """What kept a message from going, for a person."""
    if isinstance(problem, HTTPError):
        return f"The address answered {problem.code} {problem.reason}."
    if isinstance(problem, TimeoutError) or isinstance(getattr(problem, "reason", None), TimeoutError):
        return "The address took too long to answer."
    if isinstance(problem, URLError):
        return f"The address cannot be reached: {problem.reason}."
    return " ".join(str(problem).split()) or type(problem).__name__
