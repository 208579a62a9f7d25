"""Take pictures of the main pages of the sample shop, which must be running (`make demo`): light, dark and phone.

.venv/bin/python tests/browser/pictures.py [FOLDER [ADDRESS]]
"""

import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rounds.web.settings")
os.environ.setdefault("ROUNDS_HOME", "var/demo")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, sync_playwright

from rounds.agents.models import State
from rounds.clients.models import Client, Contact
from rounds.invoices.models import Invoice
from rounds.mail.models import AlertMail
from rounds.people.models import Role, User
from rounds.work.models import Order, Timer

LOOKS = {
    "light": {"viewport": {"width": 1200, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1200, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "device_scale_factor": 2},
}


def pages() -> dict[str, tuple[User, str]]:
    """The pages to take, each with who looks at it."""
    owner = User.objects.filter(role=Role.OWNER).earliest("pk")
    called = Client.objects.get(agreements__plan="call-first")
    contact = Contact.objects.exclude(user=None).filter(client=called).select_related("user").earliest("pk").user
    timed = Timer.objects.select_related("order").first()
    order = timed.order if timed else Order.objects.earliest("pk")
    invoice = Invoice.objects.filter(client__agreements__plan="service-agreement").latest("pk")
    machine = State.objects.latest("seen_at").machine
    assert contact is not None
    return {
        "today": (owner, "/"),
        "client": (owner, f"/clients/{called.pk}"),
        "machine": (owner, f"/machines/{machine.pk}"),
        "reports": (owner, "/reports"),
        "findings": (owner, "/findings"),
        "watches": (owner, "/watches"),
        "mail": (owner, f"/mail/{AlertMail.objects.filter(waits__row__gt=0).latest('pk').pk}"),
        "calls": (owner, "/work/calls"),
        "order": (owner, f"/work/orders/{order.pk}"),
        "invoice": (owner, f"/invoices/{invoice.full_number}"),
        "money": (owner, "/money/"),
        "portal": (contact, "/portal/"),
    }


def cookie(person: User, address: str) -> dict[str, str]:
    """A session of a person, as the browser's cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": address}


def take(browser: Browser, folder: Path, address: str) -> None:
    """Every page in every look; says what scrolls sideways or complains."""
    for look, options in LOOKS.items():
        for name, (person, path) in pages().items():
            context = browser.new_context(**options)  # type: ignore[arg-type]
            context.add_cookies([cookie(person, address)])  # type: ignore[list-item]
            page = context.new_page()
            page.on("console", lambda message: print(f"{message.location['url']}: {message.text}"))
            answer = page.goto(f"{address}{path}")
            if answer is None or answer.status != 200:
                print(f"{name}: {answer.status if answer else 'no answer'} for {path}")
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                print(f"{name}, {look}: scrolls sideways by {wide} px")
            page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
            context.close()


def main() -> None:
    """Take them all."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/pictures")
    address = sys.argv[2] if len(sys.argv) > 2 else f"http://localhost:{os.environ.get('PORT', '8000')}"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take(browser, folder, address)
    print(f"pictures are in {folder}")


if __name__ == "__main__":
    main()
