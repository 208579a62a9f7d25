"""Tells Python to look for rings of objects less often, in processes that make many rows and let them go again.

Rows go as soon as nobody holds them; what is looked for is only what holds itself. With Python's own settings a month's
end spends a sixth of its time on it.
"""

import gc

NEW_OBJECTS = 50_000  # made and not gone since the last look: some tens of megabytes at the most


def collect_seldom() -> None:
    """Look seldom from now on, and never at what has been loaded so far."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
