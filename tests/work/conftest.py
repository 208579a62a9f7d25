"""What the tests of work share: agreements of each plan, and a proposal that waits."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client as Browser

from rounds.clients.models import Agreement, Client, Machine
from rounds.people.models import User
from rounds.work.models import Order, Proposal
from rounds.work.ordering import Call, take_order
from rounds.work.proposing import Draft, propose

AT = datetime(2026, 4, 14, 15, 0, tzinfo=UTC)  # 11:00 on the shop's clock
type Sign = Callable[..., Agreement]
type Propose = Callable[..., Proposal]
type AsPerson = Callable[[User], Browser]

SAID = {"who": "Nora", "channel": "phone"}


@pytest.fixture
def sign(northside: Client) -> Sign:
    """Put Northside on a plan, from before everything."""

    def sign(plan: str, **terms: object) -> Agreement:
        if plan == "service-agreement":
            terms = {"included_seconds": 8 * 3600, **terms}
        return Agreement.objects.create(client=northside, plan=plan, starts=date(2026, 1, 1), **terms)

    return sign


@pytest.fixture
def ask(northside: Client, srv01: Machine, theo: User) -> Propose:
    """Propose work to Northside at AT."""

    def ask(title: str = "Server memory is short", minutes: int = 80, **other: object) -> Proposal:
        is_asked = bool(other.pop("ask", False))
        draft = Draft(**{"client": northside, "title": title, "minutes": minutes, "machine": srv01, **other})  # type: ignore[arg-type]
        return propose(draft, by=theo, at=AT, ask=is_asked)

    return ask


@pytest.fixture
def order(northside: Client, srv01: Machine, theo: User) -> Order:
    """Northside called: the printer does not answer."""
    return take_order(Call(northside, "Printer does not answer", srv01), by=theo, at=AT)


@pytest.fixture
def office(as_person: AsPerson, theo: User) -> Browser:
    return as_person(theo)


def text_of(browser: Browser, address: str) -> str:
    reply = browser.get(address)
    assert reply.status_code == 200, address
    return b"".join(reply).decode()
