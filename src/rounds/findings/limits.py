"""The limits that hold for a machine: the usual ones, changed by the shop, its client, its site, its kind, itself.

Each may set some numbers of a rule, or turn it off; where two say the same thing, the narrower wins, in this order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rounds.clients.models import Client, Machine, MachineKind, Site
from rounds.core.detecting import Level, Limit, Wait
from rounds.core.money import Refused
from rounds.core.watching import RULES, AnyLimit, as_values, changed
from rounds.findings.models import Setting
from rounds.people.models import User

type Name = tuple[str, int | str | None]  # "shop", "client", "site", "kind" or "machine", and which


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose limit: the shop's where nothing is named, else that of the one thing that is."""

    client: Client | None = None
    site: Site | None = None
    kind: str = ""
    machine: Machine | None = None

    def __post_init__(self) -> None:
        if sum(bool(one) for one in (self.client, self.site, self.kind, self.machine)) > 1:
            raise ValueError("a limit has one scope")
        if self.kind and self.kind not in MachineKind.values:
            raise Refused(f"there is no kind of machine “{self.kind}”")

    @property
    def names(self) -> tuple[Name, ...]:
        """Whose limits hold in it, the broadest first; its own is the last."""
        if self.machine is not None:
            return _names(self.machine.pk, (self.machine.site.client_id, self.machine.site_id, self.machine.kind))
        if self.site is not None:
            return SHOP, ("client", self.site.client_id), ("site", self.site.pk)
        if self.client is not None:
            return SHOP, ("client", self.client.pk)
        return (SHOP, ("kind", self.kind)) if self.kind else (SHOP,)

    def __str__(self) -> str:
        if self.site is not None:
            return f"{self.site.client}, {self.site.name}"
        return f"every {self.kind}" if self.kind else str(self.machine or self.client or "every machine")


SHOP: Name = ("shop", None)
WHOLE_SHOP = Scope()


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule's limit as it holds, None if it is not watched; who says so, and whom he overrules.

    `scope` is "usual", "shop", "client", "site", "kind" or "machine"; `over` are broader ones that say otherwise.
    """

    limit: AnyLimit | None
    scope: str
    over: tuple[str, ...] = ()


def limits_of(machines: Iterable[int | None]) -> dict[int | None, dict[str, InForce]]:
    """The limits in force for each machine by its key; for None, those of the shop.

    Machines for which the same is said share one table: of 20,000 few have anything of their own.
    """
    keys = set(machines)
    said = _said()
    places = _places(keys) if any(name[0] in {"client", "site", "kind"} for name in said) else {}
    tables: dict[tuple[Name, ...], dict[str, InForce]] = {}
    found = {}
    for key in keys:
        names = tuple(name for name in _names(key, places.get(key)) if name in said)
        if names not in tables:
            tables[names] = _table(names, said)
        found[key] = tables[names]
    return found


def limits_in(scope: Scope) -> dict[str, InForce]:
    """The limits in force in a scope: what holds for all in it of whom nothing narrower is said."""
    return _table(scope.names, _said())


def _said() -> dict[Name, dict[str, Setting]]:
    """What is set, by whom and by rule."""
    said: dict[Name, dict[str, Setting]] = {}
    for setting in Setting.objects.all():
        said.setdefault(_name(setting), {})[setting.rule] = setting
    return said


def _name(setting: Setting) -> Name:
    if setting.machine_id:
        return "machine", setting.machine_id
    if setting.kind:
        return "kind", setting.kind
    if setting.site_id:
        return "site", setting.site_id
    return ("client", setting.client_id) if setting.client_id else SHOP


def _places(keys: set[int | None]) -> dict[int | None, tuple[int, int, str]]:
    """The client, site and kind of machines."""
    rows = Machine.objects.filter(pk__in=[key for key in keys if key is not None])
    return {
        key: (client, site, kind)
        for key, client, site, kind in rows.values_list("pk", "site__client_id", "site_id", "kind")
    }


def _names(key: int | None, place: tuple[int, int, str] | None) -> tuple[Name, ...]:
    if key is None:
        return (SHOP,)
    if place is None:
        return SHOP, ("machine", key)
    client, site, kind = place
    return SHOP, ("client", client), ("site", site), ("kind", kind), ("machine", key)


def _table(names: Iterable[Name], said: Mapping[Name, Mapping[str, Setting]]) -> dict[str, InForce]:
    layers = [(name[0], said[name]) for name in names if name in said]
    return {rule: _in_force(rule, [(scope, layer[rule]) for scope, layer in layers if rule in layer]) for rule in RULES}


def _in_force(rule: str, layers: list[tuple[str, Setting]]) -> InForce:
    if not layers:
        return InForce(RULES[rule].limit, "usual")
    over = tuple(scope for scope, _ in layers[:-1])
    scope, deciding = layers[-1]
    if deciding.is_off:
        return InForce(None, scope, over)
    values = {name: value for _, setting in layers for name, value in setting.values.items()}
    return InForce(changed(rule, values), scope, over)


def watched(in_force: Mapping[str, InForce]) -> dict[str, Limit]:
    """The limits that check-ins are held against: silence is judged by the clock, what is usual hour by hour."""
    return {rule: one.limit for rule, one in in_force.items() if isinstance(one.limit, Level | Wait)}


def watched_of(machines: Iterable[int | None]) -> dict[int | None, Mapping[str, Limit]]:
    """The same of each machine by its key; machines for which the same is said share it."""
    tables, limits = limits_of(machines), {}
    for table in tables.values():
        if id(table) not in limits:
            limits[id(table)] = watched(table)
    return {key: limits[id(table)] for key, table in tables.items()}


def set_limit(
    rule: str, values: Mapping[str, float], *, scope: Scope = WHOLE_SHOP, is_off: bool, by: User | None, at: datetime
) -> None:
    """Set a limit in a scope; values that hold there anyway are not kept. Refused: values that make no sense."""
    if rule not in RULES:
        raise Refused(f"there is no rule “{rule}”")
    inherited = _table(scope.names[:-1], _said())[rule].limit
    usual = as_values(inherited or RULES[rule].limit)
    own = {name: value for name, value in values.items() if usual.get(name) != value}
    changed(rule, usual | own)
    whose: dict[str, Any] = {"client": scope.client, "site": scope.site, "kind": scope.kind, "machine": scope.machine}
    if own or is_off or (inherited is None and values):
        kept = {"values": own, "is_off": is_off, "set_by": by, "set_at": at}
        Setting.objects.update_or_create(rule=rule, **whose, defaults=kept)
    else:
        Setting.objects.filter(rule=rule, **whose).delete()
