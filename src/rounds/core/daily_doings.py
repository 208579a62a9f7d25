"""What a daily report says beside measurements: findings, changes, what was done in; sections out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rounds.core.daily import PLAIN, Row, Section, section
from rounds.core.daily_machines import Look, Told, mail_row

MOST_LINES = 4  # of what changed on a machine at once
# By its name, a program that mails is counted to what it is about: a shop names a source "Backup of SRV01".
_BACKUPS = re.compile(
    r"back.?up|veeam|restic|borg|acronis|snapshot|duplic|arcserve|synology hyper|cobian", re.IGNORECASE
)
_ANTIVIRUS = re.compile(
    r"anti.?virus|virus|malware|defender|endpoint|sophos|eset|trend micro|bitdefender|kaspersky|clam|norton|mcafee",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: where, what, how bad, since when; and when it closed, if it did."""

    where: str
    title: str
    severity: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed on a machine at a moment, as `core.changes` says it."""

    machine: str
    at: datetime
    noun: str
    lines: Sequence[str]


def about(name: str) -> str:
    """What a program that mails is about, by its name: "backups", "antivirus" or "mail"."""
    if _BACKUPS.search(name):
        return "backups"
    return "antivirus" if _ANTIVIRUS.search(name) else "mail"


def mails(told: Sequence[Told], look: Look) -> Section:
    """What programs that are neither backup nor anti-virus have mailed."""
    return section("mail", "Alert mail", [mail_row(one, look) for one in told])


def findings(still_open: Sequence[Found], closed: Sequence[Found], look: Look) -> Section:
    """What is wrong, each as bad as it is; and what is over since the last report."""
    rows = []
    for one in still_open:
        new = "new: " if one.opened_at > look.since else ""
        rows.append(Row(one.severity, one.where, f"{new}{one.title}, since {look.moment(one.opened_at)}"))
    over = [Row(PLAIN, one.where, f"over: {one.title}") for one in closed]
    return section("findings", "Open findings", [*rows, *over], "" if rows else "nothing is wrong that is measured")


def changes(changed: Iterable[Changed], events: Sequence[tuple[str, int, str]], look: Look) -> Section:
    """What changed on machines since the last report, and what their logs say (machine, how many, the last one)."""
    rows = []
    for one in sorted(changed, key=lambda one: (one.machine, one.at)):
        told = list(one.lines[:MOST_LINES])
        told += [f"and {len(one.lines) - MOST_LINES} more"] if len(one.lines) > MOST_LINES else []
        rows.append(Row(PLAIN, one.machine, f"{look.moment(one.at)} {one.noun}: {'; '.join(told)}"))
    for machine, count, last in events:
        said = "1 important event in its log" if count == 1 else f"{count} important events in its log, the last"
        rows.append(Row(PLAIN, machine, f"{said}: {last[:160]}"))
    return section("changes", "Changes since the last report", rows, "" if rows else "none")


def done(rows: Sequence[tuple[str, str]]) -> Section:
    """What was done since the last report: (what, in words)."""
    return section("done", "What was done", [Row(PLAIN, *row) for row in rows], "" if rows else "nothing was recorded")


def left(rows: Sequence[Row], plan: str) -> Section:
    """What the client has left of what he paid for."""
    return section("left", "Hours left", rows, plan)
