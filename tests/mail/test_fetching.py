"""Mailboxes are read by IMAP as a real server has them: each mail once, whatever breaks off, and nothing is changed."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from rounds.clients.models import Client
from rounds.mail import fetching
from rounds.mail.fetching import Box, look
from rounds.mail.models import AlertMail, Mailbox, RawMail, Source
from rounds.mail.receiving import Senders, add_source, address_of, end_source, keep_mail
from tests.mail.dovecot import Server, start, stop
from tests.mail.test_receiving import AT, mail


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server, process = start()
    yield server
    stop(process, server)


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server with an empty mailbox, whose certificate is believed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    with running.signed_in() as imap:
        if imap.select()[1] != [b"0"]:
            imap.store("1:*", "+FLAGS", "\\Deleted")
            imap.expunge()
    return running


@pytest.fixture
def source(northside: Client) -> Source:
    return add_source("Backup", northside, at=AT)


def to(source: Source, number: int = 1, subject: str = "Backup failed") -> bytes:
    return mail(subject, To=address_of(source), From="a@x.example", Message_ID=f"<{number}@x>")


def later() -> datetime:
    return timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_what_is_new_is_fetched_once_and_the_mailbox_stays_as_it_is(
    server: Server, source: Source, scheme: str
) -> None:
    came = timezone.now().replace(microsecond=0) - timedelta(hours=3)
    server.deliver(to(source), at=came)
    box = server.box(scheme)

    assert [look(box, later()), look(box, later())] == [1, 0]
    server.deliver(to(source, 2))
    assert look(box, later()) == 1

    kept = AlertMail.objects.earliest("pk")
    assert (kept.source, kept.way, kept.received_at, kept.reading.result) == (source, "imap", came, "failure")
    with server.signed_in() as imap:
        imap.select()
        assert imap.search(None, "UNSEEN")[1] == imap.search(None, "ALL")[1]


def test_it_is_not_asked_again_before_its_time(server: Server, source: Source) -> None:
    look(server.box(), timezone.now())
    server.deliver(to(source))

    assert look(server.box(), timezone.now()) == 0
    assert look(server.box(), timezone.now() + timedelta(seconds=61)) == 1


def test_a_mail_that_comes_by_both_ways_is_one(server: Server, source: Source) -> None:
    keep_mail(source, to(source), at=AT)
    server.deliver(b"Received: from a by b\r\nDelivered-To: alerts@shop.example\r\n" + to(source))

    look(server.box(), later())

    assert AlertMail.objects.get().way == "smtp"
    assert RawMail.objects.count() == 1


def test_a_mail_goes_to_whom_it_was_written_or_to_whom_its_sender_writes_or_waits(
    server: Server, source: Source, northside: Client
) -> None:
    named = add_source("Console", northside, senders=Senders(["@console.example"], is_unchecked=True), at=AT)
    server.deliver(
        mail("Backup failed", To=f"alerts+{source.local_part}@shop.example", Message_ID="<1@x>"),
        mail("Backup failed", To="alerts@shop.example", From="x@console.example", Message_ID="<2@x>"),
        mail("Backup failed", To="alerts@shop.example", From="eve@evil.example", Message_ID="<3@x>"),
    )

    assert look(server.box(), later()) == 3

    plus, by_sender, other = AlertMail.objects.order_by("pk")
    assert (plus.source, by_sender.source) == (source, named)
    assert (plus.result, by_sender.result) == ("failure", "failure")
    assert other.source.name == "Mailbox alerts@shop.example"
    assert (other.source.client, other.waiting.waits_for) == (None, "sender")


def test_mail_of_a_mailbox_whose_own_source_was_ended_is_passed_by(server: Server, source: Source) -> None:
    look(server.box(), later())
    end_source(Mailbox.objects.get().source, timezone.now())
    server.deliver(mail("Newsletter", Message_ID="<1@x>"), to(source))

    look(server.box(), later())

    assert AlertMail.objects.get().source == source


def test_two_mails_of_a_script_without_date_and_id_are_two_and_stay_two(server: Server, source: Source) -> None:
    raw = f"To: {address_of(source)}\r\nSubject: Backup OK\r\n\r\n".encode()
    server.deliver(raw, raw)
    look(server.box(), later())
    Mailbox.objects.update(last_uid=0)  # as after a backup of the database was brought back
    look(server.box(), later())

    assert AlertMail.objects.count() == 2


def test_a_mailbox_whose_mails_are_numbered_anew_brings_nothing_twice(server: Server, source: Source) -> None:
    box = server.box(folder="Reports")
    for number in (1, 2):
        with server.signed_in() as imap:
            imap.delete("Reports")
            time.sleep(1.1)  # the word that tells one numbering from another is a second of the clock
            imap.create("Reports")
        server.deliver(*(to(source, one) for one in range(number, 4)), folder="Reports")
        look(box, later())

    assert AlertMail.objects.count() == 3


def test_old_mails_of_a_mailbox_that_is_new_to_us_are_left_alone(server: Server, source: Source) -> None:
    server.deliver(to(source, 1), at=timezone.now() - timedelta(days=40))
    server.deliver(to(source, 2), at=timezone.now() - timedelta(days=1))

    assert look(server.box(), later()) == 1


def test_of_a_mail_that_is_too_large_the_beginning_is_taken(server: Server, source: Source) -> None:
    server.deliver(to(source).replace(b"\n", b"\r\n") + (b"x" * 76 + b"\r\n") * 150_000, to(source, 2))

    assert look(server.box(), later()) == 2

    large = AlertMail.objects.earliest("pk")
    assert (large.raw_mail.is_cut, large.result) == (True, "failure")
    assert len(large.raw_mail.raw) == 256 * 1024


def test_what_breaks_off_is_gone_on_with_and_nothing_is_lost_or_taken_twice(
    server: Server, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(*(to(source, number) for number in range(4)))

    def fails_at_the_third(*args: object, **named: object) -> object:
        if AlertMail.objects.count() == 2:
            raise OperationalError("the database is gone")
        return keep_mail(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(fetching, "keep_mail", fails_at_the_third)
    with pytest.raises(OperationalError):
        look(server.box(), later())
    monkeypatch.undo()
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    look(server.box(), later() + timedelta(hours=1))

    assert AlertMail.objects.count() == 4


def test_a_wrong_password_is_told_without_it_and_mended_by_the_right_one(server: Server, db: None) -> None:
    assert look(server.box(password="hunter2"), later()) == 0
    told = Mailbox.objects.get()
    assert told.error == "the server does not take the user and the password"
    assert told.error_since is not None
    since = told.error_since
    look(server.box(password="hunter3"), later())
    assert Mailbox.objects.get().error_since == since

    look(server.box(), later())

    assert (Mailbox.objects.get().error, Mailbox.objects.get().error_since) == ("", None)


def test_a_certificate_that_nobody_believes_is_no_encryption(
    server: Server, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for scheme in ("imaps", "imap+starttls"):
        look(server.box(scheme), later())
        assert "cannot be encrypted" in Mailbox.objects.get().error


def test_a_folder_that_is_not_there_is_told(server: Server, db: None) -> None:
    look(server.box(folder="Nowhere"), later())

    assert Mailbox.objects.get().error == "there is no folder “Nowhere”"


@pytest.fixture
def liar() -> Iterator[Callable[[bytes], Box]]:
    """A server that greets, says one thing to whatever it is asked, and breaks off or is silent."""
    open_sockets: list[socket.socket] = []

    def serve(says: bytes) -> Box:
        listener = socket.create_server(("127.0.0.1", 0))
        open_sockets.append(listener)

        def talk() -> None:
            connected, _ = listener.accept()
            open_sockets.append(connected)
            connected.sendall(b"* OK hello\r\n")
            while asked := connected.recv(1000):
                tag = asked.split()[0]
                if b"SEARCH" in asked or b"FETCH" in asked:
                    connected.sendall(says.replace(b"TAG", tag))
                    if b"TAG" not in says:
                        break
                else:
                    connected.sendall(b"* OK [UIDVALIDITY 7] x\r\n* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
            if says:
                connected.close()

        threading.Thread(target=talk, daemon=True).start()
        return Box.of(urlsplit(f"imap://u:p@127.0.0.1:{listener.getsockname()[1]}/"))

    yield serve
    for one in open_sockets:
        one.close()


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (b"* SEARCH 1 2 3\r\n", "the server has broken off"),
        (b"", "the server does not answer"),
        (b"\x00\xff garbage\r\n", "the server has broken off"),
        (b"* SEARCH one two\r\nTAG OK done\r\n", "what is not understood"),
        (b"* SEARCH 1\r\nTAG NO not today\r\n", "the server refuses to answer"),
    ],
)
def test_a_server_that_is_gone_silent_or_mad_holds_up_nobody(
    liar: Callable[[bytes], Box], db: None, monkeypatch: pytest.MonkeyPatch, says: bytes, error: str
) -> None:
    monkeypatch.setattr(fetching, "LONGEST_PAUSE", 1.0)
    before = time.monotonic()

    look(liar(says), later())

    assert error in Mailbox.objects.get().error
    assert time.monotonic() - before < 10
    assert Mailbox.objects.get().last_uid == 0
    assert not AlertMail.objects.exists()


def test_a_server_that_trickles_is_broken_off(
    liar: Callable[[bytes], Box], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LONGEST_LOOK", 1.5)

    look(liar(b""), later())

    assert Mailbox.objects.get().error == "the server has broken off"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("imap://u:hunter2@mail.example.com/INBOX", "the password would go in the clear"),
        ("http://u:hunter2@mail.example.com/", "write it like imaps://"),
        ("imaps://mail.example.com/INBOX", "write it like imaps://"),
    ],
)
def test_an_address_that_is_wrong_is_refused_at_the_start_without_its_password(
    tmp_path: Path, address: str, why: str
) -> None:
    environment = {**os.environ, "ROUNDS_HOME": str(tmp_path), "ROUNDS_IMAP": address}

    said = subprocess.run(
        [sys.executable, "-m", "rounds.web", "check"], env=environment, capture_output=True, text=True, check=False
    )

    assert said.returncode != 0
    assert why in said.stderr
    assert "hunter2" not in said.stderr


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_every_mail_is_taken_once(server: Server, tmp_path: Path) -> None:
    source = add_source("Backup", Client.objects.create(name="Northside Dental"), at=AT)
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        (tmp_path / "rounds.sqlite3").symlink_to(name)
    environment = {
        **os.environ, "ROUNDS_HOME": str(tmp_path), "ROUNDS_LISTEN": "127.0.0.1:0", "PGDATABASE": name,
        "ROUNDS_IMAP": server.address(),
    }  # fmt: skip
    mails = 60
    server.deliver(*(to(source, number) for number in range(mails)))

    for pause in (1.5, 2.0, 2.5, 60):
        Mailbox.objects.update(next_look_at=timezone.now())
        listener = subprocess.Popen(
            [sys.executable, "-m", "rounds.web", "listen"], env=environment, stdout=subprocess.PIPE
        )
        assert listener.stdout is not None
        until = time.monotonic() + pause
        while time.monotonic() < until and not Mailbox.objects.exclude(looked_at=None).exists():
            time.sleep(0.05)
        listener.send_signal(signal.SIGTERM if pause == 60 else signal.SIGKILL)
        listener.wait(20)
        listener.stdout.close()

    assert AlertMail.objects.filter(source=source).count() == mails
    assert RawMail.objects.count() == mails


def test_no_password_stands_in_what_is_logged_or_kept(
    server: Server, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    look(server.box(password="hunter2"), later())
    look(server.box(), later())

    assert "hunter2" not in caplog.text
    assert "hunter2" not in str(list(Mailbox.objects.values()))
