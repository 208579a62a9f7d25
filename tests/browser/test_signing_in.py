"""Signing in as people do, in a real browser: by password, code, phone and passkey; nothing may complain."""

import base64
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from rounds.people.models import User
from rounds.people.signing_in import one_time_link
from tests.browser.conftest import barriers, sideways

type SignIn = Callable[[User], None]
PASSWORD = "a long enough password"


def give_password(page: Page, person: User) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/account/login/" not in address)


def code_of(secret: str, *, steps_later: int = 0) -> str:
    """The code that a phone shows (RFC 6238: SHA-1, six digits, 30 seconds)."""
    step = int(time.time()) // 30 + steps_later
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


def say_again_who(page: Page) -> None:
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(lambda address: "reauthenticate" not in address)


def test_by_password(page: Page, theo: User) -> None:
    page.goto("/people/")
    expect(page.get_by_label("E-mail address")).to_be_focused()

    give_password(page, theo)

    expect(page.get_by_text("Theo", exact=True)).to_be_visible()


def test_by_a_mailed_code(page: Page, theo: User) -> None:
    page.goto("/account/login/")
    page.get_by_role("link", name="Mail me a code").click()
    page.get_by_label("Email").fill(theo.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()

    code = re.search(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code
    page.get_by_label("Code").fill(code[1])
    page.keyboard.press("Enter")

    expect(page.get_by_text("Theo", exact=True)).to_be_visible()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_by_a_one_time_link_without_scripts(page: Page, olga: User) -> None:
    page.goto(re.sub(r"^https?://[^/]+", "", one_time_link(olga)))

    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_text("Olga", exact=True)).to_be_visible()


def test_with_a_code_from_the_phone(page: Page, theo: User) -> None:
    give_password(page, theo)
    page.goto("/account/2fa/totp/activate/")
    say_again_who(page)
    expect(page.get_by_role("img", name="to be scanned")).to_be_visible()
    assert barriers(page) == []
    secret = page.get_by_label("Or type this into the app").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Spare codes")).to_be_visible()

    page.context.clear_cookies()
    give_password(page, theo)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_label("Code").fill(code_of(secret, steps_later=1))
    assert barriers(page) == []
    page.keyboard.press("Enter")

    expect(page.get_by_text("Theo", exact=True)).to_be_visible()


def test_with_a_passkey(page: Page, theo: User) -> None:
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
           "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    give_password(page, theo)
    page.goto("/account/2fa/webauthn/add/")
    say_again_who(page)
    assert barriers(page) == []
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Spare codes")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_text("Theo", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/login/code/", "/account/password/reset/", "/account/signup/", "/enter/MQ/1-x"]
)
def test_the_door_keeps_nobody_out(page: Page, olga: User, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})

    page.route("**/enter/**", lambda route: route.fulfill(response=route.fetch(), status=200))
    page.goto(path)

    assert barriers(page) == []
    assert sideways(page) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/account/profile", "/account/2fa/", "/account/2fa/webauthn/", "/account/email/", "/account/password/change/",
        "/account/sessions/", "/people/", "/settings/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_people_keep_nobody_out(page: Page, sign_in: SignIn, olga: User, path: str, scheme: str) -> None:
    sign_in(olga)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto(path)

    assert barriers(page) == []
    assert sideways(page) == 0
