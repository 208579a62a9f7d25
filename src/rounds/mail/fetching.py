"""Fetches alert mail from mailboxes (IMAP): each mail once, in the order in which it came; the mailbox stays as it is.

How far a mailbox has been read is kept in the transaction that keeps the mail: killed at any moment, it goes on from
there. A mail belongs to the source whose address it was written to, else to the one source that its sender may send
for, else to the mailbox's own source, which is of many clients.
"""

import imaplib
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, unquote

from django.db import transaction
from django.utils import timezone

from rounds.core.trusting import is_named
from rounds.mail.mail_models import Way
from rounds.mail.models import Mailbox, Source
from rounds.mail.reading import Mail, read
from rounds.mail.receiving import LARGEST_MAIL, Arrival, add_source, keep_mail, source_of

log = logging.getLogger(__name__)

EVERY, AFTER_ERROR = timedelta(seconds=60), timedelta(seconds=120)
LEASE = timedelta(minutes=5)
LONGEST_PAUSE, LONGEST_LOOK = 20.0, 180.0  # seconds, whatever the other side does
MOST_AT_ONCE = 500
FIRST_DAYS = timedelta(days=14)  # of a mailbox that is read for the first time
LARGEST_CUT = 256 * 1024  # of a mail that is too large: enough to tell what it reports
_FETCHED = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Unreadable(Exception):
    """A mailbox cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox as the environment names it."""

    security: str  # "imaps", "imap+starttls", "imap"
    host: str
    port: int
    user: str
    password: str
    folder: str

    @classmethod
    def of(cls, address: SplitResult) -> "Box":
        """Read an address such as imaps://user:password@host/INBOX."""
        port = address.port or (993 if address.scheme == "imaps" else 143)
        folder = unquote(address.path.strip("/")) or "INBOX"
        user, password = unquote(address.username or ""), unquote(address.password or "")
        return cls(address.scheme, address.hostname or "", port, user, password, folder)

    @property
    def name(self) -> str:
        """What tells it from others, without its password."""
        return f"{self.user} at {self.host}, {self.folder}"


def look(box: Box, at: datetime) -> int:
    """Fetch what is new if it is time to; say how many mails were taken. What goes wrong is kept beside the mailbox."""
    kept = _claim(box, at)
    if kept is None:
        return 0
    taken = 0
    try:
        with _opened(box) as imap:
            for taken in _fetch(imap, box, kept):  # noqa: B007 - how far it came is told although it may break off
                pass
    except (Unreadable, imaplib.IMAP4.error, OSError, EOFError, ValueError) as problem:
        _note_error(kept, _words(problem))
        return taken
    more = taken >= MOST_AT_ONCE
    now = timezone.now()
    Mailbox.objects.filter(pk=kept.pk).update(
        looked_at=now, error="", error_since=None, next_look_at=now if more else now + EVERY
    )
    return taken


def _claim(box: Box, at: datetime) -> Mailbox | None:
    """Take a mailbox for some minutes, if nobody else has it and its time has come."""
    with transaction.atomic():
        kept = Mailbox.objects.filter(name=box.name).first()
        if kept is None:
            source = add_source(f"Mailbox {box.user}"[:120], None, at=at)
            kept, _ = Mailbox.objects.get_or_create(name=box.name, defaults={"source": source, "next_look_at": at})
    due = Mailbox.objects.filter(pk=kept.pk, next_look_at__lte=at)
    if not due.update(next_look_at=at + LEASE):
        return None
    return Mailbox.objects.select_related("source").get(pk=kept.pk)


def _note_error(kept: Mailbox, words: str) -> None:
    now = timezone.now()
    told = {"error": words[:300], "next_look_at": now + AFTER_ERROR}
    if not Mailbox.objects.filter(pk=kept.pk, error_since=None).update(**told, error_since=now):
        Mailbox.objects.filter(pk=kept.pk).update(**told)
    log.warning("%s cannot be read: %s", kept.name, words)


def _words(problem: Exception) -> str:
    """What went wrong, in words; never what was sent: a server may repeat the password."""
    if isinstance(problem, TimeoutError):
        return "the server does not answer"
    if isinstance(problem, ssl.SSLError):
        return f"the connection cannot be encrypted: {problem.reason or problem}"
    if isinstance(problem, imaplib.IMAP4.abort):
        return "the server has broken off"
    if isinstance(problem, Unreadable):
        return str(problem)
    if isinstance(problem, OSError):
        return problem.strerror or str(problem) or "the server has broken off"
    return f"the server answers what is not understood ({type(problem).__name__})"


