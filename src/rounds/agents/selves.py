"""Tells which machines are one and the same, because a reinstalled one was merged with what it was before."""

from rounds.agents.models import Merge
from rounds.rows.asking import Question

MERGED = Question(
    lambda machine: Merge.objects.standing().filter(machine=machine).order_by("pk").values_list("newcomer")
)


def selves(machine_id: int) -> list[int]:
    """A machine and all that were merged into it, itself first: what is known of any of them is known of it."""
    found = [machine_id]
    for one in found:
        found += [key for (key,) in MERGED.about(one) if key not in found]
    return found
