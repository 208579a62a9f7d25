"""What a daily report says of things without an agent: what watches last gave in, one row each out.

As for machines, findings are the judge of what was measured; what was not is missing, and never well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rounds.core.daily import MISSING, SOON, WELL, Row, Section, section, worst
from rounds.core.daily_machines import Look, Wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A watch when the report is made: what it last gave, and the findings about it that are open.

    `is_ok` None: it could not be asked. `is_old`: the last answer is too long ago to say how it is.
    """

    name: str
    is_ok: bool | None = None
    is_old: bool = True
    measured_at: datetime | None = None
    shows: str = ""
    wrong: Sequence[Wrong] = ()


def watched(watches: Sequence[Looked], look: Look) -> Section:
    """Everything that is watched from outside."""
    return section("watches", "Watched from outside", [_row(one, look) for one in watches])


def _row(one: Looked, look: Look) -> Row:
    if one.is_old or one.is_ok is None:
        when = f"last seen {look.moment(one.measured_at)}" if one.measured_at else "nothing has come yet"
        return Row(MISSING, one.name, f"missing: {when}")
    if one.wrong:
        titles = [wrong.title.removeprefix(f"{one.name}: ") for wrong in one.wrong]
        return Row(worst(wrong.severity for wrong in one.wrong), one.name, "; ".join(titles))
    if not one.is_ok:
        return Row(SOON, one.name, one.shows or "does not answer as it should")
    return Row(WELL, one.name, one.shows or "answers")
