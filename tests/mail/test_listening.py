"""The listener as other products meet it: a process of its own, real SMTP, real refusals."""

import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from rounds.clients.models import Client
from rounds.mail.models import AlertMail, Source
from rounds.mail.receiving import add_source, address_of, end_source
from tests.mail.dovecot import make_certificate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(transactional_db: None) -> Source:
    return add_source("Backup", Client.objects.create(name="Northside Dental"), at=timezone.now())


@contextmanager
def started(home: Path, **more: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A listener on the tests' database: its port and its process, which is stopped unless it was killed."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not (home / "rounds.sqlite3").exists():
        (home / "rounds.sqlite3").symlink_to(name)
    environment = {**os.environ, "ROUNDS_HOME": str(home), "ROUNDS_LISTEN": "127.0.0.1:0", "PGDATABASE": name, **more}
    listener = subprocess.Popen(
        [sys.executable, "-m", "rounds.web", "listen"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert listener.stdout is not None
    said = listener.stdout.readline()
    assert said.startswith("Alert mail is taken on port ")
    yield int(said.split()[-1]), listener
    listener.send_signal(signal.SIGTERM)
    assert listener.wait(10) in {0, -signal.SIGKILL}
    listener.stdout.close()


@pytest.fixture
def port(source: Source, tmp_path: Path) -> Iterator[int]:
    """The port of a listener."""
    with started(tmp_path) as (taken, process):
        yield taken
    assert process.returncode == 0


def message(subject: str = "Backup failed") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "backup@srv01.example", subject, "<1@srv01.example>"
    made.set_content("Sicherung für SRV01", charset="iso-8859-1")
    return made


def test_a_mail_to_a_source_is_on_disk_when_it_is_acknowledged_and_once(port: int, source: Source) -> None:
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            assert smtp.send_message(message(), to_addrs=[address_of(source)]) == {}
        kept = AlertMail.objects.get()

    assert (kept.source, kept.sender, kept.subject, kept.result) == (
        source, "backup@srv01.example", "Backup failed", "failure",
    )  # fmt: skip


def test_an_unknown_address_is_refused_and_so_is_one_that_was_ended(port: int, source: Source) -> None:
    end_source(source, timezone.now())
    for address in ("nobody@localhost", address_of(source), "postmaster@localhost"):
        with (
            smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp,
            pytest.raises(smtplib.SMTPRecipientsRefused) as refused,
        ):
            smtp.send_message(message(), to_addrs=[address])
        assert refused.value.recipients[address][0] == 550

    assert not AlertMail.objects.exists()


def test_a_mail_for_two_where_one_is_unknown_is_kept_for_the_one(port: int, source: Source) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        refused = smtp.send_message(message(), to_addrs=["nobody@localhost", address_of(source)])

    assert list(refused) == ["nobody@localhost"]
    assert AlertMail.objects.get().source == source


def test_a_mail_of_20_megabytes_is_refused_and_the_next_is_taken(port: int, source: Source) -> None:
    line = b"x" * 70 + b"\r\n"
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.example")
        smtp.rcpt(address_of(source))
        assert smtp.data(b"Subject: large\r\n\r\n" + line * (20_000_000 // len(line)))[0] == 552
        # Whoever says the size beforehand is refused before he sends it.
        assert smtp.mail("a@b.example", ["SIZE=20000000"])[0] == 552
        assert smtp.send_message(message(), to_addrs=[address_of(source)]) == {}

    assert AlertMail.objects.get().subject == "Backup failed"


def test_lines_that_are_too_long_for_the_standard_are_taken(port: int, source: Source) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.sendmail("a@b.example", [address_of(source)], b"Subject: ok\r\n\r\n" + b"y" * 50_000 + b"\r\n")

    assert AlertMail.objects.get().result == "success"


@pytest.mark.parametrize(
    "said",
    [
        b"\x00\xff\xfe garbage \r\n" * 50,
        b"EHLO x\r\nMAIL FROM:<\xff>\r\nRCPT TO:<\x00@\xff>\r\nDATA\r\n.\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"x" * 300_000,
    ],
)
def test_garbage_is_answered_and_the_next_mail_is_taken(port: int, source: Source, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.recv(100)
        raw.sendall(said)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(1000):
            pass

    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.send_message(message(), to_addrs=[address_of(source)])
    assert AlertMail.objects.count() == 1


def test_too_many_connections_are_told_to_come_again(port: int, source: Source) -> None:
    held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(41)]
    greetings = [one.recv(4) for one in held]
    for one in held:
        one.close()

    assert sorted(greetings) == [b"220 "] * 40 + [b"421 "]


def test_a_bad_address_to_listen_on_is_named(tmp_path: Path) -> None:
    environment = {**os.environ, "ROUNDS_HOME": str(tmp_path), "ROUNDS_LISTEN": "nowhere"}
    said = subprocess.run(
        [sys.executable, "-m", "rounds.web", "listen"], env=environment, capture_output=True, text=True, check=False
    )

    assert said.returncode == 1
    assert "write it like 127.0.0.1:8025" in said.stderr


@pytest.fixture
def certified(source: Source, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A listener that offers STARTTLS; its port and its certificate."""
    certificate = make_certificate(tmp_path / "listener.pem")
    with started(tmp_path, ROUNDS_LISTEN_CERTIFICATE=str(certificate)) as (taken, _):
        yield taken, certificate


def test_a_mail_is_taken_encrypted_and_unencrypted(certified: tuple[int, Path], source: Source) -> None:
    port, certificate = certified
    for number in range(3):
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            if number:
                smtp.starttls(context=ssl.create_default_context(cafile=str(certificate)))
            made = message()
            made.replace_header("Message-ID", f"<{number}@srv01.example>")
            assert smtp.send_message(made, to_addrs=[address_of(source)]) == {}

    assert AlertMail.objects.count() == 3


def _hear(connected: socket.socket, until: bytes) -> bytes:
    said = b""
    while until not in said or not said.endswith(b"\r\n"):
        said += connected.recv(1000)
        assert said
    return said


def test_what_is_said_before_the_encryption_counts_for_nothing_after_it(
    certified: tuple[int, Path], source: Source
) -> None:
    port, certificate = certified
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        plain.sendall(b"EHLO x\r\n")
        _hear(plain, b"\r\n250 ")
        plain.sendall(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
        _hear(plain, b"220 Ready to start TLS\r\n")
        context = ssl.create_default_context(cafile=str(certificate))
        with context.wrap_socket(plain, server_hostname="localhost") as encrypted:
            encrypted.sendall(f"EHLO x\r\nRCPT TO:<{address_of(source)}>\r\n".encode())
            said = _hear(encrypted, b"503 ")

    assert b"503 Error: need MAIL command" in said


def test_a_renewed_certificate_is_used_without_a_new_start(certified: tuple[int, Path], tmp_path: Path) -> None:
    port, certificate = certified
    certificate.write_text("broken while it is renewed")
    renewed = make_certificate(tmp_path / "renewed.pem")
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            smtp.ehlo()
            assert smtp.has_extn("starttls")
        if renewed.exists():
            renewed.replace(certificate)

    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=str(certificate)))


def test_a_certificate_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    environment = {**os.environ, "ROUNDS_HOME": str(tmp_path), "ROUNDS_LISTEN_CERTIFICATE": str(tmp_path / "none.pem")}
    said = subprocess.run(
        [sys.executable, "-m", "rounds.web", "listen"], env=environment, capture_output=True, text=True, check=False
    )

    assert said.returncode == 1
    assert "ROUNDS_LISTEN_CERTIFICATE" in said.stderr


def test_slow_senders_give_way_to_whoever_comes(port: int, source: Source) -> None:
    held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(40)]
    for one in held:
        assert one.recv(4) == b"220 "
    busy = held[7]  # it has sent more than the others, and stays
    for _ in range(20):
        busy.sendall(b"NOOP\r\n")
    time.sleep(11)

    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        assert smtp.send_message(message(), to_addrs=[address_of(source)]) == {}

    busy.settimeout(2)
    busy.sendall(b"QUIT\r\n")
    said = b""
    while b"221" not in said:
        said += busy.recv(1000)
    turned_away = 0
    for one in held:
        one.settimeout(0.05)
        try:
            turned_away += b"421 4.3.2 too slow" in one.recv(10_000)
        except TimeoutError:
            continue
        finally:
            one.close()
    assert turned_away == 1


def test_killed_between_keeping_and_answering_a_mail_that_is_sent_again_is_one(source: Source, tmp_path: Path) -> None:
    mails, answered = 25, 0
    kill_at = {3, 9, 14, 20}
    while answered < mails:
        with started(tmp_path) as (port, process):
            while answered < mails:
                made = message()
                made.replace_header("Message-ID", f"<{answered}@srv01.example>")
                try:
                    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
                        if answered in kill_at:
                            kill_at.discard(answered)
                            threading.Timer(0.02, process.kill).start()
                        smtp.send_message(made, to_addrs=[address_of(source)])
                except (OSError, smtplib.SMTPException):
                    break
                answered += 1

    assert not kill_at
    assert AlertMail.objects.count() == mails
