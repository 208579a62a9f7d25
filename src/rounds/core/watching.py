"""The rules by which findings open: one table of names, limits and words, and how a shop's own limits change it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from rounds.core.detecting import Level, Limit, Wait
from rounds.core.forecasting import Span, in_words
from rounds.core.money import Refused
from rounds.core.usual import FIGURES, Unusual, figure_and_unit, hour_in_words, range_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """How long a machine may be silent, by what it is: a workstation may be off for a night or a holiday."""

    server: timedelta
    workstation: timedelta
    device: timedelta

    def __post_init__(self) -> None:
        if min(self.server, self.workstation, self.device) < timedelta(minutes=2):
            raise Refused("agents report once a minute: a grace is at least 2 minutes")

    def of(self, kind: str) -> timedelta:
        """The grace of a kind of machine."""
        return {"server": self.server, "workstation": self.workstation}.get(kind, self.device)


type AnyLimit = Limit | Grace | Unusual


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched: its name in words, how soon somebody should look, and the limit unless the shop sets another."""

    label: str
    severity: str  # "trouble" or "soon"
    limit: AnyLimit
    unit: str = ""
    is_plain: bool = False  # it is so or not: its figure is 1 or 0


RULES: Mapping[str, Rule] = {
    "disk-full": Rule("Disk full", "trouble", Level(open_at=90, clear_at=85, times=3, of=5), "%"),
    "inodes-full": Rule("Disk out of file entries", "trouble", Level(open_at=90, clear_at=85, times=3, of=5), "%"),
    "disk-filling": Rule("Disk filling", "soon", Level(open_at=14, clear_at=21, gap=timedelta(days=3)), "days"),
    "memory-short": Rule("Memory short", "soon", Level(open_at=92, clear_at=85, times=12, of=15), "%"),
    "load-high": Rule("Load high", "soon", Level(open_at=2, clear_at=1.5, times=25, of=30), "per processor"),
    "updates-late": Rule("Updates late", "soon", Wait(longest=timedelta(days=30))),
    "security-late": Rule("Security updates late", "trouble", Wait(longest=timedelta(days=7))),
    "reboot-needed": Rule("Reboot needed", "soon", Wait(longest=timedelta(days=1))),
    "silent": Rule(
        "Machine silent",
        "trouble",
        Grace(server=timedelta(minutes=10), workstation=timedelta(days=3), device=timedelta(hours=1)),
    ),
    "unusual": Rule("Unusual", "soon", Unusual()),
}

_LONG = timedelta(hours=3)  # watches may be an hour apart


def _plain(times: int, of: int) -> Level:
    """For what is so or not."""
    return Level(open_at=1, clear_at=0.5, times=times, of=of, gap=_LONG)


# What facts of a machine are held against (`core.standing`); they are told once an hour.
FACT_RULES: Mapping[str, Rule] = {
    "not-running": Rule("Does not run", "trouble", _plain(1, 1), is_plain=True),
    "service-failed": Rule("Service failed", "soon", Wait(longest=timedelta(hours=1))),
    "antivirus-off": Rule("Anti-virus off", "trouble", Wait(longest=timedelta(hours=2))),
    "signatures-old": Rule("Anti-virus out of date", "soon", Level(open_at=4, clear_at=3, gap=_LONG), "days"),
    "disk-failing": Rule("Disk failing", "trouble", _plain(1, 1), is_plain=True),
    "disk-errors": Rule("Errors on a disk", "soon", Level(open_at=1, clear_at=1, gap=_LONG), "errors"),
    "disk-worn": Rule("Disk worn", "soon", Level(open_at=90, clear_at=85, gap=_LONG), "%"),
    "certificate-near": Rule("Machine's certificate ends", "soon", Level(open_at=21, clear_at=25, gap=_LONG), "days"),
    "backup-error": Rule("Backup fails", "trouble", _plain(1, 1), is_plain=True),
    "backup-old": Rule("Backup old", "trouble", Level(open_at=3.25, clear_at=3, gap=_LONG), "days"),
}

# What watches give of things without an agent (`core.watched`).
WATCH_RULES: Mapping[str, Rule] = {
    "unanswered": Rule("Does not answer", "trouble", _plain(3, 5), is_plain=True),
    "answer-slow": Rule("Answers slowly", "soon", Level(open_at=2000, clear_at=1000, times=3, of=5, gap=_LONG), "ms"),
    "certificate-ends": Rule("Certificate ends", "soon", Level(open_at=21, clear_at=25, gap=_LONG), "days"),
    "supply-low": Rule("Supply low", "soon", Level(open_at=10, clear_at=15, times=2, of=3, gap=_LONG), "%"),
    "device-warns": Rule("Device warns", "soon", Wait(longest=timedelta(hours=1))),
    "volume-full": Rule("Volume full", "trouble", Level(open_at=90, clear_at=85, times=3, of=5, gap=_LONG), "%"),
    "part-failed": Rule("Part failed", "trouble", _plain(2, 3), is_plain=True),
    "interface-down": Rule("Port down", "trouble", _plain(3, 5), is_plain=True),
    "interface-errors": Rule(
        "Errors on a port", "soon", Level(open_at=60, clear_at=10, times=3, of=5, gap=_LONG), "a minute"
    ),
    "on-battery": Rule("On battery", "trouble", _plain(2, 3), is_plain=True),
    "battery-low": Rule("Battery low", "trouble", Level(open_at=40, clear_at=60, times=2, of=3, gap=_LONG), "%"),
}
RULES = {**RULES, **FACT_RULES, **WATCH_RULES}

