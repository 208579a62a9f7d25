"""The daily report's form and hour: rows that are well, wrong or missing in; sections, a headline and a due day out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

TROUBLE, SOON, MISSING, WELL, PLAIN = "trouble", "soon", "unmeasured", "well", ""
WORST_FIRST = (TROUBLE, SOON, MISSING, WELL, PLAIN)
BAD = ((TROUBLE, "in trouble"), (SOON, "to look at"), (MISSING, "missing"))
MOST_ROWS = 200  # of a section; the rest is counted
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: how it is (PLAIN: it is only told), of what, and in words. What is missing is never well."""

    state: str
    what: str
    words: str

    def __post_init__(self) -> None:
        if self.state not in WORST_FIRST:
            raise ValueError(f"“{self.state}” is no state of a report")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report: its rows, the worst first, and in a few words what matters most in them."""

    name: str
    title: str
    words: str
    rows: tuple[Row, ...] = ()

    @property
    def state(self) -> str:
        """How its worst row is; PLAIN without one that has a state."""
        return worst(row.state for row in self.rows)

    @property
    def shown(self) -> list[Row]:
        """The rows that are always shown: those that are not well."""
        return [row for row in self.rows if row.state != WELL]

    @property
    def folded(self) -> list[Row]:
        """The rows that are folded: those that are well."""
        return [row for row in self.rows if row.state == WELL]

    def as_json(self) -> dict[str, Any]:
        """Give the section as a value that JSON can hold."""
        rows = [[row.state, row.what, row.words] for row in self.rows]
        return {"name": self.name, "title": self.title, "words": self.words, "rows": rows}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Section":
        """Take it up again from what `as_json` gave."""
        return cls(kept["name"], kept["title"], kept["words"], tuple(Row(*row) for row in kept["rows"]))


def worst(states: Iterable[str]) -> str:
    """The worst of some states; PLAIN if there are none."""
    found = set(states)
    return next((state for state in WORST_FIRST if state in found), PLAIN)


def section(name: str, title: str, rows: Sequence[Row], words: str = "") -> Section:
    """A section of rows in any order; of very many, the last of the best are counted instead of shown."""
    ordered = sorted(rows, key=lambda row: WORST_FIRST.index(row.state))
    if (more := len(ordered) - MOST_ROWS) > 0:
        left_out = worst(row.state for row in ordered[MOST_ROWS:])
        ordered = [*ordered[:MOST_ROWS], Row(left_out, "", f"and {more} more")]
    counted = counts(rows)
    return Section(name, title, "; ".join(filter(None, [counted, words])), tuple(ordered))


def counts(rows: Iterable[Row]) -> str:
    """How many are how: "1 in trouble, 2 to look at, 3 missing, 9 well"; nothing of rows that are only told."""
    found = Counter(row.state for row in rows)
    names = (*BAD, (WELL, "well"))
    return ", ".join(f"{found[state]} {name}" for state, name in names if found[state])


@dataclass(frozen=True, slots=True)
class Verdict:
    """A report in one state and one line, and how many machines or other things are how."""

    state: str
    words: str
    trouble: int
    soon: int
    missing: int


def verdict(sections: Sequence[Section]) -> Verdict:
    """Sum a report up. It is well only if something is watched, all of that is well, and nothing is missing.

    What has rows in several sections counts once, as it is at its worst; a row that names nothing counts by itself.
    """
    by_name: dict[str, set[str]] = {}
    for number, row in enumerate(row for one in sections for row in one.rows):
        by_name.setdefault(row.what or f"\0{number}", set()).add(row.state)
    found = Counter(worst(states) for states in by_name.values())
    state = worst(found)
    if state == PLAIN:
        return Verdict(MISSING, "Nothing is watched", 0, 0, 0)
    if state == WELL:
        return Verdict(WELL, "Everything that is watched is well", 0, 0, 0)
    words = ", ".join(f"{found[name]} {said}" for name, said in BAD if found[name])
    return Verdict(state, words, found[TROUBLE], found[SOON], found[MISSING])


def last_due(now: datetime, clock: time, zone: tzinfo) -> tuple[date, datetime]:
    """The last day on which a clock has shown a time, and that moment.

    A time that the clock skips counts as shown when it would have come (02:30 is then 03:30); one that it shows twice,
    when it is shown first. So each day has one moment, on every day of the year (PEP 495).
    """
    today = now.astimezone(zone).date()
    at = due_at(today, clock, zone)
    return (today, at) if at <= now else (today - DAY, due_at(today - DAY, clock, zone))


def due_at(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment at which a clock shows a time on a day."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def days_between(last: date | None, day: date) -> list[date]:
    """The days after the last report and before this one: those without a report."""
    if last is None:
        return []
    return [last + number * DAY for number in range(1, (day - last).days)]
