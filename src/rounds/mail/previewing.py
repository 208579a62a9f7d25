"""Tries a rule on past mails and keeps nothing: a draft in; what it would understand of each, out."""

import time
from dataclasses import dataclass

from rounds.core.mail_rules import Understood, apply, make
from rounds.mail.models import AlertMail, Result
from rounds.mail.reading import read
from rounds.mail.ruling import Draft
from rounds.mail.understanding import prepare

MOST_MAILS, MOST_BYTES, LONGEST = 300, 30_000_000, 4.0  # seconds


@dataclass(frozen=True, slots=True)
class Tried:
    """A past mail and what the rule would say of it."""

    mail: AlertMail
    understood: Understood

    @property
    def is_other(self) -> bool:
        """Is it read otherwise than it was?"""
        return self.mail.result not in {Result.UNKNOWN, self.understood.result}

    @property
    def is_new(self) -> bool:
        """Does it wait, and would be understood?"""
        return self.mail.result == Result.UNKNOWN


@dataclass(frozen=True, slots=True)
class Preview:
    """How many past mails were tried, and those that the rule knows, the newest first."""

    tried: int
    known: tuple[Tried, ...]

    @property
    def waiting(self) -> int:
        """How many of them wait now."""
        return sum(one.is_new for one in self.known)

    @property
    def others(self) -> int:
        """How many of them were read otherwise."""
        return sum(one.is_other for one in self.known)


def preview(draft: Draft) -> Preview:
    """Try a rule on the latest mails of its source, or of all: as many as can be read in a few seconds."""
    rule = make(draft.spec, "draft")
    mails = AlertMail.objects.select_related("raw_mail", "reading", "source__client").order_by("-received_at", "-pk")
    mails = mails.filter(raw_mail__let_go_at=None)
    if draft.source is not None:
        mails = mails.filter(source=draft.source)
    known, tried, size, until = [], 0, 0, time.monotonic() + LONGEST
    for mail in mails[:MOST_MAILS].iterator(chunk_size=20):
        raw = bytes(mail.raw_mail.raw)
        tried, size = tried + 1, size + len(raw)
        if understood := apply(rule, prepare(read(raw))):
            known.append(Tried(mail, understood))
        if size > MOST_BYTES or time.monotonic() > until:
            break
    return Preview(tried, tuple(known))
