"""Changes the shop's rules for alert mail: adds, edits, moves, turns off and on, takes out; each can be undone.

The list is never edited: each change is a new one, and the mails that wait are read by it (`understanding.read_again`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from rounds.clients.models import Client, Machine
from rounds.core.mail_rules import make
from rounds.core.money import Refused
from rounds.mail.models import AlertMail, RuleList, ShopRule, Source
from rounds.mail.packs import packs
from rounds.mail.understanding import WORDS
from rounds.people.models import User

MOST_RULES = 300


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that is not kept yet. Refused: what is no rule, with the reason."""

    name: str
    spec: Mapping[str, Any]
    source: Source | None = None
    client: Client | None = None
    machine: Machine | None = None
    made_from: AlertMail | None = None

    def __post_init__(self) -> None:
        made = make(self.spec, "draft")
        if made.columns and self.machine:
            raise Refused("a rule for a table takes the machine from each row: choose none")
        if self.machine and self.source and self.source.client_id not in {None, self.machine.site.client_id}:
            raise Refused(f"{self.machine} is not a machine of {self.source.client}")
        if self.machine and self.client and self.machine.site.client_id != self.client.pk:
            raise Refused(f"{self.machine} is not a machine of {self.client}")


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes the list when, and which list he has seen: if it is not the latest any more, he is told."""

    by: User
    at: datetime
    seen: int  # 0: there was none


@dataclass(frozen=True, slots=True)
class State:
    """The list as it stands."""

    number: int = 0
    rules: tuple[int, ...] = ()
    off: frozenset[str] = field(default_factory=frozenset)
    latest: RuleList | None = None


def state() -> State:
    """The list as it stands."""
    latest = RuleList.objects.select_related("by").first()
    if latest is None:
        return State()
    return State(latest.pk, tuple(latest.rules), frozenset(latest.off), latest)


@transaction.atomic
def add(draft: Draft, change: Change) -> tuple[ShopRule, RuleList]:
    """Keep a new rule, before all others: who makes one for a mail means it to be read by that."""
    held = state()
    if len(held.rules) >= MOST_RULES:
        raise Refused(f"there are {MOST_RULES} rules already; take out some that are no longer needed")
    made = _keep(draft, change)
    return made, _write((made.pk, *held.rules), held.off, f"added “{made}”", change)


@transaction.atomic
def edit(rule: ShopRule, draft: Draft, change: Change) -> tuple[ShopRule, RuleList]:
    """Keep a rule's new version in the place of the old one."""
    held = state()
    if rule.pk not in held.rules:
        raise Refused("this rule has been changed or taken out meanwhile")
    made = _keep(draft, change)
    rules = tuple(made.pk if key == rule.pk else key for key in held.rules)
    off = {f"rule {made.pk}" if key == f"rule {rule.pk}" else key for key in held.off}
    return made, _write(rules, off, f"changed “{made}”", change)


def _keep(draft: Draft, change: Change) -> ShopRule:
    return ShopRule.objects.create(
        name=draft.name, spec=dict(draft.spec), source=draft.source, client=draft.client,
        machine=draft.machine, made_from=draft.made_from, at=change.at, by=change.by,
    )  # fmt: skip


@transaction.atomic
def move(rule: ShopRule, places: int, change: Change) -> RuleList:
    """Move a rule up (-1) or down (1) by some places."""
    held = state()
    order = [key for key in held.rules if key != rule.pk]
    if len(order) == len(held.rules):
        raise Refused("this rule has been changed or taken out meanwhile")
    order.insert(max(0, held.rules.index(rule.pk) + places), rule.pk)
    return _write(tuple(order), held.off, f"moved “{rule}” {'up' if places < 0 else 'down'}", change)


@transaction.atomic
def remove(rule: ShopRule, change: Change) -> RuleList:
    """Take a rule out; what it has understood stays understood."""
    held = state()
    rules = tuple(key for key in held.rules if key != rule.pk)
    return _write(rules, held.off - {f"rule {rule.pk}"}, f"took out “{rule}”", change)


@transaction.atomic
def switch(key: str, change: Change, *, is_on: bool) -> RuleList:
    """Turn a rule on or off: one of the shop's ("rule 7"), one of a pack ("veeam: job"), or the usual words."""
    held = state()
    names = known_keys(held)
    if key not in names:
        raise Refused("there is no such rule any more")
    off = held.off - {key} if is_on else held.off | {key}
    return _write(held.rules, off, f"turned “{names[key]}” {'on' if is_on else 'off'}", change)


def known_keys(held: State) -> dict[str, str]:
    """Every rule that can be turned off, with its name."""
    own = {f"rule {rule.pk}": rule.name for rule in ShopRule.objects.filter(pk__in=held.rules)}
    return {**own, **{rule.origin: rule.origin for pack in packs() for rule in pack.rules}, WORDS: "the usual words"}


@transaction.atomic
def undo(done: RuleList, change: Change) -> RuleList:
    """Take back the latest change. Refused: if it is no longer the latest."""
    before = done.replaces
    rules, off = (before.rules, before.off) if before else ([], [])
    return _write(tuple(rules), set(off), f"undone: {done.what}"[:200], Change(change.by, change.at, done.pk))


def _write(rules: tuple[int, ...], off: frozenset[str] | set[str], what: str, change: Change) -> RuleList:
    latest = RuleList.objects.first()
    if (latest.pk if latest else 0) != change.seen:
        raise Refused("the rules have been changed meanwhile; look at them again")
    try:
        with transaction.atomic():
            return RuleList.objects.create(
                rules=list(rules), off=sorted(off), what=what[:200], replaces=latest, at=change.at, by=change.by
            )
    except IntegrityError:
        raise Refused("the rules have been changed meanwhile; look at them again") from None
