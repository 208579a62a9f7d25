"""Finds the heads of the tables in a mail, and proposes what each column tells: for the form of a rule."""

import re
from collections.abc import Iterable, Mapping

from rounds.core.mail_rules import head
from rounds.core.mail_tables import Grid, read_tables
from rounds.mail.reading import Mail

LONGEST_HEAD, MOST_HEADS = 60, 60
# The words at the heads of such columns in reports of anti-virus and backup products, the surest first.
WORDS: Mapping[str, tuple[str, ...]] = {
    "machine": (
        "computer",
        "machine",
        "hostname",
        "host",
        "endpoint",
        "device",
        "workstation",
        "server",
        "client name",
    ),
    "result": ("result", "status", "state", "outcome", "action", "action taken"),
    "severity": ("severity", "priority", "level", "criticality"),
    "time": ("time", "date", "when", "detected", "last backup", "last seen", "start", "end"),
    "product": ("product", "application", "software"),
    "job": ("job", "task", "threat", "malware", "virus", "policy", "plan", "event"),
    "client": ("customer", "client", "tenant", "company", "organization", "organisation", "account"),
}


def heads_of(told: Mail) -> list[str]:
    """What stands at the heads of all tables of a mail."""
    found = dict.fromkeys(cell for grid in read_tables(told.sheets) for cell in _head(grid))
    return [cell for cell in found if len(cell) <= LONGEST_HEAD][:MOST_HEADS]


def _head(grid: Grid) -> Iterable[str]:
    """The first row that is as wide as most are: above it stand titles and dates."""
    widths = [sum(map(bool, row)) for row in grid.rows]
    usual = max(widths, key=lambda one: (widths.count(one), one), default=0)
    if usual < 2 or len(widths) < 2:
        return ()
    return filter(None, next(row for row, width in zip(grid.rows, widths, strict=True) if width >= usual))


def propose_columns(told: Mail) -> dict[str, str]:
    """Which column tells what, by the words at its head; nothing, where no table names machines and how they are."""
    for grid in read_tables(told.sheets):
        found: dict[str, str] = {}
        for role, words in WORDS.items():
            free = [cell for cell in _head(grid) if cell not in found.values() and len(cell) <= LONGEST_HEAD]
            if cell := _best(words, free):
                found[role] = cell
        if "machine" in found and {"result", "severity"} & set(found):
            return found
    return {}


def _best(words: Iterable[str], cells: list[str]) -> str:
    for word in words:
        sought = re.compile(rf"\b{word}\b")
        if found := next((cell for cell in cells if sought.search(head(cell))), ""):
            return found
    return ""
