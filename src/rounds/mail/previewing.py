"""Tries a rule on past mails and keeps nothing: a draft in; what it would understand of each, out."""

import time
from dataclasses import dataclass

from rounds.core.mail_rows import apply
from rounds.core.mail_rules import Row, Understood, make
from rounds.mail.belonging import Owners, Whose
from rounds.mail.models import AlertMail, Result, ShopRule
from rounds.mail.reading import read
from rounds.mail.ruling import Draft
from rounds.mail.understanding import prepare

MOST_MAILS, MOST_BYTES, LONGEST = 300, 30_000_000, 4.0  # seconds
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Tried:
    """A past mail and what the rule would say of it."""

    mail: AlertMail
    understood: Understood

    @property
    def counted(self) -> str:
        """Of a table: how many rows tell what, in words."""
        told = [row.understood.result for row in self.understood.rows]
        words = (("failure", "failed"), ("success", "well"), ("notice", "nothing to do"), ("", "not told"))
        return ", ".join(f"{told.count(result)} {word}" for result, word in words if result in told)

    @property
    def is_other(self) -> bool:
        """Is it read otherwise than it was?"""
        return self.mail.result not in {Result.UNKNOWN, self.understood.result}

    @property
    def is_new(self) -> bool:
        """Does it wait, and would be understood?"""
        return self.mail.result == Result.UNKNOWN


@dataclass(frozen=True, slots=True)
class TriedRow:
    """A row of a table, what the rule would say of it, and whose it would be; or why it would wait."""

    row: Row
    whose: Whose | None

    @property
    def why(self) -> str:
        """Why it would wait; nothing, if it would not."""
        if self.row.why or self.whose is not None:
            return self.row.why
        return f"“{self.row.understood.client or self.row.understood.machine}” is no client or machine that is known"


@dataclass(frozen=True, slots=True)
class Preview:
    """How many past mails were tried, and those that the rule knows, the newest first."""

    tried: int
    known: tuple[Tried, ...]
    sample: tuple[TriedRow, ...] = ()  # the first rows of the mail that the rule is made from, or of the newest

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
    mails = AlertMail.objects.with_worst().filter(raw_mail__let_go_at=None).order_by("-received_at", "-pk")
    mails = mails.select_related("raw_mail", "source__client")
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
    return Preview(tried, tuple(known), _sample(draft, known))


def _sample(draft: Draft, known: list[Tried]) -> tuple[TriedRow, ...]:
    """What waits comes first, since it needs to be looked at."""
    made_from = [one for one in known if one.mail == draft.made_from]
    shown = next(iter([*made_from, *known]), None)
    if shown is None:
        return ()
    rows, rule = shown.understood.rows, ShopRule(client=draft.client, machine=draft.machine)
    owners = Owners.of(shown.mail.source, rule, (row.understood for row in rows))
    tried = [TriedRow(row, owners.whose(row.understood)) for row in rows]
    return tuple(sorted(tried, key=lambda one: (not one.why, one.row.number))[:MOST_SHOWN])
