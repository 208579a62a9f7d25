"""What rules look at of a check-in that tells figures alone, as nearly all do: few values, so that few are read."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rounds.core.latest import Sight

MEMORY, LOAD = "memory.used_percent", "load.5"  # of all samples, those that rules look at
USED, INODES, FREE = "used_percent", "inodes_percent", "free_bytes"  # of all figures of a disk

type OfDisk = tuple[float | None, float | None, float | None]  # USED, INODES, FREE


class Glance(NamedTuple):
    """The figures that rules look at; None is not told."""

    taken_at: datetime
    memory: float | None
    load: float | None
    disks: Mapping[str, OfDisk]


def glance_of(sight: Sight) -> Glance:
    """What of a check-in's figures rules look at."""
    disks = {name: (told.get(USED), told.get(INODES), told.get(FREE)) for name, told in sight.disks.items()}
    return Glance(sight.taken_at, sight.samples.get(MEMORY), sight.samples.get(LOAD), disks)


def sight_of(glance: Glance) -> Sight:
    """The check-in, as far as rules look at it."""
    samples = {name: told for name, told in ((MEMORY, glance.memory), (LOAD, glance.load)) if told is not None}
    disks = {
        disk: {name: told for name, told in zip((USED, INODES, FREE), figures, strict=True) if told is not None}
        for disk, figures in glance.disks.items()
    }
    return Sight(glance.taken_at, samples, disks)
