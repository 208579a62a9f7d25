"""Reads alert mail by rules: a mail made ready and rules in order go in; what the first one that fits understands, out.

A rule is plain data, from a file or a form: by which sender, subject and lines it knows its mail (`patterns` says how a
pattern is written), and what in it tells client, machine, job, time and result. A failure outweighs a success. A rule
that knows a mail but finds nothing that tells its result leaves it to the next one, and in the end to a person.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from rounds.core.alerts import topic
from rounds.core.mail_tables import Sheet
from rounds.core.money import Refused
from rounds.core.patterns import Pattern, Text, find, find_all, fold, parse

SUCCESS, FAILURE, NOTICE = "success", "failure", "notice"
# What a rule may say of a mail, and what that means: the result, and for a failure how soon somebody should look.
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "failure": (FAILURE, "trouble"),
    "soon": (FAILURE, "soon"),
    "success": (SUCCESS, ""),
    "notice": (NOTICE, ""),
}
LISTS = ("from", "subject", "text", "not", "ignore", "take", "counts", "times", *OUTCOMES)
# What the columns of a table may tell; a rule names each by the words at its head, the older and newer ones of them.
ROLES = ("machine", "client", "product", "job", "result", "severity", "time")
FIXED = ("result", "client", "machine", "job")
WORDS = ("name", "product", *FIXED)
MOST_PATTERNS = 40
_COUNT = re.compile(r"0[xX][0-9a-fA-F]+|-?[0-9]+")
BACK, AHEAD = timedelta(days=31), timedelta(days=1)  # how far from its arrival a mail's own time is believed


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail made ready: who sent it, its subject and text, and when by its own date (in its own time zone)."""

    sender: str
    subject: Text
    text: Text
    sent_at: datetime | None = None
    sheets: tuple[Sheet, ...] = ()  # its files and parts in which there may be tables


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule says; `origin` tells it from others: "veeam: job", or "rule 7" of the shop's own."""

    origin: str
    product: str
    senders: tuple[str, ...]
    patterns: Mapping[str, tuple[Pattern, ...]]
    results: Mapping[str, str] = field(default_factory=dict)  # a word in the hole {result}: an outcome
    times: tuple[str, ...] = ()  # how a time is written, as strptime reads it
    fixed: Mapping[str, str] = field(default_factory=dict)  # result, client, machine, job said by the rule
    columns: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # of a table, whose rows it reads each by itself


@dataclass(frozen=True, slots=True)
class Understood:
    """What a rule understands of a mail; names are as the mail says them."""

    origin: str
    result: str
    severity: str
    why: str
    product: str = ""
    client: str = ""
    machine: str = ""
    job: str = ""
    at: datetime | None = None
    rows: tuple["Row", ...] = ()  # of a table: then each of them is understood by itself

    @property
    def about(self) -> str:
        """What a later mail must be about to close what this one opens."""
        return about(self.product, self.machine, self.job)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, by its number in the mail: what stands in it, and what is understood; without a result: why."""

    number: int
    text: str
    understood: Understood
    why: str = ""


def about(product: str, machine: str, job: str) -> str:
    """The key of what a mail is about: in small letters; a machine is the same with its domain and without."""
    host = machine if machine.replace(".", "").isdecimal() else machine.partition(".")[0]
    return " · ".join(" ".join(fold(part).split()) for part in (product, host, job) if part.strip())[:150]


def make(spec: Mapping[str, Any], origin: str) -> Rule:
    """Read a rule. Refused: what is no rule, with the reason."""
    for name in spec:
        if name not in (*LISTS, *WORDS, "results", "columns"):
            raise Refused(f"a rule has no “{name}”")
    lists = {name: [str(one) for one in spec.get(name, []) if str(one).strip()] for name in LISTS}
    if any(len(one) > MOST_PATTERNS for one in lists.values()):
        raise Refused(f"a rule has at most {MOST_PATTERNS} patterns of a kind")
    results = {fold(str(word)): str(outcome) for word, outcome in spec.get("results", {}).items()}
    for outcome in (*results.values(), *filter(None, [spec.get("result")])):
        if outcome not in OUTCOMES:
            raise Refused(f"“{outcome}” is no result; there are {', '.join(OUTCOMES)}")
    patterns = {name: tuple(map(parse, lists[name])) for name in LISTS if name not in {"from", "times"}}
    rule = Rule(
        origin, str(spec.get("product", ""))[:120], tuple(fold(one.strip()) for one in lists["from"]), patterns,
        results=results, times=tuple(lists["times"]),
        fixed={name: str(spec[name])[:120] for name in FIXED if spec.get(name)},
        columns=_columns(spec.get("columns", {})),
    )  # fmt: skip
    _check(rule)
    return rule


def _columns(told: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    for role in told:
        if role not in ROLES:
            raise Refused(f"a column tells no “{role}”; there are {', '.join(ROLES)}")
    if told and not told.get("machine"):
        raise Refused("say which column of the table names the machine")
    columns = {role: tuple(head(str(name)) for name in names if str(name).strip()) for role, names in told.items()}
    return {role: names[:MOST_PATTERNS] for role, names in columns.items() if names}


def head(cell: str) -> str:
    """The head of a column as it is compared: in small letters, with single blanks."""
    return " ".join(fold(cell).split())


def _check(rule: Rule) -> None:
    is_known = rule.patterns["subject"] or rule.patterns["text"] or rule.columns
    if not is_known and rule.fixed.get("result"):
        raise Refused("a rule needs a pattern for the subject, or for a line in the text: else it knows every mail")
    told = rule.fixed.get("result") or rule.results or {"result", "severity"} & set(rule.columns)
    if not (told or any(rule.patterns[one] for one in ("counts", *OUTCOMES))):
        raise Refused("a rule must say what its mails report")
    if rule.columns and rule.fixed.get("machine"):
        raise Refused("a rule for a table takes the machine from each row: leave “machine” out")
    if any(all(hole.name != "count" for hole in pattern.holes) for pattern in rule.patterns["counts"]):
        raise Refused("a pattern that counts needs the hole {count}")
    for way in rule.times:
        _check_way(way)


def _check_way(way: str) -> None:
    trial = datetime(2026, 11, 27, 7)  # noqa: DTZ001 - what is written has no zone
    try:
        told, other = trial.strftime(way), trial.replace(year=2025).strftime(way)
        if told != other:
            datetime.strptime(told, way)  # noqa: DTZ007 - a trial
    except (ValueError, OverflowError, re.error):  # strptime makes a regular expression of a way
        raise Refused(f"“{way}” is no way to write a time") from None
    if told == other:
        raise Refused(f"“{way}” is no way to write a time: the year must stand in it")


def apply_to_text(rule: Rule, mail: Mail) -> Understood | None:
    """What one rule understands of a mail's text; None, if it does not know it or cannot tell what it reports."""
    known = knows(rule, mail)
    if known is None:
        return None
    filled, by = known
    for pattern in rule.patterns["take"]:
        filled = {**(find(pattern, mail.subject) or {}), **(find(pattern, mail.text) or {}), **filled}
    outcome, why = _outcome(rule, filled, mail)
    if not outcome:
        return None
    result, severity = OUTCOMES[outcome]
    said = {**filled, **{name: value for name, value in rule.fixed.items() if name != "result"}}
    zone = mail.sent_at.tzinfo if mail.sent_at else None
    machine, job = said.get("machine", "")[:80], said.get("job", "")[:120]
    if not machine and not job:  # then only its subject tells one of a source's jobs from the others
        words = [pattern.text for outcome in OUTCOMES for pattern in rule.patterns[outcome] if not pattern.holes]
        job = topic(" ".join(mail.subject.lines), words)[:120]
    return Understood(
        rule.origin, result, severity, (f"known by {by}; {why}" if by else why)[:300],
        product=rule.product or said.get("product", ""), client=said.get("client", ""), machine=machine, job=job,
        at=read_time(said.get("time", ""), rule.times, zone) or mail.sent_at,
    )  # fmt: skip


