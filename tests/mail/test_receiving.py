"""Alert mail is kept once, read by its words, and by a person where no word tells."""

import time
from email.message import EmailMessage

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.mail.models import AlertMail, Result, Source
from rounds.mail.reading import read
from rounds.mail.receiving import (
    Words,
    add_source,
    address_of,
    change_source,
    end_source,
    keep_mail,
    source_of,
)
from rounds.mail.understanding import understand
from rounds.people.models import User

AT = timezone.now()


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=AT)


def mail(subject: str, text: str = "", **headers: str) -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def test_a_source_has_an_address_that_nobody_can_guess(source: Source, northside: Client) -> None:
    other = add_source("Backup of SRV01", northside, at=AT)

    assert address_of(source).startswith("backup-of-srv01-")
    assert source.local_part != other.local_part
    assert source_of(address_of(source).upper()) == source
    assert source_of("backup-of-srv01@localhost") is None
    assert source_of("") is None
    assert source_of("x" * 1000) is None
    assert source_of("\x00\ud800@localhost") is None


def test_a_source_that_was_ended_has_no_address_any_more(source: Source) -> None:
    end_source(source, AT)

    assert source_of(address_of(source)) is None


def test_a_source_is_of_its_clients_machine_or_of_none(source: Source, elm: Client, srv01: Machine) -> None:
    with pytest.raises(Refused, match="SRV01 is not a machine of Elm St Law"):
        add_source("Backup", elm, srv01, at=AT)


def test_the_same_mail_is_kept_once_however_often_it_is_sent(source: Source) -> None:
    raw = mail("Backup failed", Message_ID="<1@x>")

    assert keep_mail(source, raw, at=AT) == keep_mail(source, raw, at=timezone.now())
    kept = AlertMail.objects.get()
    assert (kept.result, kept.why, bytes(kept.raw_mail.raw)) == ("failure", "“failed” in the subject", raw)


def test_two_mails_of_a_script_that_names_neither_date_nor_id_are_two(source: Source) -> None:
    keep_mail(source, b"Subject: Backup OK\r\n\r\n", at=AT)
    keep_mail(source, b"Subject: Backup OK\r\n\r\n", at=timezone.now())

    assert AlertMail.objects.count() == 2


def test_words_of_its_own_read_again_what_was_not_understood(source: Source, srv01: Machine) -> None:
    kept = keep_mail(source, mail("Sicherung fehlgeschlagen"), at=AT)
    assert kept.result == Result.UNKNOWN

    understood = change_source(source, source.name, srv01, Words(failure=["fehlgeschlagen"]))

    kept = AlertMail.objects.get()
    assert understood == 1
    assert (kept.result, kept.why) == ("failure", "“fehlgeschlagen” in the subject")


def test_a_person_reads_what_no_word_tells_and_once(source: Source, theo: User) -> None:
    kept = keep_mail(source, mail("Hello"), at=AT)

    understand(kept, Result.SUCCESS, by=theo)
    with pytest.raises(Refused, match="understood meanwhile"):
        understand(kept, Result.FAILURE, by=theo)

    kept = AlertMail.objects.get()
    assert (kept.result, kept.why, kept.reading.by) == ("success", "read by Theo", theo)


@pytest.mark.parametrize(
    ("raw", "subject", "text"),
    [
        (b"Subject: =?utf-8?B?U2ljaGVydW5nIGbDvHIgSmFuYQ==?=\r\n\r\nok", "Sicherung für Jana", "ok"),
        (b"Subject: =?no-such-charset?Q?caf=C3=A9?=\r\n\r\n", "café", ""),
        (b"Subject: =?utf-8?B?A?=\r\n\r\n", "=?utf-8?B?A?=", ""),
        ("Subject: größer\r\n\r\n".encode("latin-1"), "gr��er", ""),
        (b"Subject: two\r\n lines\x00\r\n\r\nx\x00y", "two lines�", "x�y"),
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nfehlgeschlagen f\xfcr", "", "fehlgeschlagen für"),
        (b"Content-Type: text/plain; charset=base64\r\n\r\nplain", "", "plain"),
        (b"Content-Type: text/html\r\n\r\n<style>p{}</style><p>Backup <b>failed</b></p>&amp; <br>more",
         "", "Backup failed\n& \nmore"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n!not base64", "", None),
        (b"", "", ""),
        (b"\xff\xfe\x00", "", None),
    ],
)  # fmt: skip
def test_a_mail_is_read_however_broken(raw: bytes, subject: str, text: str | None) -> None:
    told = read(raw)

    assert told.subject == subject
    if text is not None:
        assert [line.strip() for line in told.text.splitlines()] == [line.strip() for line in text.splitlines()]


def test_of_a_mail_in_parts_the_plain_text_is_read_and_files_are_not() -> None:
    message = EmailMessage()
    message["Subject"] = "Log"
    message.set_content("Backup finished")
    message.add_alternative("<p>Backup <b>failed</b></p>", subtype="html")
    message.add_attachment(b"failed failed failed", maintype="text", subtype="plain", filename="log.txt")

    assert read(message.as_bytes()).text.strip() == "Backup finished"


def test_parts_within_parts_without_end_are_read() -> None:
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth) for depth in range(3000)
    )

    assert read(b"Subject: deep\r\n" + raw + b"\r\nfailed\r\n").subject == "deep"


