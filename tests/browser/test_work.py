"""Work in a real browser: the timer that outlives it, the call list by keyboard, pages on a phone and in the dark."""

from datetime import date, timedelta
from re import compile as pattern

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from rounds.clients.models import Agreement, Client, Contact, Machine
from rounds.people.models import User
from rounds.work.models import Answer, Order, Proposal, Stint, Timer
from rounds.work.ordering import Call, take_order
from rounds.work.proposing import Draft, propose
from rounds.work.timing import Worked, enter, start
from tests.browser.conftest import SignIn, barriers, sideways

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(northside: Client, srv01: Machine, theo: User) -> Order:
    return take_order(Call(northside, "Printer does not answer", srv01), by=theo, at=timezone.now())


@pytest.fixture
def proposals(northside: Client, srv01: Machine, theo: User) -> list[Proposal]:
    """Two things to ask a call-first client."""
    Agreement.objects.create(client=northside, plan="call-first", starts=date(2026, 1, 1))
    Contact.objects.filter(client=northside).update(phone="555-0122", best_time="before 8")
    drafts = (
        Draft(northside, "Server memory is short", 90, srv01, risk="It stops.", idle_hours=(4, 10), idle_people=9),
        Draft(northside, "Firmware of the firewall", 30),
    )
    return [propose(draft, by=theo, at=timezone.now()) for draft in drafts]


def test_a_timer_runs_on_while_the_browser_is_closed(
    page: Page, browser: Browser, sign_in: SignIn, order: Order, theo: User, base_url: str
) -> None:
    sign_in(theo)
    page.goto(f"/work/orders/{order.pk}")
    page.get_by_role("button", name="Start the timer").click()
    expect(page.locator("header .timer")).to_contain_text("Northside Dental")
    cookies = page.context.cookies()
    page.context.close()
    Timer.objects.update(started_at=timezone.now() - timedelta(minutes=42))

    later = browser.new_context(base_url=base_url)
    later.add_cookies(cookies)  # type: ignore[arg-type]
    again = later.new_page()
    again.goto("/")
    expect(again.locator("header .timer")).to_contain_text("0:42")
    again.keyboard.press("t")
    again.wait_for_url(f"**/work/orders/{order.pk}")
    again.get_by_role("link", name="Stop", exact=True).click()
    expect(again.get_by_label("Minutes", exact=True)).to_have_value("42")
    again.get_by_label("What was done").fill("New driver")
    again.get_by_role("button", name="Keep this time").click()
    expect(again.get_by_text("42 minutes are kept")).to_be_visible()
    later.close()

    assert Stint.objects.values_list("minutes", "note").get() == (42, "New driver")
    assert not Timer.objects.exists()


def test_a_call_is_made_by_keyboard_alone(
    page: Page, sign_in: SignIn, proposals: list[Proposal], theo: User, base_url: str
) -> None:
    sign_in(theo)
    page.goto("/work/calls")

    page.get_by_role("button", name="Start call").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=pattern("Stop call"))).to_be_visible()
    page.get_by_role("form", name="Answer to Server memory is short").get_by_role("button", name="Agree").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Server memory is short: agreed, by Nora.")).to_be_visible()
    asked = page.get_by_role("form", name="Answer to Firmware of the firewall")
    asked.get_by_role("button", name="Agree").focus()
    page.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="Defer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is nothing left to ask")).to_be_visible()

    assert [(one.verdict, one.who) for one in Answer.objects.order_by("pk")] == [("agree", "Nora"), ("defer", "Nora")]
    assert Timer.objects.get().order.call_month is not None


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_the_call_list_works_without_scripts(
    page: Page, sign_in: SignIn, proposals: list[Proposal], theo: User
) -> None:
    sign_in(theo)
    page.goto("/work/calls")

    asked = page.get_by_role("form", name="Answer to Server memory is short")
    asked.locator("summary").click()
    asked.get_by_label("Who at the client").fill("Norbert")
    asked.get_by_label("Deferred until").fill("2199-02-01")
    asked.get_by_role("button", name="Defer").click()

    kept = Answer.objects.get()
    assert (kept.who, kept.until) == ("Norbert", date(2199, 2, 1))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_work_keep_nobody_out(
    page: Page, sign_in: SignIn, proposals: list[Proposal], order: Order, theo: User, scheme: str
) -> None:
    now = timezone.now()
    enter(order, Worked(now - timedelta(hours=2), 30, note="New driver"), who=theo, at=now)
    start(order, who=theo, at=now)
    sign_in(theo)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    addresses = (
        "/work/", "/work/calls", f"/work/calls/{order.client_id}", "/work/proposals", "/work/orders", "/work/stints",
        f"/work/proposals/{proposals[0].pk}", f"/work/orders/{order.pk}", f"/work/orders/{order.pk}/stints",
        "/work/timer", "/work/stints?state=held", f"/work/proposals/new?client={order.client_id}",
        f"/work/orders/new?client={order.client_id}",
    )  # fmt: skip

    found = {}
    for address in addresses:
        page.set_viewport_size({"width": 1200, "height": 800})
        page.goto(address)
        wrong = barriers(page)
        page.set_viewport_size({"width": 360, "height": 740})
        if sideways(page):
            wrong.append("scrolls sideways on a phone")
        if wrong:
            found[address] = wrong

    assert found == {}