def knows(rule: Rule, mail: Mail) -> tuple[dict[str, str], str] | None:
    """What the holes of a rule's subject and lines are filled with, and what it knows the mail by; None: it does not.

    Of several subjects one must be found; of several lines each.
    """
    sender = fold(mail.sender)
    if rule.senders and not any(one in sender for one in rule.senders):
        return None
    filled: dict[str, str] = {}
    by = []
    if subjects := rule.patterns["subject"]:
        hits = ((pattern, hit) for pattern in subjects if (hit := find(pattern, mail.subject)) is not None)
        found = next(hits, None)
        if found is None:
            return None
        filled |= found[1]
        by.append(f"“{found[0]}” in the subject")
    for pattern in rule.patterns["text"]:
        if (line := find(pattern, mail.text)) is None:
            return None
        filled = {**line, **filled}
        by.append(f"“{pattern}” in the text")
    if any(find(pattern, text) is not None for pattern in rule.patterns["not"] for text in (mail.subject, mail.text)):
        return None
    return filled, " and ".join(by)


def _outcome(rule: Rule, filled: Mapping[str, str], mail: Mail) -> tuple[str, str]:
    """The outcome, and why: by the word in {result}, the counts, the lines that tell, or what the rule says of all."""
    if rule.results and (word := filled.get("result", "")):
        outcome = rule.results.get(fold(word), "")
        return (outcome, f"“{word}” stands where the result does") if outcome else ("", "")
    outcome, why = told_by_text(rule, mail)
    if outcome:
        return outcome, why
    if said := rule.fixed.get("result"):
        return said, "every mail of this kind reports this"
    return "", ""


def told_by_text(rule: Rule, mail: Mail) -> tuple[str, str]:
    """The outcome that the counts or lines in subject and text tell, and why."""
    if (counted := _counted(rule.patterns["counts"], mail.text)) is not None:
        return counted
    for outcome in OUTCOMES:
        for pattern in rule.patterns[outcome]:
            for name, text in (("subject", mail.subject), ("text", mail.text)):
                if find(pattern, text) is not None:
                    return outcome, f"“{pattern}” in the {name} tells the result"
    return "", ""


def _counted(patterns: Sequence[Pattern], text: Text) -> tuple[str, str] | None:
    """A failure if one of the counts is not nought, a success if all are; None: no count is there."""
    counts = [
        (pattern, found[0])
        for pattern in patterns
        for filled in find_all(pattern, text)
        if (found := _COUNT.match(filled["count"]))
    ]
    for pattern, number in counts:
        if number.strip("-0xX"):
            return "failure", f"{number[:18]} at “{pattern}”"
    return ("success", f"0 at “{counts[0][0]}”") if counts else None


def read_time(text: str, formats: Sequence[str], zone: tzinfo | None) -> datetime | None:
    """Read a time by one of the ways to write it, in the zone that stands in it or else the mail's; None: none fits."""
    if not text or len(text) > 80:
        return None
    for way in formats:
        try:
            read = datetime.strptime(text, way)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        if read.tzinfo is not None:
            return read
        return read.replace(tzinfo=zone) if zone is not None else None
    return None


def believed(at: datetime | None, *, arrived_at: datetime) -> datetime | None:
    """A mail's own time, unless its sender's clock is plainly wrong."""
    if at is None:
        return None
    try:
        return at if arrived_at - BACK <= at <= arrived_at + AHEAD else None
    except OverflowError:  # a time at the calendar's edge, in a zone that leads beyond it
        return None
