"""Enrols agents: makes tokens for sites, takes an agent's identity against a token, withdraws it again."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from django.db import transaction
from django.db.models import F, Q

from rounds.agents.models import Agent, Token
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


class Asked(msgspec.Struct, frozen=True):
    """A request for enrolment, as docs/agent-protocol.md has it."""

    token: Annotated[str, msgspec.Meta(max_length=200)]
    instance: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    secret_sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    hints: Hints = Hints()


class NotEnrolled(Refused):
    """The token does not let this agent in."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a token lets in: how many machines, as what, until when; `machine` if it is for one that is known."""

    uses: int = 1
    valid_for: timedelta = VALID_FOR
    machine: Machine | None = None
    machine_kind: str = field(default=MachineKind.SERVER)


def make_token(site: Site, offer: Offer, *, by: User | None, at: datetime) -> tuple[Token, str]:
    """Make a token for a site; the text is not kept, so it can be shown only now."""
    if offer.machine is not None and (offer.machine.site_id != site.pk or offer.uses != 1):
        raise Refused("a token for one machine is for its own site, and works once")
    if not 1 <= offer.uses <= 1000:
        raise Refused("a token works from 1 to 1000 times")
    text = secrets.token_urlsafe(24)
    token = Token.objects.create(
        site=site,
        token_sha256=_sha256(text),
        uses=offer.uses,
        uses_left=offer.uses,
        machine=offer.machine,
        machine_kind=offer.machine_kind,
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


@transaction.atomic
def enrol(asked: Asked, *, at: datetime) -> Agent:
    """Take an agent in against a token. The same agent asking again, after a lost answer, is in already."""
    token = Token.objects.filter(token_sha256=_sha256(asked.token)).first()
    if token is None:
        raise NotEnrolled("this token is not known")
    known = Agent.objects.current().filter(instance=asked.instance).first()
    if known is not None and known.token_id == token.pk and known.secret_sha256 == asked.secret_sha256:
        return known
    _spend(token, at)
    if Agent.objects.filter(Q(instance=asked.instance) | Q(secret_sha256=asked.secret_sha256)).exists():
        raise NotEnrolled("an agent with this identity was enrolled before; enrol with a new one")
    machine = token.machine or _new_machine(token, asked.hints, at)
    Agent.objects.current().filter(machine=machine).update(revoked_at=at)
    return Agent.objects.create(
        machine=machine,
        token=token,
        instance=asked.instance,
        secret_sha256=asked.secret_sha256,
        hints=msgspec.to_builtins(asked.hints),
        enrolled_at=at,
    )


def _spend(token: Token, at: datetime) -> None:
    """Use a token once, if it still can be; the words say why it cannot."""
    if token.withdrawn_at is not None:
        raise NotEnrolled("this token was withdrawn")
    if token.expires_at <= at:
        raise NotEnrolled(f"this token expired on {token.expires_at:%Y-%m-%d %H:%M} UTC")
    if not Token.objects.filter(pk=token.pk, uses_left__gt=0).update(uses_left=F("uses_left") - 1):
        raise NotEnrolled("this token has been used" if token.uses == 1 else f"this token was used {token.uses} times")


def _new_machine(token: Token, hints: Hints, at: datetime) -> Machine:
    """A machine named for its host; two hosts of one name are two machines."""
    wanted = hints.hostname[:70] or "machine"
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
