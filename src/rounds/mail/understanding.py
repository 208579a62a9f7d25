"""Understands mails: tries the shop's rules, the source's own words, the packs and the usual words, in this order.

What is understood becomes a `Reading`; what is not leaves the mail waiting. Both are decided once a mail, whoever asks
again: a person, a new rule, or the same mail sent twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from rounds.clients.models import Client, Machine
from rounds.core.alerts import classify, topic
from rounds.core.mail_rules import Mail as Prepared
from rounds.core.mail_rules import Rule, Understood, apply, believed, make
from rounds.core.money import Refused
from rounds.core.patterns import Text
from rounds.mail.models import AlertMail, Reading, Result, RuleList, ShopRule, Source, Waiting
from rounds.mail.packs import packs
from rounds.mail.reading import Mail, read
from rounds.people.models import User

WORDS, OWN_WORDS = "words", "words of the source"
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a mail is: the client, and the machine if it names one that is known."""

    client: Client
    machine: Machine | None


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
    return Prepared(told.sender, Text.of(told.subject), Text.of(told.text), told.sent_at)


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
    """Understand a mail that nobody has understood, or let it wait; say whether it is understood."""
    understood, rule = reader.understand(mail.source, told)
    if understood is None:
        why = "nor is any of the words in it that tell a failure from a success"
        return _wait(mail, "rule", why, reader)
    whose = find_whose(mail.source, understood, rule)
    if whose is None:
        named = understood.client or understood.machine
        why = f"“{named}” is no client or machine that is known" if named else f"{understood.origin} finds no client"
        return _wait(mail, "client", f"{why}; {understood.why}", reader)
    return _keep(mail, understood, whose)


def _keep(mail: AlertMail, understood: Understood, whose: Whose, *, by: User | None = None) -> bool:
    _, is_new = Reading.objects.get_or_create(
        mail=mail,
        defaults={
            "client": whose.client, "machine": whose.machine, "result": understood.result,
            "severity": understood.severity, "product": understood.product, "machine_name": understood.machine,
            "job": understood.job, "about": understood.about, "rule": understood.origin, "why": understood.why[:300],
            "happened_at": believed(understood.at, arrived_at=mail.received_at), "by": by,
        },
    )  # fmt: skip
    Waiting.objects.filter(mail=mail).delete()
    return is_new


def _wait(mail: AlertMail, waits_for: str, why: str, reader: Reader) -> bool:
    told = {"waits_for": waits_for, "why": why[:300], "tried_with": reader.number}
    Waiting.objects.update_or_create(mail=mail, defaults=told)
    return False


def find_whose(source: Source, understood: Understood, rule: ShopRule | None = None) -> Whose | None:
    """Whose a mail is: by the rule, the source, the client that it names, or a machine's name that only one has."""
    if rule is not None and rule.machine and source.client_id in {None, rule.machine.site.client_id}:
        return Whose(rule.machine.site.client, rule.machine)
    client = source.client or (rule.client if rule is not None else None)
    if client is None and understood.client:
        client = Client.objects.current().filter(name__iexact=understood.client).first()
    machine = _named(understood.machine, client)
    if client is None:
        return Whose(machine.site.client, machine) if machine else None
    return Whose(client, machine or source.machine)


def _named(name: str, client: Client | None) -> Machine | None:
    """The machine of a name, with its domain or without; None: there is none, or there are several."""
    if not name:
        return None
    same = Machine.objects.filter(
        Q(name__iexact=name) | Q(name__iexact=name.partition(".")[0]), retired_at=None, site__client__left_at=None
    )
    if client is not None:
        same = same.filter(site__client=client)
    found = list(same.select_related("site__client")[:2])
    return found[0] if len(found) == 1 else None


@transaction.atomic
def understand(mail: AlertMail, result: Result, *, by: User, client: Client | None = None) -> None:
    """Say what a mail reports that no rule tells. Refused: one that is understood already: it has had its effects."""
    if result == Result.UNKNOWN:
        raise Refused("say whether it reports a failure or a success")
    whose = mail.source.client or client
    if whose is None:
        raise Refused("say which client it is about")
    told = told_of(mail)
    severity = "trouble" if result == Result.FAILURE else ""
    about = topic(told.subject, mail.source.failure_words, mail.source.success_words)[:120]
    understood = Understood("", result, severity, f"read by {by}", job=about, at=told.sent_at)
    if not _keep(mail, understood, Whose(whose, mail.source.machine), by=by):
        raise Refused("this mail has been understood meanwhile")


def read_again(_at: datetime) -> int:
    """Read what waits for a rule by the rules that came since it was tried last; say how many were tried.

    A piece at a time, each mail in a transaction of its own: it may be ended at any moment and goes on from there.
    """
    reader = Reader.now()
    there = Waiting.objects.filter(mail__raw_mail__let_go_at=None)
    behind = there.filter(tried_with__lt=reader.number).exclude(waits_for="sender").order_by("mail")
    keys = list(behind.values_list("mail", flat=True)[:AT_ONCE])
    return sum(_try_again(key, reader) for key in keys)


def _try_again(key: int, reader: Reader) -> int:
    with transaction.atomic():
        held = Waiting.objects.filter(mail=key).select_for_update().first()
        if held is None:
            return 0
        mail = AlertMail.objects.select_related("source__client", "source__machine", "raw_mail").get(pk=key)
        take(mail, told_of(mail), reader)
    return 1


def read_source_again(source: Source) -> int:
    """Read what waits of a source anew, since its words have changed; say how many are understood now."""
    reader = Reader.now()
    there = Waiting.objects.filter(mail__source=source, mail__raw_mail__let_go_at=None)
    keys = list(there.exclude(waits_for="sender").values_list("mail", flat=True))
    before = len(keys)
    for key in keys:
        _try_again(key, reader)
    return before - Waiting.objects.filter(mail__in=keys).count()
