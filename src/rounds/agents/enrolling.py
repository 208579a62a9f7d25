"""Enrols agents: makes tokens for sites, takes an agent's identity against a token, withdraws it again.

Whoever comes by a token that needs approval becomes an applicant, and an agent once a technician says so (admitting).
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from django.db import transaction
from django.db.models import F, Q

from rounds.agents.models import Agent, Applicant, Token, Verdict
from rounds.clients.models import Machine, MachineKind, Site
from rounds.core.money import Refused
from rounds.people.models import User

VALID_FOR = timedelta(days=7)
MOST_COPIES = 100  # a day


class Hints(msgspec.Struct, frozen=True):
    """What an agent says of its machine; only hints."""

    hostname: Annotated[str, msgspec.Meta(max_length=253)] = ""
    os: Annotated[str, msgspec.Meta(max_length=200)] = ""
    machine_id_sha256: Annotated[str, msgspec.Meta(max_length=64)] = ""
    serial_sha256: Annotated[str, msgspec.Meta(max_length=64)] = ""
    cards_sha256: Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=8)] = []


class Asked(msgspec.Struct, frozen=True):
    """A request for enrolment, as docs/agent-protocol.md has it."""

    token: Annotated[str, msgspec.Meta(max_length=200)]
    instance: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    secret_sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    hints: Hints = Hints()


class NotEnrolled(Refused):
    """The token does not let this agent in."""


class Waits(Refused):
    """The agent is not in yet: it may ask again."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a token lets in: how many machines, as what, until when; `machine` if it is for one that is known."""

    uses: int = 1
    valid_for: timedelta = VALID_FOR
    machine: Machine | None = None
    machine_kind: str = field(default=MachineKind.SERVER)
    needs_approval: bool = False


def make_token(site: Site, offer: Offer, *, by: User | None, at: datetime) -> tuple[Token, str]:
    """Make a token for a site; the text is not kept, so it can be shown only now."""
    if offer.machine is not None and (offer.machine.site_id != site.pk or offer.uses != 1):
        raise Refused("a token for one machine is for its own site, and works once")
    if not 1 <= offer.uses <= 1000:
        raise Refused("a token works from 1 to 1000 times")
    text = secrets.token_hex(20)  # no dash: at the beginning, shells and PowerShell would take it for an option
    token = Token.objects.create(
        site=site,
        token_sha256=_sha256(text),
        uses=offer.uses,
        uses_left=offer.uses,
        machine=offer.machine,
        machine_kind=offer.machine_kind,
        needs_approval=offer.needs_approval,
        made_at=at,
        made_by=by,
        expires_at=at + offer.valid_for,
    )
    return token, text


def admit_copy(agent: Agent, *, at: datetime) -> str:
    """Let in, once and at the same site, a machine that has an agent's identity with its disk; "" if that is too often.

    Whoever has the identity is in already; the limit keeps one that is stolen from making machines without end.
    """
    recent = Token.objects.filter(copy_of=agent, made_at__gt=at - timedelta(days=1)).count()
    if recent >= MOST_COPIES:
        return ""
    machine = agent.machine
    token, text = make_token(
        machine.site, Offer(valid_for=timedelta(days=1), machine_kind=machine.kind), by=None, at=at
    )
    Token.objects.filter(pk=token.pk).update(copy_of=agent)
    return text


def withdraw_token(token: Token, *, at: datetime) -> None:
    """Let nobody in by this token any more; who came in by it stays."""
    Token.objects.filter(pk=token.pk, withdrawn_at=None).update(withdrawn_at=at)


def enrol(asked: Asked, *, at: datetime) -> Agent:
    """Take an agent in against a token. The same agent asking again, after a lost answer, is in already.

    Waits if a technician has to approve it first: asking again later changes nothing, until he has.
    """
    told = _take_in(asked, at)
    if isinstance(told, Applicant):
        raise Waits("a technician has to approve this machine")
    return told


@transaction.atomic
def _take_in(asked: Asked, at: datetime) -> Agent | Applicant:
    token = Token.objects.filter(token_sha256=_sha256(asked.token)).first()
    if token is None:
        raise NotEnrolled("this token is not known")
    known = Agent.objects.current().filter(instance=asked.instance).first()
    if known is not None and known.token_id == token.pk and known.secret_sha256 == asked.secret_sha256:
        return known
    applicant = token.applicants.filter(instance=asked.instance, secret_sha256=asked.secret_sha256).first()
    if applicant is not None:
        verdict = Verdict.objects.filter(applicant=applicant).first()
        if verdict is None:
            return applicant
        if not verdict.is_admitted:
            raise NotEnrolled("a technician has sent this machine away")
    same = Q(instance=asked.instance) | Q(secret_sha256=asked.secret_sha256)
    if Agent.objects.filter(same).exists() or Applicant.objects.filter(same).exists():
        raise NotEnrolled("an agent with this identity was enrolled before; enrol with a new one")
    _spend(token, at)
    hints = msgspec.to_builtins(asked.hints)
    identity = {"token": token, "instance": asked.instance, "secret_sha256": asked.secret_sha256, "hints": hints}
    if token.needs_approval:
        return Applicant.objects.create(**identity, asked_at=at)
    return take_in(Agent(**identity, enrolled_at=at), token.machine)


def take_in(agent: Agent, machine: Machine | None) -> Agent:
    """Make an agent that of a machine, of a new one without it; the agent that it had is withdrawn."""
    agent.machine = machine or _new_machine(agent.token, str(agent.hints.get("hostname", "")), agent.enrolled_at)
    Agent.objects.current().filter(machine=agent.machine).update(revoked_at=agent.enrolled_at)
    agent.save(force_insert=True)
    return agent


def _spend(token: Token, at: datetime) -> None:
    """Use a token once, if it still can be; the words say why it cannot."""
    if token.withdrawn_at is not None:
        raise NotEnrolled("this token was withdrawn")
    if token.expires_at <= at:
        raise NotEnrolled(f"this token expired on {token.expires_at:%Y-%m-%d %H:%M} UTC")
    if not Token.objects.filter(pk=token.pk, uses_left__gt=0).update(uses_left=F("uses_left") - 1):
        raise NotEnrolled("this token has been used" if token.uses == 1 else f"this token was used {token.uses} times")


def _new_machine(token: Token, hostname: str, at: datetime) -> Machine:
    """A machine named for its host; two hosts of one name are two machines."""
    wanted = hostname[:70] or "machine"
    taken = set(Machine.objects.filter(site=token.site, retired_at=None).values_list("name", flat=True))
    name = next(name for name in _names(wanted, len(taken)) if name not in taken)
    return Machine.objects.create(site=token.site, name=name, kind=token.machine_kind, added_at=at)


def _names(wanted: str, taken: int) -> list[str]:
    return [wanted, *(f"{wanted}-{number}" for number in range(2, taken + 3))]


def revoke(agent: Agent, *, at: datetime) -> None:
    """Withdraw an agent's enrolment: what it sends from now on is refused (by every front within half a minute)."""
    Agent.objects.filter(pk=agent.pk, revoked_at=None).update(revoked_at=at)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
