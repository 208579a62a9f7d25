"""Writes the shop's letters, each once for its cause, and sends what is due; run by the ticker, never by a request.

A letter is sent *at least once*: a process killed between the server's "accepted" and our note of it leaves a letter
that is sent again when its claim runs out. Both copies carry the same Message-ID, so that mail programs show one.
"""

import logging
from datetime import datetime, timedelta
from email.utils import formataddr
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone

from rounds.core.money import Refused
from rounds.mail.models import Letter
from rounds.people.models import Shop
from rounds.people.shop import the_shop

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)  # longer than any one letter takes: the mail server's answers are waited for 20 s each
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))  # then every 12 hours
AT_ONCE = 50


class Attachment(NamedTuple):
    """A file that goes with a letter."""

    name: str
    content: bytes


def write_letter(key: str, to: list[str], subject: str, body: str, attachment: Attachment | None = None) -> Letter:
    """Keep a letter to be sent, once for its `key`: written again, the first one stays as it is.

    Refused: no address to send it to.
    """
    addresses = [one.strip() for one in to if one.strip()]
    if not addresses:
        raise Refused(f"“{subject}” has nobody to go to: add an e-mail address")
    written: dict[str, object] = {"to": addresses, "subject": " ".join(subject.split())[:200], "body": body}
    if attachment:
        written |= {"attachment_name": attachment.name, "attachment": attachment.content}
    return Letter.objects.get_or_create(key=key, defaults=written)[0]


def send_due(at: datetime) -> int:
    """Send the letters that are due; say how many went. What fails is tried again later, with longer waits."""
    due = list(Letter.objects.filter(sent_at=None, next_try_at__lte=at).order_by("next_try_at", "pk")[:AT_ONCE])
    shop = the_shop()
    return sum(_send(letter, shop, at) for letter in due if _claim(letter, at))


def try_again(letter: Letter, at: datetime) -> bool:
    """Make a letter that has not gone due at once; False if it has gone meanwhile."""
    return bool(Letter.objects.filter(pk=letter.pk, sent_at=None).update(next_try_at=at))


def _claim(letter: Letter, at: datetime) -> bool:
    """Take a letter for this process: nobody else sees it as due while it is being sent."""
    as_read = Letter.objects.filter(pk=letter.pk, sent_at=None, next_try_at=letter.next_try_at)
    return bool(as_read.update(next_try_at=at + CLAIM, tries=F("tries") + 1))


def _send(letter: Letter, shop: Shop, at: datetime) -> bool:
    """Hand one claimed letter to the mail server and note what came of it."""
    claimed = Letter.objects.filter(pk=letter.pk)
    try:
        message_of(letter, shop).send()
    except (OSError, ValueError) as problem:  # smtplib's errors are OSErrors; a bad header is a ValueError
        wait = WAITS[min(letter.tries, len(WAITS) - 1)]
        log.warning("letter %s was not sent, next try in %s: %s", letter.key, wait, problem)
        claimed.update(next_try_at=at + wait, last_error=in_words(problem)[:300])
        return False
    claimed.update(sent_at=timezone.now(), last_error="")
    return True


def message_of(letter: Letter, shop: Shop) -> EmailMessage:
    """The letter as a mail: from the shop, answers to the shop's own address, the same Message-ID at every try."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        from_email=formataddr((" ".join(shop.name.split()), settings.DEFAULT_FROM_EMAIL)),
        to=letter.to,
        reply_to=[shop.email] if shop.email else None,
        headers={"Message-ID": f"<{sha256(letter.key.encode()).hexdigest()[:32]}@{domain}>"},
    )
    if letter.attachment is not None:
        message.attach(letter.attachment_name, bytes(letter.attachment))
    return message


def in_words(problem: Exception) -> str:
    """What kept a letter from going, for a person."""
    if isinstance(problem, ConnectionRefusedError):
        return "The mail server does not answer."
    if isinstance(problem, TimeoutError):
        return "The mail server took too long to answer."
    return " ".join(str(problem).split()) or type(problem).__name__
