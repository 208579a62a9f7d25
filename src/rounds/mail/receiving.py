"""Takes alert mail: adds and ends sources, keeps each mail once, and has it understood if its sender is trusted."""

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
from rounds.core import trusting
from rounds.core.money import Refused
from rounds.mail.mail_models import Way
from rounds.mail.models import Admission, AlertMail, RawMail, Source, Waiting
from rounds.mail.reading import Mail, read
from rounds.mail.understanding import Reader, read_source_again, take, told_of
from rounds.people.models import User

_LOCAL = re.compile(r"[a-z0-9-]{1,64}")
_MAY_SEND = re.compile(r"[^\s<>,;:\"@]{0,64}@[a-z0-9.-]{1,255}")
LARGEST_MAIL = 10 * 1024 * 1024
MOST_WORDS, LONGEST_WORD, MOST_SENDERS = 50, 100, 100


@dataclass(frozen=True, slots=True)
class Words:
    """A source's own words for failure and success; without any, the usual ones hold."""

    failure: Sequence[str] = ()
    success: Sequence[str] = ()

    def __post_init__(self) -> None:
        for words in (self.failure, self.success):
            if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
                raise Refused(f"at most {MOST_WORDS} words or phrases, of {LONGEST_WORD} characters each")


@dataclass(frozen=True, slots=True)
class Senders:
    """Who may send for a source: addresses, or domains as "@example.com"; nobody named: whoever knows its address."""

    named: Sequence[str] = ()
    is_unchecked: bool = False  # they may though no mail server vouches for them

    def __post_init__(self) -> None:
        if len(self.named) > MOST_SENDERS:
            raise Refused(f"at most {MOST_SENDERS} senders")
        for one in self.named:
            if not _MAY_SEND.fullmatch(one.lower()):
                raise Refused(f"“{one}” is no address; write backup@example.com, or @example.com for all of a domain")


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a mail came: which way, whether to the source's own address, and whether it was cut because of its size."""

    way: Way = Way.SMTP
    is_own_address: bool = True
    is_cut: bool = False
    mark: str = ""  # what tells two mails apart that name neither a date nor an id; empty: the moment


def add_source(
    name: str, client: Client | None, machine: Machine | None = None, words: Words = Words(),
    senders: Senders = Senders(), *, at: datetime,
) -> Source:  # fmt: skip
    """Add a source of alert mail; its address has a part that nobody can guess. Without a client it is of many."""
    _refuse_strange_machine(client, machine)
    local_part = f"{slugify(name)[:40].strip('-') or 'alerts'}-{secrets.token_hex(6)}"
    return Source.objects.create(
        name=name, client=client, machine=machine, local_part=local_part, added_at=at,
        failure_words=list(words.failure), success_words=list(words.success),
        may_send=[one.lower() for one in senders.named], is_unchecked=senders.is_unchecked,
    )  # fmt: skip


def change_source(
    source: Source, name: str, machine: Machine | None, words: Words, senders: Senders = Senders()
) -> int:
    """Change a source; mails that were not understood are read again by the new words. Say how many are understood."""
    _refuse_strange_machine(source.client, machine)
    source.name, source.machine = name, machine
    source.failure_words, source.success_words = list(words.failure), list(words.success)
    source.may_send, source.is_unchecked = [one.lower() for one in senders.named], senders.is_unchecked
    source.save(update_fields=["name", "machine", "failure_words", "success_words", "may_send", "is_unchecked"])
    return read_source_again(source)


def end_source(source: Source, at: datetime) -> None:
    """Take no more mail for a source: its address is refused from now on."""
    Source.objects.current().filter(pk=source.pk).update(ended_at=at)


def _refuse_strange_machine(client: Client | None, machine: Machine | None) -> None:
    if machine is not None and (client is None or machine.site.client_id != client.pk):
        raise Refused(f"{machine} is not a machine of {client}" if client else "without a client there is no machine")


def address_of(source: Source) -> str:
    """The address that the other product is told to write to."""
    return f"{source.local_part}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}"


def source_of(address: str) -> Source | None:
    """The source whose address this is; None: nobody's, or one that was ended."""
    local_part = address.partition("@")[0].strip().lower()
    if not _LOCAL.fullmatch(local_part):
        return None
    found = Source.objects.current().select_related("client", "machine").filter(local_part=local_part).first()
    return None if found is None or (found.client and found.client.left_at) else found


