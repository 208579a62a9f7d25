"""The limits that hold for a machine: the usual ones, or the shop's, or the machine's own; the narrowest wins."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from rounds.clients.models import Machine
from rounds.core.detecting import Limit
from rounds.core.money import Refused
from rounds.core.watching import RULES, Grace, as_values, changed
from rounds.findings.models import Setting
from rounds.people.models import User


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule's limit as it holds, None if it is not watched, and who says so: "usual", "shop" or "machine"."""

    limit: Limit | Grace | None
    scope: str


def limits_of(machines: Iterable[int | None]) -> dict[int | None, dict[str, InForce]]:
    """The limits in force for each machine by its key; for None, those of the shop."""
    shop: dict[str, Setting] = {}
    own: dict[tuple[int, str], Setting] = {}
    for setting in Setting.objects.all():
        if setting.machine_id is None:
            shop[setting.rule] = setting
        else:
            own[setting.machine_id, setting.rule] = setting
    general = {rule: _in_force(rule, shop.get(rule), None) for rule in RULES}
    special = {key: {rule for machine, rule in own if machine == key} for key, _ in own}
    return {
        key: general | {rule: _in_force(rule, shop.get(rule), own[key, rule]) for rule in special[key]}
        if key is not None and key in special
        else general
        for key in set(machines)
    }


def _in_force(rule: str, shop: Setting | None, own: Setting | None) -> InForce:
    deciding = own or shop
    scope = "machine" if own else "shop" if shop else "usual"
    if deciding is not None and deciding.is_off:
        return InForce(None, scope)
    return InForce(changed(rule, (shop.values if shop else {}) | (own.values if own else {})), scope)


def watched(in_force: Mapping[str, InForce]) -> dict[str, Limit]:
    """The limits that check-ins are held against: silence is judged by the clock."""
    return {
        rule: one.limit for rule, one in in_force.items() if one.limit is not None and not isinstance(one.limit, Grace)
    }


def set_limit(
    rule: str, values: Mapping[str, float], *, machine: Machine | None, is_off: bool, by: User | None, at: datetime
) -> None:
    """Set a limit of the shop or of one machine; values as usual are not kept. Refused: values that make no sense."""
    if rule not in RULES:
        raise Refused(f"there is no rule “{rule}”")
    inherited = limits_of([None])[None][rule].limit if machine else RULES[rule].limit
    usual = as_values(inherited or RULES[rule].limit)
    own = {name: value for name, value in values.items() if usual.get(name) != value}
    changed(rule, usual | own)
    if own or is_off:
        kept = {"values": own, "is_off": is_off, "set_by": by, "set_at": at}
        Setting.objects.update_or_create(rule=rule, machine=machine, defaults=kept)
    else:
        Setting.objects.filter(rule=rule, machine=machine).delete()
