"""What facts of a machine are held against rules: what must run, anti-virus, disks' own health, certificates, backups.

An agent tells a fact when it has changed and once an hour, so ages are as fresh as that. A fact that is not told, or
whose probe gives an error, is not measured, and decides nothing (docs/agent-protocol.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rounds.core.detecting import Memory, Sample
from rounds.core.latest import figure, moment

type Subject = tuple[str, str]  # rule, and what of the machine, or ""
type Told = Iterator[tuple[Subject, Sample | None]]  # None: it is there, and was not measured

RULES_OF = {
    "expected": ("not-running",),
    "units": ("service-failed",),
    "antivirus": ("antivirus-off", "signatures-old"),
    "smart": ("disk-failing", "disk-errors", "disk-worn"),
    "certificates": ("certificate-near",),
    "backups": ("backup-error", "backup-old"),
}
FACT_OF = {rule: fact for fact, rules in RULES_OF.items() for rule in rules}
MOST_PARTS, LONGEST_PART = 64, 150  # the check-in comes from outside
COUNTED = ("reallocated_sectors", "pending_sectors", "uncorrectable_errors", "offline_uncorrectable", "media_errors")
_DAY = timedelta(days=1)


def read(
    memories: Mapping[Subject, Memory], facts: Mapping[str, Any], probes: Mapping[str, str], at: datetime
) -> tuple[list[tuple[Subject, Sample]], set[Subject]]:
    """What a check-in says of all that; and of what is remembered that it names no more, which is over."""
    asked = {name for name in RULES_OF if isinstance(facts.get(name), Mapping)}
    named: dict[Subject, Sample | None] = {}
    for name in asked:
        named.update(_READERS[name](facts, at))
    asked |= {name for name in RULES_OF if probes.get(name) == "absent"}
    gone = {key for key in memories if FACT_OF.get(key[0]) in asked and key not in named}
    samples = [(subject, sample) for subject, sample in named.items() if sample is not None]
    why = "this is not told of any more"
    samples += [(key, Sample(at, None, {"why": why})) for key in sorted(gone) if memories[key].is_open]
    return samples, gone


def _expected(facts: Mapping[str, Any], at: datetime) -> Told:
    for name, runs in list(facts["expected"].items())[:MOST_PARTS]:
        if isinstance(runs, bool):
            yield ("not-running", _cut(name)), Sample(at, 0.0 if runs else 1.0)


def _units(facts: Mapping[str, Any], at: datetime) -> Told:
    failed = facts["units"].get("failed")
    if isinstance(failed, list):
        yield ("service-failed", ""), Sample(at, tuple(dict.fromkeys(_cut(name) for name in failed[:MOST_PARTS])))


def _antivirus(facts: Mapping[str, Any], at: datetime) -> Told:
    products, system = _rows(facts["antivirus"], "products"), facts.get("os")
    if not isinstance(system, Mapping):
        yield ("antivirus-off", ""), None  # within the hour both are told
    elif system.get("family") == "windows":  # elsewhere scans at night are the usual
        yield ("antivirus-off", ""), Sample(at, _off(products))
    guards = [one for one in products if one.get("is_active") is True] or products
    ages = [age for one in guards if (age := _days(one.get("signatures_at"), at)) is not None]
    yield ("signatures-old", ""), Sample(at, -max(ages)) if ages else None


def _off(products: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Why nothing guards the machine; nothing of that if one program does, or it cannot be told of one."""
    if any(one.get("is_active") is not False and one.get("is_current") is not False for one in products):
        return ()
    whys = (
        f"{_cut(one.get('product') or 'a program')} is {'off' if one.get('is_active') is False else 'out of date'}"
        for one in products
    )
    return tuple(dict.fromkeys(whys)) or ("none is installed",)


def _smart(facts: Mapping[str, Any], at: datetime) -> Told:
    for disk in _rows(facts["smart"], "disks"):
        device, passed = _cut(disk.get("device") or "a disk"), disk.get("passed")
        counts = [count for name in COUNTED if (count := figure(disk, name)) is not None]
        fails = float(not passed) if isinstance(passed, bool) else None
        yield ("disk-failing", device), _sample(at, fails)
        yield ("disk-errors", device), _sample(at, sum(counts) if counts else None)
        yield ("disk-worn", device), _sample(at, figure(disk, "worn_percent"))


def _certificates(facts: Mapping[str, Any], at: datetime) -> Told:
    for one in _rows(facts["certificates"], "certificates"):
        if one.get("path"):
            name = {"name": _cut(one["name"])} if one.get("name") else {}
            yield ("certificate-near", _cut(one["path"])), _sample(at, _days(one.get("ends_at"), at), name)


def _backups(facts: Mapping[str, Any], at: datetime) -> Told:
    for run in _rows(facts["backups"], "runs"):
        which = _cut(" ".join(str(run[name]) for name in ("product", "repository") if run.get(name)) or "backup")
        error, left = run.get("error"), _days(run.get("last_at"), at)
        yield ("backup-error", which), Sample(at, 1.0 if error else 0.0, {"why": str(error)[:300]} if error else {})
        yield ("backup-old", which), _sample(at, None if left is None else -left)


def _sample(at: datetime, value: float | None, more: Mapping[str, object] = {}) -> Sample | None:
    return None if value is None else Sample(at, value, more)


_READERS = {
    "expected": _expected,
    "units": _units,
    "antivirus": _antivirus,
    "smart": _smart,
    "certificates": _certificates,
    "backups": _backups,
}


def _rows(fact: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = fact.get(name)
    return [one for one in rows[:MOST_PARTS] if isinstance(one, Mapping)] if isinstance(rows, list) else []


def _cut(text: Any) -> str:
    return str(text)[:LONGEST_PART]


def _days(text: Any, at: datetime) -> float | None:
    """Days from `at` to a moment, negative for what is past; None for what is none."""
    then = moment(text)
    return None if then is None else (then - at) / _DAY
