"""Understands mails: tries the shop's rules, the source's own words, the packs and the usual words, in this order.

What is understood becomes a `Reading`, of a table one for each row; what is not waits. Both are decided once, whoever
asks again: a person, a new rule, or the same mail sent twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from rounds.clients.models import Client
from rounds.core.alerts import classify, topic
from rounds.core.mail_rows import apply
from rounds.core.mail_rules import Mail as Prepared
from rounds.core.mail_rules import Row, Rule, Understood, make
from rounds.core.money import Refused
from rounds.core.patterns import Text
from rounds.mail.belonging import Owners, Whose, find_whose
from rounds.mail.models import AlertMail, Result, RuleList, ShopRule, Source, Waiting
from rounds.mail.packs import packs
from rounds.mail.reading import Mail, read
from rounds.mail.row_taking import Told, reading_of, take_rows
from rounds.people.models import User

WORDS, OWN_WORDS = "words", "words of the source"
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Reader:
    """The rules as they hold now; made once for many mails."""

    number: int  # of the list
    own: tuple[tuple[ShopRule, Rule], ...] = ()
    off: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def now(cls) -> "Reader":
        """The rules of the latest list."""
        latest = RuleList.objects.first()
        if latest is None:
            return cls(0)
        kept = ShopRule.objects.select_related("client", "machine__site__client").in_bulk(latest.rules)
        rules = [kept[key] for key in latest.rules if f"rule {key}" not in latest.off]
        return cls(
            latest.pk, tuple((rule, make(rule.spec, f"rule {rule.pk}")) for rule in rules), frozenset(latest.off)
        )

    def understand(self, source: Source, told: Mail) -> tuple[Understood | None, ShopRule | None]:
        """What the first rule that fits understands, and this rule if it is one of the shop's own."""
        mail = prepare(told)
        for shop_rule, rule in self.own:
            if shop_rule.source_id in {None, source.pk} and (understood := apply(rule, mail)):
                return understood, shop_rule
        return next(filter(None, self._others(source, told, mail)), None), None

    def _others(self, source: Source, told: Mail, mail: Prepared) -> Iterator[Understood | None]:
        if source.failure_words or source.success_words:
            yield by_words(source, told)
            return
        yield from (apply(rule, mail) for pack in packs() for rule in pack.rules if rule.origin not in self.off)
        if WORDS not in self.off:
            yield by_words(source, told)


def prepare(told: Mail) -> Prepared:
    """Make a mail ready for rules."""
    return Prepared(told.sender, Text.of(told.subject), Text.of(told.text), told.sent_at, told.sheets)


def told_of(mail: AlertMail) -> Mail:
    """What stands in a mail that was kept; of one that was let go, its sender and its subject."""
    if mail.raw_mail.let_go_at is None:
        return read(bytes(mail.raw_mail.raw))
    return Mail(mail.sender, mail.subject, "", is_named=False)


def by_words(source: Source, told: Mail) -> Understood | None:
    """What the words of a mail tell: the source's own, or the usual ones."""
    own = source.failure_words, source.success_words
    verdict = classify(told.subject, told.text, *own)
    if verdict.result == Result.UNKNOWN:
        return None
    origin = OWN_WORDS if any(own) else WORDS
    severity = "trouble" if verdict.result == Result.FAILURE else ""
    return Understood(
        origin, verdict.result, severity, verdict.why, job=topic(told.subject, *own)[:120], at=told.sent_at
    )


@transaction.atomic
def take(mail: AlertMail, told: Mail, reader: Reader) -> bool:
    """Understand a mail that nobody has understood, or let it wait; say whether it is understood, with all its rows."""
    _lock(mail)
    understood, rule = reader.understand(mail.source, told)
    if understood is not None and understood.rows:
        return take_rows(mail, Told(understood, rule, reader.number))
    if mail.readings.exists():  # some of its rows: what is left of them waits on
        mail.waits.update(tried_with=reader.number)
        return False
    if understood is None:
        why = "nor is any of the words in it that tell a failure from a success"
        return _wait(mail, "rule", why, reader)
    whose = find_whose(mail.source, understood, rule)
    if whose is None:
        named = understood.client or understood.machine
        why = f"“{named}” is no client or machine that is known" if named else f"{understood.origin} finds no client"
        return _wait(mail, "client", f"{why}; {understood.why}", reader)
    reading_of(mail, understood, whose).save()
    mail.waits.all().delete()
    return True