@contextmanager
def _opened(box: Box) -> Iterator[imaplib.IMAP4]:
    """A connection, signed in, that ends when its time is over, whatever the other side does."""
    tls = ssl.create_default_context()
    if box.security == "imaps":
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=tls, timeout=LONGEST_PAUSE)
    else:
        imap = imaplib.IMAP4(box.host, box.port, timeout=LONGEST_PAUSE)
    end = threading.Timer(LONGEST_LOOK, _break_off, [imap.sock])
    end.daemon = True
    end.start()
    try:
        if box.security == "imap+starttls":
            imap.starttls(tls)
        try:
            imap.login(box.user, box.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise Unreadable("the server does not take the user and the password") from None
        yield imap
    finally:
        end.cancel()
        try:
            imap.shutdown()
        except OSError:
            log.debug("the connection was gone already")


def _break_off(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("the connection was gone already")


def _fetch(imap: imaplib.IMAP4, box: Box, kept: Mailbox) -> Iterator[int]:
    """Take what is new, mail by mail; gives how many there are so far."""
    quoted = '"' + box.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if imap.select(quoted, readonly=True)[0] != "OK":
        raise Unreadable(f"there is no folder “{box.folder}”")
    told = imap.response("UIDVALIDITY")[1]
    validity = int(told[0]) if told and told[0] else 1
    if validity != kept.uid_validity:  # read for the first time, or the server has numbered its mails anew
        kept.uid_validity, kept.last_uid = validity, 0
        Mailbox.objects.filter(pk=kept.pk).update(uid_validity=validity, last_uid=0)
    since = _imap_day((kept.looked_at or timezone.now()) - FIRST_DAYS)
    wanted = ("SINCE", since) if not kept.last_uid else ("UID", f"{kept.last_uid + 1}:*")
    numbers = _asked(imap, "SEARCH", *wanted)
    new = sorted(
        uid for uid in map(int, b" ".join(filter(None, numbers)).split()) if uid > kept.last_uid
    )  # "n:*" names the last, too
    for count, uid in enumerate(new[:MOST_AT_ONCE], 1):
        _take(imap, kept, uid)
        yield count


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _imap_day(moment: datetime) -> str:
    """A day as IMAP writes it, whatever the language of this machine."""
    return f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year}"


def _take(imap: imaplib.IMAP4, kept: Mailbox, uid: int) -> None:
    """Keep one mail and that the mailbox has been read up to it, both or neither; one that is gone is passed by."""
    marks = _answer(imap, uid, "(UID RFC822.SIZE INTERNALDATE)")
    size = _SIZE.search(marks[0]) if marks else None
    is_cut = size is not None and int(size[1]) > LARGEST_MAIL
    body = _answer(imap, uid, f"(UID BODY.PEEK[]<0.{LARGEST_CUT if is_cut else LARGEST_MAIL}>)")
    told = read(body[1]) if body and body[1] is not None else None
    with transaction.atomic():
        ours = Mailbox.objects.filter(pk=kept.pk, uid_validity=kept.uid_validity, last_uid=kept.last_uid)
        if not ours.update(last_uid=uid):
            raise Unreadable("another process reads this mailbox, too")
        if told is not None and body and body[1] is not None:
            came_at = _came_at(marks[0] if marks else b"")
            mark = f"{kept.name} {came_at.isoformat()} {uid}"
            for source, is_own_address in _sources_of(told, kept.source):
                arrival = Arrival(Way.IMAP, is_own_address=is_own_address, is_cut=is_cut, mark=mark)
                if source.ended_at is None:
                    keep_mail(source, body[1], at=came_at, arrival=arrival, told=told)
    kept.last_uid = uid


def _asked(imap: imaplib.IMAP4, command: str, *details: str) -> list[Any]:
    """What the server answers. Unreadable: it refuses; then nothing is known, and nothing may be passed by."""
    said, answers = imap.uid(command, *details)
    if said != "OK":
        raise Unreadable(f"the server refuses to answer ({command})")
    return answers


def _answer(imap: imaplib.IMAP4, uid: int, what: str) -> tuple[bytes, bytes | None] | None:
    """What the server says of one mail: the line, and the bytes that came with it; None: there is no such mail."""
    answers = _asked(imap, "FETCH", str(uid), what)
    for position, one in enumerate(answers):
        line, data = (one[0], one[1]) if isinstance(one, tuple) else (one, None)
        after = answers[position + 1] if position + 1 < len(answers) else b""
        whole = line + (after if isinstance(after, bytes) else b"") if isinstance(line, bytes) else b""
        found = _FETCHED.search(whole)
        if found and int(found[1]) == uid:
            return whole, data
    return None


def _came_at(line: bytes) -> datetime:
    """When it came into the mailbox; a mailbox's clock that is ahead of ours is not believed."""
    now = timezone.now()
    told = imaplib.Internaldate2tuple(line)
    if told is None:
        return now
    return min(datetime.fromtimestamp(time.mktime(told), UTC), now)


def _sources_of(told: Mail, catch_all: Source) -> list[tuple[Source, bool]]:
    """The sources that a mail belongs to, each with whether it was written to its own address."""
    found: dict[int, Source] = {}
    for address in told.recipients:
        local_part = address.partition("@")[0]
        for part in (local_part, local_part.rpartition("+")[2]):  # alerts+backup-of-srv01-0a1b2c@shop.example
            if (source := source_of(part)) is not None:
                found[source.pk] = source
    if found:
        return [(source, True) for source in found.values()]
    named = [
        source
        for source in Source.objects.current().exclude(may_send=[]).select_related("client", "machine")
        if is_named(told.sender_address, source.may_send)
    ]
    return [(named[0], False)] if len(named) == 1 else [(catch_all, False)]
