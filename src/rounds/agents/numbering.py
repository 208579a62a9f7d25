"""Keeps which numbers of an agent were sealed away, so that each is taken once even after its row has gone."""

from collections.abc import Iterable

from rounds.agents.models import CheckIn, SealedNumbers
from rounds.core.intervals import add


def note_numbers(sealed: Iterable[tuple[int, int, int]]) -> None:
    """Note (agent, epoch, number) of rows that go in the same transaction."""
    numbers: dict[tuple[int, int], list[int]] = {}
    for agent_id, epoch, number in sealed:
        numbers.setdefault((agent_id, epoch), []).append(number)
    for (agent_id, epoch), new in numbers.items():
        of_it = SealedNumbers.objects.filter(agent=agent_id, epoch=epoch)
        there = {(row.first, row.last): row.pk for row in of_it}
        spans = set(add(there, new))
        of_it.filter(pk__in=[key for span, key in there.items() if span not in spans]).delete()
        SealedNumbers.objects.bulk_create(
            SealedNumbers(agent_id=agent_id, epoch=epoch, first=first, last=last)
            for first, last in spans - there.keys()
        )


def highest_of(agent_id: int) -> tuple[int, int]:
    """The newest epoch of an agent and the highest number that the server has of it, sealed or not."""
    rows = CheckIn.objects.filter(agent=agent_id).order_by("-epoch", "-number").values_list("epoch", "number")[:1]
    sealed = SealedNumbers.objects.filter(agent=agent_id).order_by("-epoch", "-last").values_list("epoch", "last")[:1]
    return max([*rows, *sealed], default=(1, 0))
