"""One shop's month, end to end, through the pages: found, asked, agreed, worked, billed, sent and paid."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as outbox
from playwright.sync_api import Page, expect

from rounds.invoices.models import Invoice
from rounds.people.models import User
from rounds.web.steps import STEPS
from rounds.web.ticking import tick
from tests.browser.conftest import SignIn, barriers, sideways

BEGINS = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGINS, tick=True) as traveller:
        yield traveller


def keep(page: Page, name: str = "Keep") -> None:
    page.locator("main").get_by_role("button", name=name).first.click()


def add_client(page: Page) -> None:
    """A client who is called first, with somebody to call and a machine."""
    page.goto("/clients/new")
    page.get_by_label("Name", exact=True).fill("Elm St Law")
    page.get_by_label("Address on invoices").fill("48 Elm Street\nPortland")
    keep(page)
    page.get_by_role("link", name="New contact").click()
    page.get_by_label("Name", exact=True).fill("Eleanor Marsh")
    page.get_by_label("E-mail address").fill("eleanor@elmlaw.example")
    page.get_by_label("May decide").check()
    page.get_by_label("Gets the invoices").check()
    keep(page)
    page.get_by_role("link", name="New agreement").click()
    page.goto(f"{page.url.split('?')[0]}?plan=call-first")
    page.get_by_label("Monitoring").fill("75.00")
    keep(page, "Sign it")
    expect(page.locator("main")).to_contain_text("call first", ignore_case=True)


def propose_and_agree(page: Page) -> None:
    """The technician proposes; the client agrees on the phone."""
    page.get_by_role("link", name="Propose work").click()
    page.get_by_label("What should be done").fill("Firmware of the firewall")
    page.get_by_label("Minutes it takes").fill("30")
    keep(page, "Propose")
    page.goto("/work/calls")
    expect(page.locator("main")).to_contain_text("Firmware of the firewall")
    page.get_by_role("button", name="Agree").click()


def work(page: Page, clock: time_machine.Traveller) -> None:
    """Time by the timer, and a part."""
    page.goto("/work/orders")
    page.get_by_role("link", name="Firmware of the firewall").click()
    order = page.url
    page.get_by_role("button", name="Start the timer").click()
    clock.move_to(BEGINS + timedelta(minutes=50))
    page.goto("/work/timer")
    keep(page, "Keep this time")
    page.goto(order)
    page.get_by_text("Add a part").click()
    page.get_by_label("What was used").fill("Patch cable")
    page.get_by_label("Price each").fill("9.50")
    keep(page, "Keep this part")
    expect(page.locator("main")).to_contain_text("Patch cable")


@pytest.mark.usefixtures("transactional_db")
def test_a_month_from_the_proposal_to_the_paid_invoice(
    page: Page, sign_in: SignIn, olga: User, clock: time_machine.Traveller
) -> None:
    sign_in(olga)
    add_client(page)
    propose_and_agree(page)
    work(page, clock)
    tick(STEPS, {}, clock_now := BEGINS + timedelta(hours=2))

    page.goto("/money/closing")
    expect(page.locator("main")).to_contain_text("Elm St Law")
    assert Invoice.objects.filter(issued_on__gt=clock_now.date()).count() == 0

    clock.move_to(datetime(2026, 4, 1, 15, 0, tzinfo=UTC))
    sign_in(olga)
    page.goto("/money/closing")
    keep(page, "Issue all now")
    page.goto("/invoices?sort=-issued")
    page.locator("table.list").get_by_role("link", name=re.compile(r"^2026-")).first.click()
    expect(page.locator("main")).to_contain_text("Patch cable")
    expect(page.locator("main")).to_contain_text("50 min")
    assert sideways(page) == 0
    assert barriers(page) == []

    invoice = Invoice.objects.with_open().latest("pk")
    assert invoice.total == 75_00 + 100_00 + 9_50  # monitoring, 50 minutes as a whole hour, the cable
    document = page.context.request.get(f"{page.url}.pdf")
    assert document.status == 200
    assert document.body().startswith(b"%PDF")

    tick(STEPS, {}, datetime(2026, 4, 1, 15, 1, tzinfo=UTC))
    sent = [one for one in outbox.outbox if "eleanor@elmlaw.example" in one.to]
    assert any(invoice.full_number in one.subject for one in sent)
    assert sent[-1].attachments

    page.get_by_role("link", name=re.compile("payment", re.IGNORECASE)).first.click()
    keep(page, "Record")
    page.goto(f"/invoices/{invoice.full_number}")
    expect(page.locator("main")).to_contain_text("paid")
    tick(STEPS, {}, datetime(2026, 4, 1, 15, 2, tzinfo=UTC))
    page.goto("/books")
    expect(page.locator("main")).to_contain_text("assets:bank")
