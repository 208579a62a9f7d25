"""Applies rules to mails: to the text of each, or to the rows of the table that it brings, each by itself.

A rule with columns knows a table by the words at their head, wherever it stands: in a file, or in the HTML of the mail
if no file has it. A row is read as a mail is: by the rule's words for results, its patterns (a row has the lines
`head: cell`), then the usual words in the cell of the result, and the severity. A row that tells no result says why.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rounds.core.alerts import classify
from rounds.core.mail_rules import (
    OUTCOMES,
    Mail,
    Row,
    Rule,
    Understood,
    apply_to_text,
    head,
    knows,
    read_time,
    told_by_text,
)
from rounds.core.mail_tables import MOST_ROWS, Cells, Grid, read_tables
from rounds.core.patterns import Text, find, fold

HEAD_WITHIN = 25  # rows: reports have titles and dates above the head of their table
ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M")
WORST = ("failure", "soon", "success", "notice")
CELLS = {
    "good": "success", "protected": "success", "up to date": "success", "up-to-date": "success",
    **dict.fromkeys(("no threats", "no threats found", "no malware found", "no errors", "no warnings"), "success"),
    "not ok": "failure", "not protected": "failure", "unprotected": "failure", "expired": "failure",
    "not up to date": "soon", "out of date": "soon", "outdated": "soon",
}  # fmt: skip
SEVERITIES = {
    **dict.fromkeys(("critical", "fatal", "emergency", "severe", "urgent", "alert", "error", "high"), "failure"),
    **dict.fromkeys(("warning", "warn", "medium", "moderate", "major"), "soon"),
    **dict.fromkeys(("low", "minor", "info", "information", "informational", "notice", "none"), "notice"),
}
_SOON = re.compile(r"(?<!no )(?<!0 )(?<!without )\b(?:warnings?|partial(?:ly)?)\b", re.IGNORECASE)
_FOOTER = re.compile(
    r"\W*(?:(?:sub|grand )?totals?|sum|end of|page|\(?[0-9]+ (?:rows?|records?|items?|entries))\b.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that a rule knows: its rows below the head, and at which place each role stands."""

    grid: Grid
    head: Cells
    begins: int  # the place of the first row below the head
    places: Mapping[str, int]


def understand(rules: Iterable[Rule], mail: Mail) -> Understood | None:
    """What the first rule that fits understands; None: no rule fits."""
    return next(filter(None, (apply(rule, mail) for rule in rules)), None)


def apply(rule: Rule, mail: Mail) -> Understood | None:
    """What one rule understands of a mail; None, if it does not know it or cannot tell what it reports."""
    if not rule.columns:
        return apply_to_text(rule, mail)
    known = knows(rule, mail)
    if known is None:
        return None
    rows = tuple(row for table in _tables(rule, mail) for row in _rows(rule, mail, table, known[0]))
    told = [row.understood for row in rows if row.understood.result]
    if not rows:
        return None
    worst = min(told, key=_rank, default=None)
    return Understood(
        rule.origin, worst.result if worst else "", worst.severity if worst else "",
        f"{len(told)} of {len(rows)} rows of its table tell a result", product=rule.product, at=mail.sent_at, rows=rows,
    )  # fmt: skip


def _rank(one: Understood) -> int:
    return WORST.index("soon" if one.severity == "soon" else one.result)


def _tables(rule: Rule, mail: Mail) -> list[_Table]:
    """The tables that the rule knows: those of files, else those in HTML; the same one twice counts once."""
    known = [table for grid in read_tables(mail.sheets) if (table := _known(rule, grid)) is not None]
    files = [table for table in known if not table.grid.is_html]
    once: dict[tuple[Cells, ...], _Table] = {}
    for table in files or known:
        once.setdefault(table.grid.rows, table)
    return list(once.values())


def _known(rule: Rule, grid: Grid) -> _Table | None:
    for place, row in enumerate(grid.rows[:HEAD_WITHIN]):
        heads = [head(cell) for cell in row]
        places = {
            role: next(heads.index(name) for name in names if name in heads)
            for role, names in rule.columns.items()
            if any(name in heads for name in names)
        }
        needed = {"machine", "result" if "result" in rule.columns else "severity"} & set(rule.columns)
        if needed <= set(places):
            return _Table(grid, row, place + 1, places)
    return None


