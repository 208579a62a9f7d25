"""Measures what a run leaves behind in memory."""

import gc
import tracemalloc
from collections.abc import Callable


def left_behind(run: Callable[[], object]) -> int:
    """The bytes that are there after a run and were not before; what it needs once must be there already."""
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        run()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
