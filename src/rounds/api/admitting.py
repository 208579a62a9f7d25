"""Tokens: makes one for a person of the shop, revokes it, and says whose a secret is."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from rounds.api.models import Scope, Token
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import local_day

PREFIX = "rounds_"
SEEN_EVERY = timedelta(minutes=1)  # how exactly “last used” is kept: not a write for every request


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token to be made: its name, whom it acts as, for what, and its last day (None: until it is revoked)."""

    name: str
    person: User
    scope: Scope
    last_day: date | None = None


@transaction.atomic
def make_token(wanted: Wanted, *, by: User | None, at: datetime) -> tuple[Token, str]:
    """Make a token and its secret, which is kept nowhere: whoever needs it copies it now.

    Refused: no name, one that another token has, a person who is not of the shop, a last day that has passed.
    """
    name = " ".join(wanted.name.split())
    if not name:
        raise Refused("give it a name by which you will know the program")
    if Token.objects.filter(name=name, revoked_at=None).exists():
        raise Refused(f"there is a token {name} already: take another name, or revoke that one first")
    if not (wanted.person.is_active and wanted.person.is_of_shop):
        raise Refused(f"{wanted.person} is not of the shop: a token acts as one of its people")
    if wanted.last_day is not None and wanted.last_day < local_day(at):
        raise Refused(f"{wanted.last_day} has passed")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        name=name, person=wanted.person, scope=wanted.scope, last_day=wanted.last_day,
        starts_with=secret[: len(PREFIX) + 4], hash=hash_of(secret), made_by=by, made_at=at,
    )  # fmt: skip
    return token, secret


def revoke(token: Token, *, by: User | None, at: datetime) -> None:
    """Let a token be used no more. Twice keeps the first."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at, revoked_by=by)


def token_of(secret: str, at: datetime) -> Token | None:
    """The token of a secret, if it holds at a moment and its person may still sign in; notes that it was used."""
    token = Token.objects.select_related("person").filter(hash=hash_of(secret), revoked_at=None).first()
    if token is None or not (token.person.is_active and token.person.is_of_shop):
        return None
    if has_expired(token, at):
        return None
    if token.last_used_at is None or at - token.last_used_at >= SEEN_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def has_expired(token: Token, at: datetime) -> bool:
    """Has its last day passed?"""
    return token.last_day is not None and token.last_day < local_day(at)


def hash_of(secret: str) -> str:
    """What is kept of a secret. It is 256 random bits, so one round is enough and a request costs nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
