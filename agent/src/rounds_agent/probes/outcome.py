"""What a probe gives: a value, absent, or an error; three different things."""

from collections.abc import Callable
from typing import Any

from rounds_agent.probes.reading import Absent

# What reading the state of a machine can fail with: gone files, strange contents. The other probes go on.
FAILURES = (ArithmeticError, LookupError, OSError, TypeError, ValueError)


def outcome(measure: Callable[[], dict[str, object]]) -> dict[str, Any]:
    """Measure: `{"value": …}`, `{"absent": true}` or `{"error": "why"}`."""
    try:
        return {"value": measure()}
    except Absent:
        return {"absent": True}
    except FAILURES as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}
