"""The portal in a real browser: an answer on a phone without scripts, a photograph, pages for everybody."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from rounds.clients.models import Agreement, Client, Machine
from rounds.findings.models import Finding
from rounds.invoices.models import Invoice
from rounds.invoices.selling import buy_hours
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.portal.models import HelpRequest, PortalPurchase
from rounds.work.models import Answer, Order, Proposal
from rounds.work.ordering import Call, take_order
from rounds.work.proposing import Draft, propose
from rounds.work.timing import Worked, enter
from tests.browser.conftest import SignIn, barriers, sideways
from tests.portal.conftest import PNG
from tests.trade import agreed

pytestmark = pytest.mark.django_db(transaction=True)

PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture
def proposal(northside: Client, srv01: Machine, theo: User) -> Proposal:
    draft = Draft(northside, "Server memory is short", 90, srv01, risk="It stops.", idle_hours=(4, 10), idle_people=9)
    return propose(draft, by=theo, at=timezone.now(), ask=True)


@pytest.mark.browser_context_args(java_script_enabled=False, viewport=PHONE, has_touch=True)
def test_an_answer_is_given_on_a_phone_without_scripts(
    page: Page, sign_in: SignIn, proposal: Proposal, nora: User
) -> None:
    sign_in(nora)
    page.goto("/")
    expect(page.get_by_role("heading", name="One thing needs you")).to_be_visible()
    button = page.get_by_role("button", name="Agree")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44

    page.locator("summary", has_text="Add a note").click()
    page.get_by_label("Something to add").fill("After Friday, please")
    button.tap()

    expect(page.get_by_text("Thank you. We are going to do it: Server memory is short.")).to_be_visible()
    kept = Answer.objects.get()
    assert (kept.verdict, kept.who, kept.note) == ("agree", "Nora", "After Friday, please")
    assert Order.objects.count() == 1


@pytest.mark.browser_context_args(viewport=PHONE, has_touch=True)
def test_help_is_asked_for_with_a_photograph(
    page: Page, sign_in: SignIn, northside: Client, nora: User, tmp_path: Path
) -> None:
    photo = tmp_path / "screen.png"
    photo.write_bytes(PNG)
    sign_in(nora)
    page.goto("/portal/")

    page.get_by_role("link", name="Ask for help").tap()
    page.get_by_label("What is wrong").fill("The screen is blue")
    page.get_by_label("A photograph").set_input_files(photo)
    page.get_by_role("button", name="Send").tap()

    expect(page.get_by_role("heading", name="The screen is blue")).to_be_visible()
    assert HelpRequest.objects.get().photo_type == "image/png"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_the_portal_keep_nobody_out(
    page: Page, sign_in: SignIn, proposal: Proposal, nora: User, theo: User, scheme: str
) -> None:
    now, client = timezone.now(), proposal.client
    Agreement.objects.create(client=client, plan="service-agreement", starts=date(2026, 1, 1), included_seconds=28800)
    enter(take_order(Call(client, "Slow"), by=theo, at=now), Worked(now - timedelta(hours=1), 30), who=theo, at=now)
    Finding.objects.create(
        client=client, machine=proposal.machine, rule="updates-late", severity="soon", title="late",
        opened_at=now - timedelta(days=12),
    )  # fmt: skip
    sign_in(nora)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    found = {}
    for address in ("/portal/", "/portal/work", "/portal/invoices", "/portal/requests", "/portal/requests/new",
                    f"/portal/proposals/{proposal.pk}"):  # fmt: skip
        page.set_viewport_size({"width": 1200, "height": 800})
        page.goto(address)
        wrong = barriers(page)
        page.set_viewport_size(PHONE)
        if sideways(page):
            wrong.append("scrolls sideways on a phone")
        if wrong:
            found[address] = wrong

    assert found == {}


@pytest.mark.browser_context_args(java_script_enabled=False, viewport=PHONE, has_touch=True)
def test_the_next_block_is_bought_with_one_tap_on_a_phone_without_scripts(
    page: Page, sign_in: SignIn, northside: Client, nora: User
) -> None:
    now = timezone.now()
    agreed(northside, "block", local_day(now).replace(day=1), low_at_seconds=2 * 3600)
    buy_hours(northside, 10, at=now)
    page.goto(f"/portal/clients/{northside.pk}/hours")
    expect(page.get_by_label("E-mail address")).to_be_visible()

    sign_in(nora)
    page.goto("/portal/")
    page.get_by_role("link", name="Buy the next block").click()
    page.locator("summary", has_text="Buy another block").click()
    button = page.get_by_role("button", name="Buy 10 hours")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.tap()

    expect(page.get_by_text("10 hours are bought. Thank you.")).to_be_visible()
    expect(page.get_by_text("Nora bought them here")).to_be_visible()
    invoice = Invoice.objects.latest("pk")
    page.get_by_role("link", name=f"Invoice {invoice.full_number}").click()
    expect(page.get_by_role("heading", name=invoice.full_number)).to_be_visible()
    page.go_back()
    page.reload()
    assert PortalPurchase.objects.count() == 1
