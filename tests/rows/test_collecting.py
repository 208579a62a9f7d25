"""A process that collects seldom still lets go of what holds itself."""

import gc
import subprocess
import sys

RINGS = """
import gc, weakref
from rounds.rows.collecting import collect_seldom
class Ring:
    pass
collect_seldom()
ring = Ring()
ring.itself = ring
seen = weakref.ref(ring)
del ring
kept = [[] for _ in range(200_000)]
print(gc.isenabled(), seen() is None)
"""


def test_rings_still_go() -> None:
    before = gc.get_threshold()

    done = subprocess.run([sys.executable, "-c", RINGS], check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["True", "True"]
    assert gc.get_threshold() == before
