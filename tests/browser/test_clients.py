"""Clients in a real browser: keyboard, phone, light and dark, and without scripts."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from rounds.clients.models import Agreement, Client
from rounds.people.models import User
from tests.browser.conftest import barriers, sideways

type SignIn = Callable[[User], None]


@pytest.fixture
def agreed(northside: Client) -> Agreement:
    return Agreement.objects.create(
        client=northside, plan="service-agreement", starts=date(2020, 1, 1), included_seconds=8 * 3600, discount="10%"
    )


def pages_of(client: Client, agreement: Agreement) -> list[str]:
    here = f"/clients/{client.pk}"
    return [
        "/clients/", here, f"{here}/particulars", f"{here}/contacts/new", f"{here}/machines/new",
        f"{here}/agreements/new?plan=retainer", f"/agreements/{agreement.pk}/change", f"/agreements/{agreement.pk}/end",
        "/settings/prices", "/clients/import", "/search?q=north",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_clients_keep_nobody_out(
    page: Page, sign_in: SignIn, olga: User, northside: Client, agreed: Agreement, scheme: str
) -> None:
    sign_in(olga)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 740})

    for path in pages_of(northside, agreed):
        page.goto(path)

        assert (path, barriers(page)) == (path, [])
        assert (path, sideways(page)) == (path, 0)


def test_a_client_is_found_with_the_keyboard_alone(page: Page, sign_in: SignIn, olga: User, northside: Client) -> None:
    sign_in(olga)
    page.goto("/clients/")

    page.keyboard.press("/")
    page.keyboard.type("north")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search**")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Northside Dental", level=1)).to_be_visible()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_an_agreement_is_written_without_scripts(page: Page, sign_in: SignIn, olga: User, northside: Client) -> None:
    sign_in(olga)
    page.goto(f"/clients/{northside.pk}")
    page.get_by_role("link", name="New agreement").click()
    page.get_by_role("link", name="Block of hours").click()
    page.get_by_label("From").fill("2030-01-01")

    page.get_by_role("button", name="Show what it means").click()
    expect(page.get_by_text("Hours are bought in advance")).to_be_visible()
    page.get_by_role("button", name="Sign it").click()

    expect(page.get_by_role("heading", name="Block of hours")).to_be_visible()


def test_a_file_is_imported(page: Page, sign_in: SignIn, olga: User) -> None:
    sign_in(olga)
    page.goto("/clients/import")

    page.get_by_label("CSV file").set_input_files(
        {"name": "clients.csv", "mimeType": "text/csv", "buffer": b"Name;Kind\nElm;farm\n"}
    )
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("heading", name="1 line to mend")).to_be_visible()
    page.get_by_role("link", name="Upload it again").click()
    page.get_by_label("CSV file").set_input_files(
        {"name": "clients.csv", "mimeType": "text/csv", "buffer": b"Name;Kind\nElm;business\n"}
    )
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Import 1 client").click()

    expect(page.get_by_role("link", name="Elm")).to_be_visible()


def test_what_was_done_can_be_undone(page: Page, sign_in: SignIn, olga: User, northside: Client) -> None:
    sign_in(olga)
    page.goto(f"/clients/{northside.pk}")

    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_text("SRV01 is retired.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_text("SRV01 is looked after again.")).to_be_visible()
    expect(page.get_by_role("link", name="SRV01", exact=True)).to_be_visible()
