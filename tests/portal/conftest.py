"""What the tests of the portal share: browsers of a contact who may decide, one who may not, and a stranger."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Agreement, Client, Contact, Machine
from rounds.people.models import Role, User
from rounds.work.models import Order, Proposal, Stint
from rounds.work.ordering import Call, take_order
from rounds.work.proposing import Draft, propose
from rounds.work.timing import Worked, enter

AT = datetime(2026, 4, 14, 15, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def browser_of(person: User) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


@pytest.fixture
def portal(nora: User) -> Browser:
    """Nora's: she may decide for Northside."""
    return browser_of(nora)


@pytest.fixture
def frank(northside: Client) -> User:
    """Northside's front desk: he may look, and not decide."""
    person = User.objects.create(email="frank@northside.example", name="Frank", role=Role.CONTACT)
    Contact.objects.create(client=northside, name="Frank", user=person)
    return person


@pytest.fixture
def call_first(northside: Client) -> Agreement:
    """Northside is called first; named before the stint that is then held."""
    return Agreement.objects.create(client=northside, plan="call-first", starts=date(2026, 1, 1))


@pytest.fixture
def proposal(northside: Client, srv01: Machine, theo: User) -> Proposal:
    """Work that waits for Northside's answer."""
    draft = Draft(
        northside, "Server memory is short", 90, srv01, risk="The server stops.", idle_hours=(4, 10), idle_people=9
    )  # fmt: skip
    return propose(draft, by=theo, at=AT, ask=True)


@pytest.fixture
def order(northside: Client, srv01: Machine, theo: User) -> Order:
    return take_order(Call(northside, "Printer does not answer", srv01), by=theo, at=AT)


@pytest.fixture
def stint(order: Order, theo: User) -> Stint:
    """Work of this month, an hour ago."""
    now = timezone.now()
    worked = Worked(now - timedelta(hours=1), 40, note="New driver installed")
    return enter(order, worked, who=theo, at=now)
