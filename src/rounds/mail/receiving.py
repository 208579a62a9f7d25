"""Takes alert mail: adds and ends sources, keeps each mail once, and reads it; a person may read what no word tells."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from rounds.clients.models import Client, Machine
from rounds.core.alerts import classify
from rounds.core.money import Refused
from rounds.mail.models import AlertMail, Result, Source
from rounds.mail.reading import read
from rounds.people.models import User

_LOCAL = re.compile(r"[a-z0-9-]{1,64}")
MOST_WORDS, LONGEST_WORD = 50, 100


@dataclass(frozen=True, slots=True)
class Words:
    """A source's own words for failure and success; without any, the usual ones hold."""

    failure: Sequence[str] = ()
    success: Sequence[str] = ()

    def __post_init__(self) -> None:
        for words in (self.failure, self.success):
            if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
                raise Refused(f"at most {MOST_WORDS} words or phrases, of {LONGEST_WORD} characters each")


def add_source(
    name: str, client: Client, machine: Machine | None = None, words: Words = Words(), *, at: datetime
) -> Source:
    """Add a source of alert mail; its address has a part that nobody can guess."""
    _refuse_strange_machine(client, machine)
    local_part = f"{slugify(name)[:40].strip('-') or 'alerts'}-{secrets.token_hex(6)}"
    return Source.objects.create(
        name=name, client=client, machine=machine, local_part=local_part, added_at=at,
        failure_words=list(words.failure), success_words=list(words.success),
    )  # fmt: skip


def change_source(source: Source, name: str, machine: Machine | None, words: Words) -> int:
    """Change a source; mails that were not understood are read again by the new words. Say how many are understood."""
    _refuse_strange_machine(source.client, machine)
    source.name, source.machine = name, machine
    source.failure_words, source.success_words = list(words.failure), list(words.success)
    source.save(update_fields=["name", "machine", "failure_words", "success_words"])
    understood = 0
    for mail in source.mails.filter(result=Result.UNKNOWN).order_by("received_at").iterator(chunk_size=20):
        told = read(bytes(mail.raw))
        verdict = classify(told.subject, told.text, source.failure_words, source.success_words)
        if verdict.result != Result.UNKNOWN:
            unread = AlertMail.objects.filter(pk=mail.pk, result=Result.UNKNOWN)
            understood += unread.update(result=verdict.result, why=verdict.why[:200])
    return understood


def end_source(source: Source, at: datetime) -> None:
    """Take no more mail for a source: its address is refused from now on."""
    Source.objects.current().filter(pk=source.pk).update(ended_at=at)


def _refuse_strange_machine(client: Client, machine: Machine | None) -> None:
    if machine is not None and machine.site.client_id != client.pk:
        raise Refused(f"{machine} is not a machine of {client}")


def address_of(source: Source) -> str:
    """The address that the other product is told to write to."""
    return f"{source.local_part}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}"


def source_of(address: str) -> Source | None:
    """The source whose address this is; None: nobody's, or one that was ended."""
    local_part = address.partition("@")[0].strip().lower()
    if not _LOCAL.fullmatch(local_part):
        return None
    return Source.objects.current().filter(local_part=local_part, client__left_at=None).first()


def keep_mail(source: Source, raw: bytes, *, at: datetime) -> AlertMail:
    """Keep a mail of a source, once however often it is sent, and read what it reports.

    Two mails with neither a date nor a Message-ID are two, though they may be the same bytes: scripts write such.
    """
    told = read(raw)
    verdict = classify(told.subject, told.text, source.failure_words, source.success_words)
    named = raw if told.is_named else raw + at.isoformat().encode()
    with transaction.atomic():
        mail, _ = AlertMail.objects.get_or_create(
            source=source,
            digest=sha256(named).hexdigest(),
            defaults={
                "raw": raw, "sender": told.sender, "subject": told.subject, "result": verdict.result,
                "why": verdict.why[:200], "received_at": at,
            },
        )  # fmt: skip
    return mail


def understand(mail: AlertMail, result: Result, *, by: User) -> None:
    """Say what a mail reports that no word tells. Refused: one that is understood already: it has had its effects."""
    if result == Result.UNKNOWN:
        raise Refused("say whether it reports a failure or a success")
    unread = AlertMail.objects.filter(pk=mail.pk, result=Result.UNKNOWN)
    if not unread.update(result=result, why=f"read by {by}"[:200], read_by=by):
        raise Refused("this mail has been understood meanwhile")