def _lock(mail: AlertMail) -> None:
    """Let nobody else understand this mail meanwhile."""
    AlertMail.objects.select_for_update(of=("self",)).only("pk").get(pk=mail.pk)


def _wait(mail: AlertMail, waits_for: str, why: str, reader: Reader) -> bool:
    mail.waits.exclude(row=0).delete()
    told = {"waits_for": waits_for, "why": why[:300], "tried_with": reader.number}
    Waiting.objects.update_or_create(mail=mail, row=0, defaults=told)
    return False


@transaction.atomic
def understand(mail: AlertMail, result: Result, *, by: User, client: Client | None = None, row: int = 0) -> None:
    """Say what a mail, or a row of its table, reports that no rule tells.

    Refused: what is understood already: it has had its effects.
    """
    if result == Result.UNKNOWN:
        raise Refused("say whether it reports a failure or a success")
    _lock(mail)
    if row and not mail.waits.filter(row=row).exists():
        raise Refused("this row does not wait any more")
    if not row and mail.waits.exclude(row=0).exists():
        raise Refused("say it of each row of its table that waits")
    if not row and mail.readings.exists():
        raise Refused("this mail has been understood meanwhile")
    said = _row_of(mail, row) if row else _whole(mail)
    severity = (said.severity or "trouble") if result == Result.FAILURE else ""
    understood = replace(said, origin="", result=result, severity=severity, why=f"read by {by}")
    whose = Owners.of(mail.source, None, [said]).whose(said) if row else None
    client = mail.source.client or client or (whose.client if whose else None)
    if client is None:
        raise Refused("say which client it is about")
    of_client = whose.machine if whose and whose.client == client else None
    reading_of(mail, understood, Whose(client, of_client if row else mail.source.machine), row=row, by=by).save()
    mail.waits.filter(row=row).delete()


def _whole(mail: AlertMail) -> Understood:
    """A mail by itself, of which no rule tells anything."""
    told = told_of(mail)
    about = topic(told.subject, mail.source.failure_words, mail.source.success_words)[:120]
    return Understood("", "", "", "", job=about, at=told.sent_at)


def _row_of(mail: AlertMail, number: int) -> Understood:
    """What is known of a row that waits."""
    found = [row for row in rows_of(mail) if row.number == number]
    return found[0].understood if found else replace(_whole(mail), job=f"row {number}")


def rows_of(mail: AlertMail) -> tuple[Row, ...]:
    """The rows of a mail's table as the rules that hold now understand them, read already or not."""
    understood, _ = Reader.now().understand(mail.source, told_of(mail))
    return understood.rows if understood is not None else ()


def read_again(_at: datetime) -> int:
    """Read what waits for a rule by the rules that came since it was tried last; say how many were tried.

    A piece at a time, each mail in a transaction of its own: it may be ended at any moment and goes on from there.
    """
    reader = Reader.now()
    there = Waiting.objects.filter(mail__raw_mail__let_go_at=None)
    behind = there.filter(tried_with__lt=reader.number).exclude(waits_for="sender").order_by("mail")
    keys = list(behind.values_list("mail", flat=True).distinct()[:AT_ONCE])
    return sum(_try_again(key, reader) for key in keys)


def read_anew(mail: AlertMail) -> bool:
    """Read now what waits of a mail, since a client or machine that it names may be known by now; say if all is."""
    _try_again(mail.pk, Reader.now())
    return not mail.waits.exists()


def _try_again(key: int, reader: Reader) -> int:
    with transaction.atomic():
        waits = Waiting.objects.filter(mail=key, mail__raw_mail__let_go_at=None).exclude(waits_for="sender")
        if not waits.exists():
            return 0
        mail = AlertMail.objects.select_related("source__client", "source__machine", "raw_mail").get(pk=key)
        take(mail, told_of(mail), reader)
    return 1


def read_source_again(source: Source) -> int:
    """Read what waits of a source anew, since its words have changed; say how many are understood now."""
    reader = Reader.now()
    there = Waiting.objects.filter(mail__source=source, mail__raw_mail__let_go_at=None)
    keys = list(there.exclude(waits_for="sender").values_list("mail", flat=True).distinct())
    for key in keys:
        _try_again(key, reader)
    return len(keys) - Waiting.objects.filter(mail__in=keys).values("mail").distinct().count()
