"""Letters: written once for their cause, sent at least once, tried again while the mail server is away."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.test import Client as Browser

from rounds.core.money import Refused
from rounds.mail.models import Letter
from rounds.mail.sending import Attachment, send_due, try_again, write_letter
from rounds.people.models import Shop, User

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
type AsPerson = Callable[[User], Browser]


class Mailbox:
    """A mail server that keeps what it is given, and refuses the recipients it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 kept"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port(settings: Any) -> int:
    """Where the shop's mail server is, or will be."""
    number = _free_port()
    options = {"host": "127.0.0.1", "port": number, "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    settings.DEFAULT_FROM_EMAIL = "rounds@shop.example"
    return number


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box
    server.stop()


def _written(key: str = "invoice 7", **changes: Any) -> Letter:
    letter = write_letter(key, ["nora@northside.example"], "Invoice 7", "Here is your invoice.", **changes)
    Letter.objects.filter(pk=letter.pk).update(next_try_at=NOON)
    return letter


@pytest.mark.django_db
def test_a_letter_is_written_once_for_its_cause() -> None:
    first = write_letter("invoice 7", ["nora@northside.example"], "Invoice 7", "Here it is.")

    second = write_letter("invoice 7", ["eve@elm.example"], "Something else", "Never mind.")

    assert second.pk == first.pk
    assert Letter.objects.get().to == ["nora@northside.example"]


@pytest.mark.django_db
def test_a_letter_to_nobody_is_refused() -> None:
    with pytest.raises(Refused, match="nobody to go to"):
        write_letter("invoice 7", [" "], "Invoice 7", "Here it is.")


def test_a_letter_arrives_with_its_attachment_and_from_the_shop(shop: Shop, mailbox: Mailbox) -> None:
    Shop.objects.update(email="office@shop.example")
    _written(attachment=Attachment("invoice-7.pdf", b"%PDF-1.7 seven"))

    sent = send_due(NOON)

    assert sent == 1
    (mail,) = mailbox.mails
    assert mail["From"] == f"{shop.name} <rounds@shop.example>"
    assert mail["Reply-To"] == "office@shop.example"
    assert mail["To"] == "nora@northside.example"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().strip() == "Here is your invoice."
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "invoice-7.pdf"
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content() == b"%PDF-1.7 seven"


def test_running_it_twice_sends_nothing_twice(shop: Shop, mailbox: Mailbox) -> None:
    _written()

    counts = [send_due(NOON), send_due(NOON), send_due(NOON + timedelta(days=9))]

    assert counts == [1, 0, 0]
    assert len(mailbox.mails) == 1


def test_while_the_server_is_away_it_is_tried_again_with_longer_waits(shop: Shop, port: int) -> None:
    letter = _written()
    waits = []

    at = NOON
    for _ in range(8):
        assert send_due(at) == 0
        letter.refresh_from_db()
        waits.append(letter.next_try_at - at)
        at = letter.next_try_at

    assert [wait.total_seconds() / 60 for wait in waits] == [1, 5, 15, 60, 240, 720, 720, 720]
    assert letter.tries == 8
    assert letter.last_error == "The mail server does not answer."

    server = Controller(box := Mailbox(), hostname="127.0.0.1", port=port)
    server.start()
    assert send_due(at) == 1
    server.stop()

    letter.refresh_from_db()
    assert letter.sent_at is not None
    assert letter.last_error == ""
    assert len(box.mails) == 1


def test_a_refused_address_is_told_and_holds_up_nobody_else(shop: Shop, mailbox: Mailbox) -> None:
    mailbox.refused.add("nora@northside.example")
    refused = _written()
    write_letter("invoice 8", ["eve@elm.example"], "Invoice 8", "Here it is.")
    Letter.objects.update(next_try_at=NOON)

    sent = send_due(NOON)

    assert sent == 1
    refused.refresh_from_db()
    assert "no such mailbox" in refused.last_error
    assert [mail["To"] for mail in mailbox.mails] == ["eve@elm.example"]


def test_a_letter_in_another_ticker_s_hands_is_left_alone_until_its_claim_runs_out(
    shop: Shop, mailbox: Mailbox
) -> None:
    """What a kill between "accepted" and our note of it leaves: it goes again, later, as the same message."""
    letter = _written()
    assert send_due(NOON) == 1
    Letter.objects.filter(pk=letter.pk).update(sent_at=None)  # killed before the note

    too_early = send_due(NOON + timedelta(minutes=9))
    later = send_due(NOON + timedelta(minutes=11))

    assert (too_early, later) == (0, 1)
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_line_break_in_a_subject_adds_no_header(shop: Shop, mailbox: Mailbox) -> None:
    write_letter("x", ["nora@northside.example"], "Invoice\r\nBcc: eve@elm.example", "Here.")
    Letter.objects.update(next_try_at=NOON)

    assert send_due(NOON) == 1

    assert mailbox.mails[0]["Bcc"] is None
    assert mailbox.mails[0]["Subject"] == "Invoice Bcc: eve@elm.example"


def test_an_impossible_address_is_an_error_in_words_and_no_crash(shop: Shop, mailbox: Mailbox) -> None:
    write_letter("x", ["nora@northside.example\nBcc: eve@elm.example"], "Invoice", "Here.")
    Letter.objects.update(next_try_at=NOON)

    assert send_due(NOON) == 0

    assert Letter.objects.get().last_error != ""
    assert mailbox.mails == []


def test_the_office_tries_a_letter_again_at_once(theo: User, as_person: AsPerson) -> None:
    letter = _written()
    Letter.objects.update(next_try_at=NOON + timedelta(days=40_000), tries=3, last_error="The mail server is away.")

    page = as_person(theo).get("/letters?state=failed")
    reply = as_person(theo).post(f"/letters/{letter.pk}/try", follow=True)

    assert "The mail server is away." in page.content.decode()
    assert "is tried again within a minute" in reply.content.decode()
    letter.refresh_from_db()
    assert (letter.next_try_at - letter.written_at).days < 1


@pytest.mark.django_db
def test_a_letter_that_has_gone_is_not_sent_again() -> None:
    letter = _written()
    Letter.objects.update(sent_at=NOON)

    assert not try_again(letter, NOON)


def test_the_list_is_searched_and_taken_as_csv(theo: User, as_person: AsPerson) -> None:
    _written()
    write_letter("invoice 8", ["eve@elm.example"], "=Invoice 8", "Here it is.")

    page = as_person(theo).get("/letters?q=elm.example").content.decode()
    table = as_person(theo).get("/letters?format=csv").getvalue().decode()

    assert "=Invoice 8" in page
    assert "nora@northside.example" not in page
    assert "'=Invoice 8" in table
    assert "nora@northside.example" in table


@pytest.mark.parametrize("path", ["/letters", "/letters/1"])
def test_letters_do_not_exist_for_a_contact(stranger: User, as_person: AsPerson, path: str) -> None:
    letter = _written()

    reply = as_person(stranger).get(path.replace("1", str(letter.pk)))

    assert reply.status_code == 404


def test_a_contact_tries_nothing_again(stranger: User, as_person: AsPerson) -> None:
    letter = _written()

    reply = as_person(stranger).post(f"/letters/{letter.pk}/try")

    assert reply.status_code == 404
    letter.refresh_from_db()
    assert letter.next_try_at == NOON
