"""Tells which machines are one and the same, because a reinstalled one was merged with what it was before."""

from rounds.agents.models import Merge


def selves(machine_id: int) -> list[int]:
    """A machine and all that were merged into it, itself first: what is known of any of them is known of it."""
    found = [machine_id]
    for one in found:
        merged = Merge.objects.standing().filter(machine=one).values_list("newcomer", flat=True)
        found += [key for key in merged if key not in found]
    return found
