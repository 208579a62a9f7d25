"""What changed on a machine: two tellings of a fact in, words out; and a fact without what changes all the time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

# What is told of these facts is compared; the fields named change without anybody having changed anything.
PASSING: Mapping[str, frozenset[str]] = {
    "os": frozenset(),
    "hardware": frozenset(),
    "software": frozenset({"count"}),
    "administrators": frozenset(),
    "certificates": frozenset(),
    "antivirus": frozenset({"signatures", "signatures_at", "quick_scan_days", "full_scan_days"}),
    "units": frozenset(),
    "smart": frozenset({"hours", "celsius"}),
    "reboot": frozenset({"why"}),
    "agent": frozenset(),
}
NOUNS = {
    "os": "Operating system", "hardware": "Hardware", "software": "Software", "administrators": "Administrators",
    "certificates": "Certificates", "antivirus": "Anti-virus", "units": "Services", "smart": "Disks",
    "reboot": "Restart", "agent": "Agent",
}  # fmt: skip
MOST_WORDS = 12


def lasting(name: str, fact: Any) -> Any:
    """A fact without its passing fields, at whatever depth they stand."""
    return _without(fact, PASSING.get(name, frozenset()))


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(part, names) for name, part in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(part, names) for part in value]
    return value


def words(name: str, before: Any, after: Any) -> list[str]:
    """What changed, one line each, the most telling first; the rest is counted."""
    told = SPECIAL.get(name, _fields)(lasting(name, before), lasting(name, after))
    more = len(told) - MOST_WORDS
    return [*told[:MOST_WORDS], f"and {more} more"] if more > 0 else told


def _fields(before: Any, after: Any, prefix: str = "") -> list[str]:
    """Field by field: “kernel: 6.1.0-25, now 6.1.0-26”."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return [] if before == after else [f"{prefix or 'it'}: {_plain(before)}, now {_plain(after)}"]
    told = []
    for name in [*before, *(name for name in after if name not in before)]:
        label = f"{prefix} {name}".strip().replace("_", " ")
        told += _fields(before.get(name), after.get(name), label)
    return told


def _plain(value: Any) -> str:
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _packages(before: Any, after: Any) -> list[str]:
    old, new = _mapping(before, "packages"), _mapping(after, "packages")
    changed = [f"{name} {old[name]}, now {new[name]}" for name in new if name in old and old[name] != new[name]]
    came = [f"{name} {new[name]} installed" for name in new if name not in old]
    went = [f"{name} {old[name]} removed" for name in old if name not in new]
    return [*came, *went, *changed]


def _mapping(fact: Any, name: str) -> Mapping[str, Any]:
    told = fact.get(name) if isinstance(fact, Mapping) else None
    return told if isinstance(told, Mapping) else {}


def _came_and_went(field: str, came: str, went: str) -> Callable[[Any, Any], list[str]]:
    """For a fact that is a list of names."""

    def told(before: Any, after: Any) -> list[str]:
        old, new = _names(before, field), _names(after, field)
        return [
            *(f"{one} {came}" for one in new if one not in old),
            *(f"{one} {went}" for one in old if one not in new),
        ]

    return told


def _names(fact: Any, field: str) -> Sequence[str]:
    told = fact.get(field) if isinstance(fact, Mapping) else None
    return [str(one) for one in told] if isinstance(told, list) else []


def _rows(field: str, key: str) -> Callable[[Any, Any], list[str]]:
    """For a fact that is a list of rows, each known by one of its fields."""

    def told(before: Any, after: Any) -> list[str]:
        old, new = _keyed(before, field, key), _keyed(after, field, key)
        came = [f"{name} is new" for name in new if name not in old]
        went = [f"{name} is gone" for name in old if name not in new]
        both = [line for name in new if name in old for line in _fields(old[name], new[name], name)]
        return [*came, *went, *both]

    return told


def _keyed(fact: Any, field: str, key: str) -> dict[str, Any]:
    rows = fact.get(field) if isinstance(fact, Mapping) else None
    return {str(row.get(key)): row for row in rows if isinstance(row, Mapping)} if isinstance(rows, list) else {}


def _restart(_before: Any, after: Any) -> list[str]:
    return ["needed" if isinstance(after, Mapping) and after.get("needed") else "no longer needed"]


SPECIAL: Mapping[str, Callable[[Any, Any], list[str]]] = {
    "software": _packages,
    "administrators": _came_and_went("names", "may administer it now", "may no longer administer it"),
    "units": _came_and_went("failed", "failed", "has not failed any more"),
    "certificates": _rows("certificates", "path"),
    "antivirus": _rows("products", "product"),
    "smart": _rows("disks", "device"),
    "reboot": _restart,
}
