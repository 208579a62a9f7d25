"""What facts of a machine are held against rules: what must run, anti-virus, disks' own health, certificates, backups.

An agent tells a fact when it has changed and once an hour, so ages are as fresh as that. A fact that is not told, or
whose probe gives an error, is not measured, and decides nothing (docs/agent-protocol.md).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rounds.core.detecting import Memory, Sample

type Subject = tuple[str, str]  # rule, and what of the machine, or ""
type Told = Iterator[tuple[Subject, Sample]]

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


def samples(
    memories: Mapping[Subject, Memory], facts: Mapping[str, Any], probes: Mapping[str, str], at: datetime
) -> Told:
    """What a check-in says of all that; of what a fact told before and does not name any more, that it is gone."""
    there = set()
    for name, read in _READERS.items():
        if isinstance(facts.get(name), Mapping):
            for subject, sample in read(facts, at):
                there.add(subject)
                yield subject, sample
    asked = told(facts, probes)
    for (rule, part), memory in memories.items():
        if memory.is_open and FACT_OF.get(rule) in asked and (rule, part) not in there:
            yield (rule, part), Sample(at, None, {"why": f"{part or 'this'} is not told of any more"})


def told(facts: Mapping[str, Any], probes: Mapping[str, str]) -> set[str]:
    """The facts of which a check-in says what there is, or that there is nothing."""
    return {name for name in RULES_OF if isinstance(facts.get(name), Mapping) or probes.get(name) == "absent"}


def gone(memories: Mapping[Subject, Memory], facts: set[str], at: datetime) -> list[Subject]:
    """What is remembered of parts that the facts of this moment do not name any more, and that is over."""
    return [
        key
        for key, memory in memories.items()
        if FACT_OF.get(key[0]) in facts and not memory.is_open and memory.at is not None and memory.at < at
    ]


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
    if isinstance(system, Mapping) and system.get("family") == "windows":  # elsewhere scans at night are the usual
        yield ("antivirus-off", ""), Sample(at, _off(products))
    guards = [one for one in products if one.get("is_active") is True] or products
    ages = [age for one in guards if (age := _days(one.get("signatures_at"), at)) is not None]
    if ages:
        yield ("signatures-old", ""), Sample(at, -max(ages))


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
        device = _cut(disk.get("device") or "a disk")
        if isinstance(disk.get("passed"), bool):
            yield ("disk-failing", device), Sample(at, 0.0 if disk["passed"] else 1.0)
        counts = [count for name in COUNTED if (count := _number(disk.get(name))) is not None]
        if counts:
            yield ("disk-errors", device), Sample(at, sum(counts))
        worn = _number(disk.get("worn_percent"))
        if worn is not None:
            yield ("disk-worn", device), Sample(at, worn)


def _certificates(facts: Mapping[str, Any], at: datetime) -> Told:
    for one in _rows(facts["certificates"], "certificates"):
        days = _days(one.get("ends_at"), at)
        if days is not None and one.get("path"):
            yield ("certificate-near", _cut(one["path"])), Sample(at, days, {"name": _cut(one.get("name") or "")})


def _backups(facts: Mapping[str, Any], at: datetime) -> Told:
    for run in _rows(facts["backups"], "runs"):
        which = _cut(" ".join(str(run[name]) for name in ("product", "repository") if run.get(name)) or "backup")
        error, left = run.get("error"), _days(run.get("last_at"), at)
        yield ("backup-error", which), Sample(at, 1.0 if error else 0.0, {"why": str(error)[:300]} if error else {})
        if left is not None:
            yield ("backup-old", which), Sample(at, -left)


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


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e18:
        return None
    return float(value) if math.isfinite(value) else None


def _days(text: Any, at: datetime) -> float | None:
    """Days from `at` to a moment as an agent writes it, negative for what is past; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return (moment - at) / _DAY if moment.tzinfo else None
