"""A real browser on a real server: any complaint in its console fails the test."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from rounds.people.models import User

type SignIn = Callable[[User], None]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, quiet."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise pytest.UsageError("the browser tests need Chromium: apt install chromium")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    args = ["--no-sandbox", "--disable-gpu", *quiet]
    return {**browser_type_launch_args, "executable_path": chromium, "args": args}


@pytest.fixture(scope="session")
def base_url(live_server: Any) -> str:
    """The live server, by a name that passkeys accept."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def page(page: Page, base_url: str) -> Iterator[Page]:
    """A page on the live server; what its console says fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.type}: {message.text} ({page.url})")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.set_default_timeout(10_000)
    yield page
    assert complaints == []


@pytest.fixture
def sign_in(context: BrowserContext, base_url: str) -> SignIn:
    """Sign a person in without the form."""

    def as_person(person: User) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": base_url}
        context.add_cookies([cookie])  # type: ignore[list-item]

    return as_person


def sideways(page: Page) -> int:
    """By how many pixels the page scrolls sideways; it must be 0 at 360."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def barriers(page: Page) -> list[str]:
    """What axe finds that keeps people out, in short."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