def _rows(rule: Rule, mail: Mail, table: _Table, filled: Mapping[str, str]) -> Iterator[Row]:
    grid = table.grid
    for place, cells in enumerate(grid.rows[table.begins :], table.begins):
        row = _row(table, cells)
        if cells == table.head or any(find(one, row) is not None for one in rule.patterns["ignore"]):
            continue
        said = {**_fixed(rule), **filled, **_said(table, cells)}
        outcome, why = _outcome(rule, said, Mail(mail.sender, Text.of(""), row))
        if len(cells) > len(table.head) and any(cells[len(table.head) :]):
            outcome, why = "", f"it has {len(cells)} cells, but the head has {len(table.head)}"
        elif not said.get("machine"):
            outcome, why = "", f"nothing stands under “{table.head[table.places['machine']]}”"
        if not outcome and _FOOTER.fullmatch(next(filter(None, cells))):
            continue
        understood = _understood(rule, said, outcome, mail, why)
        text = " · ".join(cell for cell in cells if cell)
        yield Row(grid.first + place, text[:1000], understood, "" if outcome else why)
    if grid.is_cut:
        why = f"the table goes on here; of a mail at most {MOST_ROWS} rows and a megabyte are read"
        rest = Understood(rule.origin, "", "", why, product=rule.product, at=mail.sent_at)
        yield Row(grid.first + len(grid.rows), "what follows", rest, why)


def _row(table: _Table, cells: Cells) -> Text:
    """The lines of a row, as patterns look for them."""
    heads = (*table.head, *[""] * (len(cells) - len(table.head)))
    return Text.of("\n".join(f"{name}: {cell}" for name, cell in zip(heads, cells, strict=False) if cell))


def _said(table: _Table, cells: Cells) -> dict[str, str]:
    """What the row says under each head; the machine is always the row's own."""
    said = {role: cells[place] for role, place in table.places.items() if place < len(cells)}
    return {role: cell for role, cell in said.items() if cell or role == "machine"}


def _fixed(rule: Rule) -> dict[str, str]:
    return {name: value for name, value in rule.fixed.items() if name in {"client", "job"}}


def _understood(rule: Rule, said: Mapping[str, str], outcome: str, mail: Mail, why: str) -> Understood:
    result, severity = OUTCOMES[outcome] if outcome else ("", "")
    zone = mail.sent_at.tzinfo if mail.sent_at else None
    return Understood(
        rule.origin, result, severity, why[:300], product=(said.get("product", "") or rule.product)[:120],
        client=said.get("client", "")[:120], machine=said.get("machine", "")[:80], job=said.get("job", "")[:120],
        at=read_time(said.get("time", ""), (*rule.times, *ISO), zone) or mail.sent_at,
    )  # fmt: skip


def _outcome(rule: Rule, said: Mapping[str, str], row: Mail) -> tuple[str, str]:
    """The outcome of a row, and why; without one, why not. A severity says how soon, and without a result all."""
    word, severity = said.get("result", ""), said.get("severity", "")
    graded = rule.results.get(fold(severity), SEVERITIES.get(fold(severity), ""))
    outcome, why = _told(rule, word, row)
    if outcome in {"failure", "soon"} and graded:
        return "failure" if graded == "failure" else "soon", f"{why}; its severity is “{severity}”"
    if outcome:
        return outcome, why
    if graded and not word:
        return graded, f"its severity is “{severity}”"
    if fixed := rule.fixed.get("result"):
        return fixed, "every row of this table reports this"
    return "", f"“{word or severity}” tells no result that is known" if word or severity else "it says no result"


def _told(rule: Rule, word: str, row: Mail) -> tuple[str, str]:
    """What the rule's words, its patterns, or else the usual words in the cell of the result tell."""
    if word and (outcome := rule.results.get(fold(word))):
        return outcome, f"“{word}” stands where the result does"
    outcome, why = told_by_text(rule, row)
    if outcome or not word:
        return outcome, why.replace("in the text", "in the row")
    return usual(word), f"“{word}” stands where the result does"


def usual(word: str) -> str:
    """What a cell by itself reports by the usual words; nothing, if none of them tells, or if it is denied."""
    small = head(word)
    if small in CELLS:
        return CELLS[small]
    verdict = classify(word, "").result
    if verdict == "failure":
        return "failure"
    if _SOON.search(small):
        return "soon"
    return "success" if verdict == "success" and not small.startswith("not ") else ""
