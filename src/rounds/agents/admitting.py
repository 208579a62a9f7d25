"""Decides on machines that wait to be let in: as a new machine, as one that is known, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rounds.agents.enrolling import take_in
from rounds.agents.models import Agent, Applicant, Verdict
from rounds.clients.models import Machine
from rounds.core.likeness import NAME, likeness
from rounds.core.money import Refused
from rounds.people.models import User


@dataclass(frozen=True, slots=True)
class Alike:
    """A machine that another one may be, and what speaks for it."""

    machine: Machine
    words: tuple[str, ...]

    @property
    def why(self) -> str:
        """The words, in a row."""
        return " and ".join(filter(None, (", ".join(self.words[:-1]), self.words[-1])))


def alike(hints: dict[str, object], machines: Sequence[Machine], site_id: int) -> list[Alike]:
    """Of some machines, those that one with such hints may be, the likeliest first; a name alone counts at one site."""
    by_machine: dict[int, tuple[str, ...]] = {}
    for agent in Agent.objects.filter(machine__in=machines).order_by("enrolled_at"):
        if words := likeness(hints, agent.hints):
            by_machine[agent.machine_id] = words
    told = [Alike(one, by_machine[one.pk]) for one in machines if one.pk in by_machine]
    return sorted(
        (one for one in told if one.words != (NAME,) or one.machine.site_id == site_id), key=lambda one: -len(one.words)
    )


def candidates(applicant: Applicant) -> list[Machine]:
    """What an applicant can be let in as, beside a new machine: the machine of its token, or any of its client."""
    token = applicant.token
    if token.machine is not None:
        return [token.machine]
    rows = Machine.objects.filter(site__client=token.site.client_id, retired_at=None)
    return list(rows.select_related("site").order_by("site__name", "name"))


@transaction.atomic
def admit(applicant: Applicant, machine: Machine | None, *, by: User, at: datetime) -> Agent:
    """Let a machine in, as a new one or as one that is known: then the agent that this one had is withdrawn."""
    kept = _undecided(applicant)
    machine = machine or kept.token.machine
    if machine is not None and machine.pk not in {one.pk for one in candidates(kept)}:
        raise Refused(f"{machine} is no machine of {kept.token.site.client}, or is retired")
    identity = {"token": kept.token, "instance": kept.instance, "secret_sha256": kept.secret_sha256}
    agent = take_in(Agent(**identity, hints=kept.hints, enrolled_at=at), machine)
    Verdict.objects.create(applicant=kept, is_admitted=True, machine=agent.machine, at=at, by=by)
    return agent


@transaction.atomic
def send_away(applicant: Applicant, *, by: User, at: datetime) -> None:
    """Do not let a machine in: its agent is told so, and gives up."""
    Verdict.objects.create(applicant=_undecided(applicant), is_admitted=False, at=at, by=by)


def _undecided(applicant: Applicant) -> Applicant:
    """The applicant, held until the end of the transaction. Refused: somebody has decided already."""
    kept = Applicant.objects.select_for_update().get(pk=applicant.pk)
    verdict = Verdict.objects.filter(applicant=kept).select_related("by").first()
    if verdict is not None:
        raise Refused(f"{verdict.by.name} has {'let in' if verdict.is_admitted else 'sent away'} {kept} already")
    return kept
