"""What a probe gives: a value, absent, or an error; three different things."""

from __future__ import annotations

from rounds_agent.probes.reading import Absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# What reading the state of a machine can fail with: gone files, strange contents. The other probes go on.
FAILURES = (ArithmeticError, LookupError, OSError, TypeError, ValueError)


def outcome(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Measure: `{"value": …}`, `{"absent": true}` or `{"error": "why"}`."""
    try:
        return {"value": measure()}
    except Absent:
        return {"absent": True}
    except FAILURES as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}
