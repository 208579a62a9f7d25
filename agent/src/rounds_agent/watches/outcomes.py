"""What a watch gives: it answers, it does not, or it could not be asked; three different things."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LONGEST = 300  # characters of a reason


class Fails(Exception):
    """It was asked and does not answer as it should; the text says how."""


class CannotAsk(Exception):
    """It could not be asked from here: that says nothing about it."""


@dataclass
class Outcome:
    """Figures by name (`milliseconds`, `supply.percent@Black`), what is wrong by name, and what it says of itself.

    `fails` says in which way the answer is not what was expected, "" if it is.
    """

    figures: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    fails: str = ""

    def told(self) -> dict[str, Any]:
        """As a check-in tells it."""
        return {"ok": not self.fails, "why": self.fails[:LONGEST], "figures": self.figures, "facts": self.facts}


def told_of(problem: Exception) -> dict[str, Any]:
    """An outcome that is none: a failure of the other side, or of ours."""
    is_theirs = isinstance(problem, Fails | OSError) and not isinstance(problem, FileNotFoundError | PermissionError)
    why = str(problem) or type(problem).__name__
    if isinstance(problem, TimeoutError) and not problem.args[0:1]:
        why = "no answer in time"
    return {"ok": False if is_theirs else None, "why": why[:LONGEST], "figures": {}, "facts": {}}
