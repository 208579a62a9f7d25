"""The client's own pages: what he sees, what he answers, and that nobody sees what is another's."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Agreement, Client, Contact, Machine
from rounds.core.money import Refused
from rounds.findings.models import Finding
from rounds.people.models import User
from rounds.portal.asking import LARGEST_PHOTO, Plea, ask_for_help
from rounds.portal.models import HelpRequest
from rounds.upkeep.models import Duty, Evidence, Routine
from rounds.work.models import Answer, Approval, Order, Proposal, Stint
from rounds.work.timing import Worked, enter
from tests.portal.conftest import AT, PNG, browser_of


def text_of(browser: Browser, address: str) -> str:
    reply = browser.get(address)
    assert reply.status_code == 200, address
    return " ".join(reply.content.decode().split())


def finding_on(machine: Machine, rule: str, days: int, *, severity: str = "soon") -> Finding:
    return Finding.objects.create(
        client=machine.site.client, machine=machine, rule=rule, severity=severity, title="kernel 6.1 CVE backlog",
        opened_at=timezone.now() - timedelta(days=days),
    )  # fmt: skip


PAGES = ("/portal/", "/portal/work", "/portal/invoices", "/portal/requests", "/portal/requests/new")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_for_contacts_only(portal: Browser, theo: User, page: str) -> None:
    assert portal.get(page).status_code == 200
    assert browser_of(theo).get(page).status_code == 404
    assert Browser().get(page).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_sees_nothing_of_another_client(
    proposal: Proposal, stint: Stint, srv01: Machine, stranger: User, page: str
) -> None:
    finding_on(srv01, "disk-full", 3)

    shown = text_of(browser_of(stranger), page)

    for word in ("Northside", "SRV01", "memory", "Printer", "driver"):
        assert word not in shown


def test_a_strangers_addresses_do_not_exist(
    call_first: Agreement, proposal: Proposal, stint: Stint, srv01: Machine, stranger: User, nora: User
) -> None:
    contact = Contact.objects.get(user=nora)
    asked = ask_for_help(contact, Plea(uuid4(), "Help", srv01, PNG), by=nora, at=AT)
    browser = browser_of(stranger)

    assert browser.get(f"/portal/proposals/{proposal.pk}").status_code == 404
    assert browser.get(f"/portal/requests/{asked.pk}/photo").status_code == 404
    assert browser.post(f"/portal/proposals/{proposal.pk}/answers", {"verdict": "agree"}).status_code == 404
    assert browser.post(f"/portal/stints/{stint.pk}/approval").status_code == 404
    assert browser.get("/portal/invoices/2026-0001").status_code == 404
    assert browser.get("/portal/invoices/2026-0001.pdf").status_code == 404
    assert not Answer.objects.exists()
    assert not Approval.objects.exists()


def test_a_machine_of_another_client_cannot_be_named(stranger: User, srv01: Machine) -> None:
    told = {"key": str(uuid4()), "text": "Help", "machine": srv01.pk}

    reply = browser_of(stranger).post("/portal/requests/new", told)

    assert "Select a valid choice" in reply.content.decode()
    assert not HelpRequest.objects.exists()


def test_who_has_left_sees_nothing(portal: Browser, nora: User) -> None:
    Contact.objects.filter(user=nora).update(left_at=AT)

    assert portal.get("/portal/").status_code == 404


def test_what_is_not_measured_is_never_well(portal: Browser) -> None:
    shown = text_of(portal, "/portal/")

    assert "Everything is well" not in shown
    assert "Your machines are not measured" in shown
    assert "not measured: we look after it by hand" in shown


def test_what_is_wrong_is_told_without_jargon(portal: Browser, srv01: Machine) -> None:
    other = Machine.objects.create(site=srv01.site, name="PC-07")
    finding_on(srv01, "updates-late", 12)
    finding_on(other, "updates-late", 3)
    finding_on(other, "backup-failed", 0, severity="trouble")

    shown = text_of(portal, "/portal/")

    assert "We are looking after 2 things" in shown
    assert "Updates are 12 days late on PC-07 and SRV01" in shown
    assert "A test of the backup of PC-07 has failed" in shown
    assert "CVE" not in shown


def test_two_things_need_you(portal: Browser, call_first: Agreement, proposal: Proposal, stint: Stint) -> None:
    shown = text_of(portal, "/portal/")

    assert "Two things need you" in shown
    assert "4–10 hours in which 9 people cannot work, about 1,100–2,700 USD" in shown
    assert "costs about <strong>150.00 USD</strong>" in shown
    assert "Done without asking you: Printer does not answer" in shown


@pytest.mark.parametrize(("verdict", "until"), [("agree", None), ("defer", date(2199, 2, 1)), ("decline", None)])
def test_an_answer_in_the_portal_is_the_contacts_own(
    portal: Browser, proposal: Proposal, nora: User, verdict: str, until: date | None
) -> None:
    told = {"verdict": verdict, "until": until.isoformat() if until else "", "note": "Thanks"}

    portal.post(f"/portal/proposals/{proposal.pk}/answers", told)

    kept = Answer.objects.get()
    assert (kept.verdict, kept.until, kept.who, kept.channel) == (verdict, until, "Nora", "portal")
    assert (kept.recorded_by, kept.note) == (nora, "Thanks")
    assert Order.objects.exists() == (verdict == "agree")


def test_agreeing_twice_makes_one_order(portal: Browser, proposal: Proposal) -> None:
    for _ in range(2):
        portal.post(f"/portal/proposals/{proposal.pk}/answers", {"verdict": "agree"})

    assert Order.objects.count() == Answer.objects.count() == 1


def test_later_without_a_day_is_the_next_month(portal: Browser, proposal: Proposal) -> None:
    portal.post(f"/portal/proposals/{proposal.pk}/answers", {"verdict": "defer"})

    until = Answer.objects.get().until
    assert until is not None
    assert until.day == 1


def test_a_wrong_answer_is_shown_again(portal: Browser, proposal: Proposal) -> None:
    told = {"verdict": "defer", "until": "2020-01-01", "note": "keep this"}

    shown = portal.post(f"/portal/proposals/{proposal.pk}/answers", told).content.decode()

    assert "tomorrow at the earliest" in shown
    assert "keep this" in shown
    assert not Answer.objects.exists()


def test_who_may_not_decide_sees_and_cannot_answer(
    frank: User, call_first: Agreement, proposal: Proposal, stint: Stint
) -> None:
    browser = browser_of(frank)

    shown = text_of(browser, "/portal/")
    page = text_of(browser, f"/portal/proposals/{proposal.pk}")
    answered = browser.post(f"/portal/proposals/{proposal.pk}/answers", {"verdict": "agree"}, follow=True)
    browser.post(f"/portal/stints/{stint.pk}/approval")

    assert "Server memory is short" in shown
    assert "Nora can answer" in shown
    assert 'value="agree"' not in shown + page
    assert "Only Nora can answer this" in answered.content.decode()
    assert not Answer.objects.exists()
    assert not Approval.objects.exists()


def test_work_done_without_asking_is_approved_once(
    portal: Browser, call_first: Agreement, stint: Stint, nora: User
) -> None:
    portal.post(f"/portal/stints/{stint.pk}/approval")
    again = portal.post(f"/portal/stints/{stint.pk}/approval")

    kept = Approval.objects.get()
    assert (kept.stint, kept.who, kept.channel, kept.recorded_by) == (stint, "Nora", "portal", nora)
    assert again.status_code == 404


def test_what_was_done_is_shown_with_what_shows_it(
    portal: Browser, stint: Stint, northside: Client, srv01: Machine, theo: User
) -> None:
    now = timezone.now()
    enter(stint.order, Worked(now - timedelta(minutes=10), 10, is_no_charge=True), who=theo, at=now)
    routine = Routine.objects.create(name="Restore random files", cadence="weekly", starts=date(2026, 1, 1))
    for days in (2, 1):
        duty = Duty.objects.create(routine=routine, client=northside, machine=srv01, due_on=date(2026, 4, days))
        Evidence.objects.create(duty=duty, is_good=True, summary="3 of 3 files came back", at=now)

    shown = text_of(portal, "/portal/work")

    assert "New driver installed" in shown
    assert "no charge" in shown
    assert "Restore random files</strong>, 2 times" in shown
    assert "SRV01: 3 of 3 files came back" in shown
    assert "New driver" in text_of(portal, "/portal/")
    assert "New driver" not in text_of(portal, "/portal/work?month=2020-01")
    assert "is not a month" in text_of(portal, "/portal/work?month=April")


def test_hours_left_are_a_bar(portal: Browser, northside: Client) -> None:
    Agreement.objects.create(
        client=northside, plan="service-agreement", starts=date(2026, 1, 1), included_seconds=28800
    )

    shown = text_of(portal, "/portal/")

    assert "Hours of this month" in shown
    assert '<svg class="bar' in shown


def test_asking_for_help_is_an_order_once(portal: Browser, srv01: Machine, nora: User, theo: User) -> None:
    told = {"key": str(uuid4()), "text": "The printer\nmakes noise", "machine": srv01.pk}

    for _ in range(2):
        photo = SimpleUploadedFile("noise.png", PNG, "text/html")
        portal.post("/portal/requests/new", {**told, "photo": photo})

    order = Order.objects.get()
    asked = HelpRequest.objects.get()
    assert (order.title, order.client, order.machine, order.is_planned) == (
        "The printer", srv01.site.client, srv01, False,
    )  # fmt: skip
    assert (asked.order, asked.by, asked.photo_type) == (order, nora, "image/png")
    photo_reply = portal.get(f"/portal/requests/{asked.pk}/photo")
    assert (photo_reply.content, photo_reply["Content-Type"]) == (PNG, "image/png")
    assert browser_of(theo).get(f"/portal/requests/{asked.pk}/photo").status_code == 200
    assert "makes noise" in text_of(portal, "/portal/requests")
    assert "makes noise" in text_of(browser_of(theo), f"/work/orders/{order.pk}")


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (b"<svg onload=alert(1)>", "not a photograph that we can show"),
        (b"GIF89a", "not a photograph that we can show"),
        (PNG + bytes(LARGEST_PHOTO), "larger than 8 MB"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_photograph_is_refused_and_nothing_is_kept(portal: Browser, photo: bytes, words: str) -> None:
    told = {"key": str(uuid4()), "text": "Look", "photo": SimpleUploadedFile("x.png", photo, "image/png")}

    shown = portal.post("/portal/requests/new", told).content.decode()

    assert words in shown
    assert "Look" in shown
    assert not Order.objects.exists()


def test_help_needs_words(portal: Browser) -> None:
    shown = portal.post("/portal/requests/new", {"key": str(uuid4()), "text": " "}).content.decode()

    assert "Please say in a few words" in shown
    assert not Order.objects.exists()


def test_a_request_key_of_another_client_is_not_taken_for_ones_own(nora: User, stranger: User) -> None:
    key = uuid4()
    ours, theirs = (Contact.objects.get(user=person) for person in (nora, stranger))
    ask_for_help(ours, Plea(key, "The printer"), by=nora, at=AT)

    with pytest.raises(Refused, match="sent already"):
        ask_for_help(theirs, Plea(key, "The scanner"), by=stranger, at=AT)

    assert HelpRequest.objects.count() == Order.objects.count() == 1