def keep_mail(
    source: Source, raw: bytes, *, at: datetime, arrival: Arrival = Arrival(), told: Mail | None = None
) -> AlertMail:
    """Keep a mail of a source, once however often and by whichever way it comes, and have it understood.

    Two mails with neither a date nor a Message-ID are two, though they may be the same bytes: scripts write such.
    `told`: what was read in it already; reading one that was made to take long must not hold up the database.
    """
    told = told or read(raw)
    with transaction.atomic():
        return _keep(source, raw, told, arrival, at)


def _keep(source: Source, raw: bytes, told: Mail, arrival: Arrival, at: datetime) -> AlertMail:
    named = told.digest() if told.is_named else sha256(raw + (arrival.mark or at.isoformat()).encode()).hexdigest()
    if kept := AlertMail.objects.filter(source=source, digest=named).first():
        return kept
    checks = trusting.read_checks(told.checks, settings.MAIL_CHECKED_BY)
    trust = _judge(source, told, checks, arrival)
    raw_mail = _keep_raw(raw, is_cut=arrival.is_cut)
    mail, is_new = AlertMail.objects.get_or_create(
        source=source,
        digest=named,
        defaults={
            "raw_mail": raw_mail, "sender": told.sender, "subject": told.subject, "way": arrival.way,
            "spf": checks.spf, "dkim": checks.dkim, "dmarc": checks.dmarc, "is_trusted": trust.is_given,
            "trust_why": trust.why[:300], "sent_at": told.sent_at, "received_at": at,
        },
    )  # fmt: skip
    if is_new and trust.is_given:
        take(mail, told, Reader.now())
    elif is_new:
        Waiting.objects.create(mail=mail, waits_for="sender", why=trust.why[:300])
    return mail


def _keep_raw(raw: bytes, *, is_cut: bool) -> RawMail:
    """The bytes, kept once; locked, so that they are not let go as old while a new mail begins to stand on them."""
    named = {"sha256": sha256(raw).hexdigest(), "let_go_at": None}
    held = RawMail.objects.filter(**named).select_for_update().first()
    return held or RawMail.objects.get_or_create(**named, defaults={"raw": raw, "is_cut": is_cut})[0]


def _judge(source: Source, told: Mail, checks: trusting.Checks, arrival: Arrival) -> trusting.Trust:
    came = trusting.Arrival(
        told.sender_address, arrival.is_own_address, checks.spf, checks.dkim, checks.dmarc, checks.vouched_domains
    )
    return trusting.judge(came, source.may_send, unchecked=source.is_unchecked)


@transaction.atomic
def admit(mail: AlertMail, *, by: User, at: datetime) -> None:
    """Take a mail whose sender is not trusted. Refused: one that does not wait for that."""
    held = Waiting.objects.filter(mail=mail, waits_for="sender").select_for_update().first()
    if held is None:
        raise Refused("this mail does not wait for its sender")
    Admission.objects.create(mail=mail, by=by, at=at)
    take(mail, told_of(mail), Reader.now())


@transaction.atomic
def let_send(mail: AlertMail, *, by: User, at: datetime) -> int:
    """Take a mail, all others of its sender that wait at its source, and what he sends from now on; say how many.

    Refused: a sender that cannot be told, and one whose mail server says that it is not his.
    """
    address = told_of(mail).sender_address
    if not address:
        raise Refused("it does not say from which address it comes")
    if mail.dmarc == trusting.FAIL:
        raise Refused(f"the mail server says that it is not from {address}")
    source = Source.objects.select_for_update().get(pk=mail.source_id)
    is_open = not source.may_send and mail.way == Way.SMTP  # whoever knows its address may send, and so shall it stay
    if not is_open and not trusting.is_named(address, source.may_send):
        named = Senders([*source.may_send, address], is_unchecked=source.is_unchecked)
        source.may_send = list(named.named)
        source.save(update_fields=["may_send"])
    waiting = AlertMail.objects.filter(source=source, waits__waits_for="sender", sender=mail.sender)
    mails = list(waiting.exclude(dmarc=trusting.FAIL).select_related("raw_mail", "source__client", "source__machine"))
    for one in mails:
        admit(one, by=by, at=at)
    return len(mails)