# What check-ins are held against; silence is no figure of theirs, and what is usual is known of whole hours.
LIMITS: Mapping[str, Limit] = {name: rule.limit for name, rule in RULES.items() if isinstance(rule.limit, Level | Wait)}

# What waits for the digest and the daily report, wherever it would be told: nothing need be wrong.
WAKES_NOBODY = frozenset({"unusual"})

# Judged by the clock, like silence, but of no single machine.
CLOCK_LABELS: Mapping[str, str] = {
    "site-offline": "Site offline",
    "mail-missing": "Mail missing",
    "unmeasured": "Not measured",
}

# Findings that no figure of a machine opens: a mail or a piece of evidence does.
OTHER_LABELS: Mapping[str, str] = {
    "alert-mail": "Alert mail",
    "backup-failed": "Backup not restorable",
    "books-wrong": "Books do not hold",
    "duty-failed": "Duty failed",
    "mail-surge": "Outbreak of alert mail",
}

_LENGTHS = {"longest": "days", "gap": "minutes", "server": "minutes", "workstation": "minutes", "device": "minutes"}


def label(name: str) -> str:
    """A rule's name in words."""
    return RULES[name].label if name in RULES else CLOCK_LABELS.get(name) or OTHER_LABELS.get(name, name)


def closes_by_itself(name: str) -> bool:
    """Is it measured, so that it closes when it is well again? What was reported may have to be closed by hand."""
    return name in RULES or name in CLOCK_LABELS


def as_values(limit: AnyLimit) -> dict[str, float]:
    """Give a limit as plain numbers; times in the unit that `_LENGTHS` names."""
    names = [name for name in type(limit).__dataclass_fields__ if name != "gap"]
    return {name: _number(name, getattr(limit, name)) for name in names}


def _number(name: str, value: Any) -> float:
    return float(value / timedelta(**{_LENGTHS[name]: 1}) if name in _LENGTHS else value)


def changed(name: str, values: Mapping[str, float]) -> AnyLimit:
    """The limit of a rule with some of its numbers set otherwise. Refused: what makes no sense, with the reason."""
    limit = RULES[name].limit
    known = as_values(limit)
    strange = [field for field in values if field not in known]
    if strange:
        raise Refused(f"{label(name)} has no “{strange[0]}”; it has {', '.join(known)}")
    new: dict[str, Any] = {}
    for field, value in values.items():
        if field in _LENGTHS:
            new[field] = timedelta(**{_LENGTHS[field]: value})
        else:
            new[field] = int(value) if field in {"times", "of", "hours"} else float(value)
    return replace(limit, **new)


def _unusual(figure: str, shown: Mapping[str, Any]) -> str:
    usual = range_in_words(figure, shown["low"], shown["high"])
    found = f"{figure_and_unit(figure, shown['value'])}, usually {usual}"
    return f"{FIGURES[figure].label} unusual for {hour_in_words(shown['when'], shown['hour'])}: {found}"


_TITLES: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "disk-full": lambda disk, shown: f"{disk} is {shown['value']:.0f} % full",
    "inodes-full": lambda disk, shown: f"{disk} has used {shown['value']:.0f} % of its file entries",
    "disk-filling": lambda disk, shown: f"{disk} is full {in_words(Span(shown['value'], shown['latest']))}",
    "memory-short": lambda _, shown: f"Memory is short: {shown['value']:.0f} % in use",
    "load-high": lambda _, shown: f"Load is high: {shown['value']:.1f} for each processor",
    "updates-late": lambda _, shown: f"{_late(shown)} waited for more than {_days(shown['limit_days'])}",
    "security-late": lambda _, shown: f"Security updates have waited for more than {_days(shown['limit_days'])}",
    "reboot-needed": lambda *_: "Needs a restart",
    "silent": lambda *_: "Silent: its agent has stopped reporting",
    "not-running": lambda what, _: f"The {what} does not run",
    "service-failed": lambda _, shown: f"Failed: {', '.join(shown.get('names', ()))}",
    "antivirus-off": lambda _, shown: f"Anti-virus: {', '.join(shown.get('names', ()))}",
    "signatures-old": lambda _, shown: f"Anti-virus signatures are {shown['value']:.0f} days old",
    "disk-failing": lambda disk, _: f"{disk} says that it fails",
    "disk-errors": lambda disk, shown: f"{disk} has {_errors(shown['value'])}",
    "disk-worn": lambda disk, shown: f"{disk} is {shown['value']:.0f} % worn",
    "certificate-near": lambda path, shown: f"The certificate of {shown.get('name') or path} {ending(shown['value'])}",
    "backup-error": lambda which, shown: f"{which}: {shown.get('why') or 'the backup fails'}",
    "backup-old": lambda which, shown: f"{which}: the last backup is {shown['value']:.0f} days old",
    "unusual": _unusual,
}


def _late(shown: Mapping[str, Any]) -> str:
    return "1 update has" if shown["late"] == 1 else f"{shown['late']} updates have"


def _errors(count: float) -> str:
    return "1 error" if count == 1 else f"{count:.0f} errors"


def ending(days: float) -> str:
    """When something ends that has so many days left: "ends in 5 days"."""
    if days < 0:
        return "has ended"
    whole = math.floor(days)
    return "ends today" if whole < 1 else f"ends in {whole} day{'s' * (whole > 1)}"


def _days(days: float) -> str:
    return "1 day" if days == 1 else f"{days:g} days"


def title(name: str, subject: str, evidence: Mapping[str, Any]) -> str:
    """Say what opened a finding in one line: "/var is 93 % full", "3 updates have waited for more than 30 days"."""
    return _TITLES[name](subject, evidence)
