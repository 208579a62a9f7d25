"""What rules look at of a check-in that tells figures alone, as nearly all do: few values, so that few are read."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rounds.core.latest import Figures, Sight

MEMORY, LOAD = "memory.used_percent", "load.5"  # of all samples, those that rules look at
USED, INODES, FREE = "used_percent", "inodes_percent", "free_bytes"  # of all figures of a disk

type OfDisk = tuple[float | None, float | None, float | None]  # USED, INODES, FREE


class Glance(NamedTuple):
    """The figures that rules look at; None is not told."""

    taken_at: datetime
    memory: float | None
    load: float | None
    disks: Mapping[str, OfDisk]


type LookedAt = tuple[float | None, float | None, Mapping[str, OfDisk]]  # MEMORY, LOAD, and by disk


def looked_at(samples: Figures, disks: Mapping[str, Figures]) -> LookedAt:
    """What of a check-in's figures rules look at."""
    of_disks = {name: (told.get(USED), told.get(INODES), told.get(FREE)) for name, told in disks.items()}
    return samples.get(MEMORY), samples.get(LOAD), of_disks


def glance_of(sight: Sight) -> Glance:
    """The same, of a check-in as it was read."""
    return Glance(sight.taken_at, *looked_at(sight.samples, sight.disks))


def sight_of(glance: Glance) -> Sight:
    """The check-in, as far as rules look at it."""
    samples = {name: told for name, told in ((MEMORY, glance.memory), (LOAD, glance.load)) if told is not None}
    disks = {
        disk: {name: told for name, told in zip((USED, INODES, FREE), figures, strict=True) if told is not None}
        for disk, figures in glance.disks.items()
    }
    return Sight(glance.taken_at, samples, disks)
