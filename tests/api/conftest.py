"""Programs with tokens of every kind, a client with a month of trade behind him, and words to ask with."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from rounds.api.admitting import Wanted, make_token
from rounds.api.models import Scope
from rounds.clients.models import Client
from rounds.invoices import issuing
from rounds.ledger import booking
from rounds.people.models import User
from rounds.work.models import Order
from rounds.work.ordering import Call, take_order

BASE = "/api/v1"
_keys = count(1)


class Program:
    """Another program that asks with a token."""

    def __init__(self, secret: str) -> None:
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.browser = Browser(enforce_csrf_checks=True)

    def get(self, address: str, **headers: str) -> HttpResponse:
        where = address if address.startswith("/api") else BASE + address
        return self.browser.get(where, headers={**self.headers, **headers})  # type: ignore[return-value]

    def post(self, address: str, body: Any, key: str = "", **headers: str) -> HttpResponse:
        sent = {**self.headers, "Idempotency-Key": key or f"key-{next(_keys)}", **headers}
        return self.browser.post(BASE + address, body, content_type="application/json", headers=sent)  # type: ignore[return-value]

    def patch(self, address: str, body: Any, **headers: str) -> HttpResponse:
        sent = {**self.headers, **headers}
        return self.browser.patch(BASE + address, body, content_type="application/json", headers=sent)  # type: ignore[return-value]


type AsProgram = Callable[..., Program]


@pytest.fixture
def as_program(olga: User) -> AsProgram:
    """A program that acts as a person."""
    names = count(1)

    def make(person: User, scope: Scope = Scope.WRITE) -> Program:
        wanted = Wanted(f"program {next(names)}", person, scope)
        return Program(make_token(wanted, by=olga, at=timezone.now())[1])

    return make


@pytest.fixture
def program(as_program: AsProgram, olga: User) -> Program:
    """A program that may do everything."""
    return as_program(olga)


@pytest.fixture
def order(northside: Client, theo: User) -> Order:
    return take_order(Call(northside, "Mail does not arrive"), by=theo, at=timezone.now() - timedelta(days=3))


@pytest.fixture
def ago() -> Callable[..., str]:
    """A moment so long ago, as a program writes it."""

    def make(**past: int) -> str:
        return (timezone.now() - timedelta(**past)).replace(microsecond=0).isoformat()

    return make


def run_stages(at: datetime) -> None:
    """Let the stages do what is due."""
    issuing.pull(at)
    booking.pull(at)
