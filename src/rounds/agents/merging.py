"""Merges a reinstalled machine with what it was before: its agent goes on as that machine's, and nothing else moves.

The machine keeps its history, findings, duties and evidence; the newcomer is retired, and what is known of it is shown
with the machine (`selves`). Only a person merges, and a merge can be undone; neither changes what was measured.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from rounds.agents.admitting import Alike, alike
from rounds.agents.models import Agent, Distinction, Job, Merge, MergeUndoing, State
from rounds.clients import keeping
from rounds.clients.models import Machine
from rounds.core.money import Refused
from rounds.people.models import User

OFFERED_FOR = timedelta(days=30)  # after a machine's enrolment
MOMENTS = ("taken_at", "seen_at", "first_seen_at")


def newcomers(at: datetime) -> list[Machine]:
    """Machines that are new here, and may be offered as old ones."""
    fresh = Agent.objects.current().filter(enrolled_at__gt=at - OFFERED_FOR, token__machine=None, token__copy_of=None)
    rows = Machine.objects.filter(pk__in=fresh.values("machine"), retired_at=None, site__client__left_at=None)
    earlier = Agent.objects.filter(machine=OuterRef("pk"), enrolled_at__lte=at - OFFERED_FOR)
    return list(rows.exclude(Exists(earlier)).select_related("site__client").order_by("-added_at"))


def offers(newcomer: Machine) -> list[Alike]:
    """Machines that a newcomer may have been before it was reinstalled, the likeliest first.

    Not one that was heard of since the newcomer came: then both live. Not one that a technician told apart from it.
    """
    agent = Agent.objects.current().filter(machine=newcomer).select_related("token").first()
    if agent is None or newcomer.retired_at is not None:
        return []
    apart = Distinction.objects.filter(newcomer=newcomer).values("machine")
    heard = State.objects.filter(seen_at__gt=agent.enrolled_at).values("machine")
    enrolled = Agent.objects.filter(enrolled_at__lt=agent.enrolled_at).values("machine")
    rows = Machine.objects.filter(site__client=newcomer.site.client_id, retired_at=None, pk__in=enrolled)
    rows = rows.exclude(Q(pk=newcomer.pk) | Q(pk__in=apart) | Q(pk__in=heard))
    return alike(agent.hints, list(rows.select_related("site")), newcomer.site_id)


def waiting_offers(at: datetime) -> list[tuple[Machine, Alike]]:
    """Newcomers that may be old machines, each with the likeliest; for the front page."""
    return [(one, found[0]) for one in newcomers(at) if (found := offers(one))]


@transaction.atomic
def merge(newcomer: Machine, machine: Machine, *, by: User, at: datetime) -> Merge:
    """Say that a newcomer is a machine that was known. Refused: unless it is one of its client that fell silent."""
    held = {row.pk: row for row in Machine.objects.select_for_update().filter(pk__in=[newcomer.pk, machine.pk])}
    newcomer, machine = held[newcomer.pk], held[machine.pk]
    agent = _agent_that_moves(newcomer, machine)
    replaced = Agent.objects.current().filter(machine=machine).first()
    before = State.objects.filter(machine=machine).first()
    if replaced is not None:
        Agent.objects.filter(pk=replaced.pk).update(revoked_at=at)
    Agent.objects.filter(pk=agent.pk).update(machine=machine)
    _learn(machine, State.objects.filter(machine=newcomer).first())
    Job.objects.filter(machine=newcomer, result=None, expires_at__gt=at).update(expires_at=at)
    keeping.retire(newcomer, at=at)
    return Merge.objects.create(
        agent=agent, newcomer=newcomer, machine=machine, replaced=replaced, at=at, by=by,
        state_before=_written(before) if before else {},
    )  # fmt: skip


def _agent_that_moves(newcomer: Machine, machine: Machine) -> Agent:
    """The newcomer's agent, if it may go on as that of the machine."""
    if newcomer.pk == machine.pk or newcomer.site.client_id != machine.site.client_id:
        raise Refused(f"{newcomer} cannot be {machine}: choose another machine of {newcomer.site.client}")
    if newcomer.retired_at is not None or machine.retired_at is not None:
        raise Refused(f"{newcomer if newcomer.retired_at else machine} is retired")
    agent = Agent.objects.current().filter(machine=newcomer).first()
    if agent is None:
        raise Refused(f"{newcomer} has no agent that could go on as that of {machine}")
    if State.objects.filter(machine=machine, seen_at__gt=agent.enrolled_at).exists():
        raise Refused(f"{machine} was heard of after {newcomer} was enrolled: they are two machines")
    return agent


@transaction.atomic
def undo(done: Merge, *, by: User, at: datetime) -> None:
    """Take a merge back: the newcomer is a machine of its own again, and the old agent is taken in where it was.

    What was measured in between stays where it was kept. Refused: a merge undone already, or an agent that is gone.
    """
    kept = Merge.objects.select_for_update().select_related("newcomer__site", "machine", "agent").get(pk=done.pk)
    if MergeUndoing.objects.filter(merge=kept).exists():
        raise Refused("this merge has been undone already")
    if kept.agent.revoked_at is not None or kept.agent.machine_id != kept.machine_id:
        raise Refused(f"{kept.machine} has another agent by now: enrol {kept.newcomer} anew instead")
    keeping.take_up(kept.newcomer)
    Agent.objects.filter(pk=kept.agent_id).update(machine=kept.newcomer)
    if kept.replaced is not None:
        Agent.objects.filter(pk=kept.replaced.pk, revoked_at=kept.at).update(revoked_at=None)
    known = State.objects.filter(machine=kept.machine).first()
    _learn(kept.newcomer, known)
    State.objects.filter(machine=kept.machine).delete()
    if kept.state_before:
        State.objects.create(machine=kept.machine, **_read(kept.state_before))
    MergeUndoing.objects.create(merge=kept, at=at, by=by)
    tell_apart(kept.newcomer, kept.machine, by=by, at=at)


def tell_apart(newcomer: Machine, machine: Machine, *, by: User, at: datetime) -> None:
    """Note that two machines are two: the one is not offered as the other any more."""
    Distinction.objects.get_or_create(newcomer=newcomer, machine=machine, defaults={"by": by, "at": at})


def standing_of(machine_ids: Sequence[int]) -> list[Merge]:
    """The merges that hold, of some machines, whichever side they are on."""
    sides = Q(machine__in=machine_ids) | Q(newcomer__in=machine_ids)
    return list(Merge.objects.standing().filter(sides).select_related("newcomer", "machine", "by"))


def _learn(machine: Machine, known: State | None) -> None:
    """What is known of a machine now is what is known of its agent's."""
    if known is None:
        return
    told = {field.attname: getattr(known, field.attname) for field in State._meta.concrete_fields}
    told = {name: value for name, value in told.items() if name != "machine_id"}
    before = State.objects.filter(machine=machine).first()
    if before is not None:
        told["first_seen_at"] = min(before.first_seen_at, known.first_seen_at)
    State.objects.update_or_create(machine=machine, defaults=told)


def _written(state: State) -> dict[str, Any]:
    told = {field.attname: getattr(state, field.attname) for field in State._meta.concrete_fields}
    del told["machine_id"]
    return told | {name: told[name].isoformat() for name in MOMENTS}


def _read(told: dict[str, Any]) -> dict[str, Any]:
    return told | {name: datetime.fromisoformat(told[name]) for name in MOMENTS}