fragments = st.sampled_from([
    b"Subject: ", b"From: <", b"=?utf-8?Q?", b"?=", b"\r\n\r\n", b"\r\n--x\r\n", b"--x--",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: text/html; charset=", b"utf-7", b"idna",
    b"Content-Transfer-Encoding: base64\r\n", b"quoted-printable", b"Content-Disposition: attachment; filename*=",
    b"message/rfc822", b"\x00", b"\xff\xfe", b"<script", b"&#x110000;",
])  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(fragments, st.binary(max_size=20)), max_size=30).map(b"".join))
def test_garbage_is_read(raw: bytes) -> None:
    told = read(raw)

    for text in (told.sender, told.subject, told.text):
        assert "\x00" not in text
        text.encode()  # no half characters, which a database refuses


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff" * 500, b"Subject: " + b"x" * 5000 + b"\r\n\r\n", b"From: \xf0\x28\r\n\r\n"]
)
def test_garbage_is_kept(source: Source, raw: bytes) -> None:
    keep_mail(source, raw, at=AT)

    assert bytes(AlertMail.objects.get().raw_mail.raw) == raw


BOMBS = {
    "a head without end": b"X-A: b\r\n" * 3_000_000,
    "a subject without end": b"Subject: " + b"=?utf-8?B?QUFB?= " * 500_000 + b"\r\n\r\n",
    "one line of 25 MB": b"Subject: large\r\n\r\n" + b"x" * 25_000_000,
    "addresses without end": b"To: " + b"a@b.example, " * 700_000 + b"\r\n\r\n",
    "brackets without end": b"From: " + b"<" * 5_000_000 + b"\r\n\r\n",
    "marks that are not closed": b"Content-Type: text/html\r\n\r\n" + b"<br " * 2_000_000,
    "marks within marks": b"Content-Type: text/html\r\n\r\n" + b"<script><head><" * 500_000,
    "blanks without end": b"Content-Type: text/html\r\n\r\n</script" + b" " * 9_000_000,
    "parts without end": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 1_000_000,
    "references without end": b"Content-Type: text/html\r\n\r\n" + b"&#x41" * 1_000_000,
    "nothing but zeros": b"\x00" * 10_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_kept_and_read_in_seconds_and_the_next_mail_is_read(source: Source, bomb: bytes) -> None:
    before = time.process_time()

    keep_mail(source, bomb, at=AT)

    assert time.process_time() - before < 10
    assert bytes(AlertMail.objects.get().raw_mail.raw) == bomb
    assert keep_mail(source, mail("Backup failed"), at=AT).result == "failure"


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("Backup <Backup@SRV01.example>", "backup@srv01.example"),
        ("backup@srv01.example", "backup@srv01.example"),
        ("a@b.example <evil@x.example>", "evil@x.example"),
        ("a@b.example, c@d.example", ""),
        ("<a@b.example> <c@d.example>", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_who_sent_a_mail_is_told_by_its_address_and_never_by_a_name(sender: str, address: str) -> None:
    assert read(f"From: {sender}\r\n\r\n".encode()).sender_address == address


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        ("Thu, 26 Nov 2026 21:14:05 -0500", "2026-11-26T21:14:05-05:00"),
        ("26 Nov 2026 21:14:05", None),
        ("Thu, 99 Nov 2026 99:14:05 -0500", None),
        ("yesterday", None),
        ("Thu, 26 Nov 99999999999 21:14:05 +9999", None),
    ],
)
def test_a_date_is_one_with_a_zone_or_none(date: str, sent_at: str | None) -> None:
    told = read(f"Date: {date}\r\n\r\n".encode()).sent_at

    assert (told.isoformat() if told else None) == sent_at


def test_too_many_words_are_refused() -> None:
    with pytest.raises(Refused, match="at most 50 words"):
        Words(failure=["x"] * 51)
    with pytest.raises(Refused, match="100 characters"):
        Words(success=["x" * 101])
