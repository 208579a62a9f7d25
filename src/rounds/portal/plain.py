"""What is known of a client's machines, told in words that need no explaining; what is not measured is never well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rounds.agents.models import State
from rounds.findings.models import Finding, Severity

# A rule of findings as a client is told it: of all machines that have it, and of one machine by itself.
# {days} is how long it has been so.
SAYINGS = {
    "disk-full": ("A disk is almost full on {where}", "a disk is almost full"),
    "inodes-full": ("A disk is almost full on {where}", "a disk is almost full"),
    "disk-filling": ("A disk will be full before long on {where}", "a disk will be full before long"),
    "memory-short": ("{where} {has} too little memory for the work", "too little memory for the work"),
    "load-high": ("{where} {has} more to do than {it} can manage", "more to do than it can manage"),
    "updates-late": ("Updates are {days} late on {where}", "updates {days} late"),
    "security-late": ("Security updates are {days} late on {where}", "security updates {days} late"),
    "reboot-needed": ("{where} must be restarted", "must be restarted"),
    "silent": ("We have not heard from {where} for {days}", "not heard from for {days}"),
    "not-running": ("A service that must run has stopped on {where}", "a service that must run has stopped"),
    "service-failed": ("A service has failed on {where}", "a service has failed"),
    "antivirus-off": ("No anti-virus program guards {where}", "no anti-virus program guards it"),
    "signatures-old": ("The anti-virus is out of date on {where}", "its anti-virus is out of date"),
    "disk-failing": ("A disk says that it fails on {where}", "a disk says that it fails"),
    "disk-errors": ("A disk has errors on {where}", "a disk has errors"),
    "disk-worn": ("A disk is worn on {where}", "a disk is worn"),
    "certificate-near": ("A certificate ends before long on {where}", "a certificate ends before long"),
    "backup-error": ("The backup of {where} fails", "its backup fails"),
    "backup-old": ("The backup of {where} is old", "its backup is old"),
    "mail-missing": ("A report that we expect of {where} has not come", "a report that we expect has not come"),
    "alert-mail": ("A program has reported trouble on {where}", "a program has reported trouble"),
    "backup-failed": ("A test of the backup of {where} has failed", "a test of its backup has failed"),
    "duty-failed": ("A check that we do regularly did not work on {where}", "a regular check did not work"),
}
OTHER = ("Something needs a look on {where}", "something needs a look")
STALE_AFTER = timedelta(days=3)
NAMED = 2  # machines; more are counted


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence about what is wrong; `is_trouble`: now, rather than in the next days."""

    words: str
    is_trouble: bool


def sayings(findings: Iterable[Finding], now: datetime) -> list[Saying]:
    """One sentence for each thing that is wrong, however many machines have it; what matters most first."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    told = [Saying(_sentence(rule, rows, now), _is_trouble(rows)) for rule, rows in by_rule.items()]
    return sorted(told, key=lambda one: (not one.is_trouble, one.words))


def _is_trouble(rows: Iterable[Finding]) -> bool:
    return any(row.severity == Severity.TROUBLE for row in rows)


def _sentence(rule: str, rows: Sequence[Finding], now: datetime) -> str:
    names = sorted({str(row.machine) for row in rows if row.machine})
    has, it = ("have", "they") if len(names) > 1 else ("has", "it")
    words = SAYINGS.get(rule, OTHER)[0].format(where=where(names), days=_days(rule, rows, now), has=has, it=it)
    words = " ".join(words.split())
    return f"{words[0].upper()}{words[1:]}"


def of_itself(findings: Iterable[Finding], now: datetime) -> str:
    """What is wrong with one machine, in a few words."""
    first: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda row: (row.severity != Severity.TROUBLE, row.opened_at)):
        first.setdefault(finding.rule, finding)
    told = [SAYINGS.get(rule, OTHER)[1].format(days=_days(rule, [row], now)) for rule, row in first.items()]
    return "; ".join(" ".join(words.split()) for words in told)


def where(names: Sequence[str]) -> str:
    """Name up to two machines, else count them."""
    if not names:
        return "your network"
    return " and ".join(names) if len(names) <= NAMED else f"{len(names)} computers"


def _days(rule: str, rows: Sequence[Finding], now: datetime) -> str:
    """How long it has been so, in days; since shorter, nothing that is worth saying, but for silence."""
    days = (now - min(row.opened_at for row in rows)).days
    if days < 1:
        return "some hours" if rule == "silent" else ""
    return "1 day" if days == 1 else f"{days} days"


@dataclass(frozen=True, slots=True)
class Health:
    """One machine in plain words: its state, and what is measured on it or is not."""

    name: str
    state: str  # trouble, soon, well, unmeasured
    words: str
    facts: tuple[str, ...]


def health_of(name: str, state: State | None, findings: Sequence[Finding], now: datetime) -> Health:
    """Say how a machine is. Without a finding it is well only if it is measured."""
    facts = () if state is None else measured(state, now)
    if findings:
        return Health(name, "trouble" if _is_trouble(findings) else "soon", of_itself(findings, now), facts)
    if state is None:
        return Health(name, "unmeasured", "not measured: we look after it by hand", ())
    if now - state.seen_at > STALE_AFTER:
        return Health(name, "unmeasured", f"not measured: last heard from {_ago(now - state.seen_at)}", ())
    return Health(name, "well", "well", facts)


def measured(state: State, now: datetime) -> tuple[str, ...]:
    """The few facts that matter to a client; each says so where it is not measured."""
    pending, disk = state.updates_pending, state.fullest_disk_percent
    updates = {None: "updates: not measured", 0: "all updates installed", 1: "1 update waiting"}
    return (
        f"heard from {_ago(now - state.seen_at)}",
        updates.get(pending, f"{pending} updates waiting"),
        "disks: not measured" if disk is None else f"fullest disk {disk:.0f} % full",
        *(["restart needed"] if state.needs_reboot else []),
    )


def _ago(age: timedelta) -> str:
    if age < timedelta(minutes=2):
        return "just now"
    if age < timedelta(hours=2):
        return f"{age.seconds // 60} minutes ago"
    return f"{age.total_seconds() // 3600:.0f} hours ago" if age < timedelta(days=2) else f"{age.days} days ago"
