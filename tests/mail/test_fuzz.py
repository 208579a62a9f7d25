"""A mail that chance has damaged is read, understood by some rule or by none, and kept; nothing grows.

`make proofs` asks for a million inputs.
"""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rounds.clients.models import Client
from rounds.core.trusting import read_checks
from rounds.mail.models import AlertMail, Source
from rounds.mail.reading import read
from rounds.mail.receiving import add_source, keep_mail
from rounds.mail.understanding import Reader
from tests.growing import left_behind

INPUTS = 1_000_000 if "ROUNDS_LONG" in os.environ else 3000
KEPT = INPUTS // 100  # of them go all the way, into the database
GROWTH = 4 * 1024 * 1024  # bytes that a run may leave behind, however long it is
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
REAL = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("packs/*.eml"))]
TOKENS = (
    b"\r\n", b"\r\n\r\n", b"\n", b"\0", b"\xff\xfe", b"=?utf-8?b?/w==?=", b"=?x?q?=00?=", b"--", b"--=_x--\r\n",
    b"Content-Type: multipart/mixed; boundary=\"\"\r\n", b"Content-Type: text/csv; charset=utf-7\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Disposition: attachment; filename*=utf-8''%00\r\n",
    b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n", b"Authentication-Results: a; spf=;dkim=(((\r\n", b"From: <@>\r\n",
    b"<table><tr><td rowspan=99999999>", b"</table>", b"&#x110000;", b"a,b\r\n\"1,2\r\n", b"Subject: " + b"x" * 5000,
    b"\xf0\x9f\x92\xa3", "\u202e\u0130".encode(), b"1" * 400, b"9999-12-31 23:59:60", b"failed", b"success", b"(" * 300,
)  # fmt: skip


def damaged(chance: random.Random) -> bytes:
    """A real mail, or two of them mixed, with some bytes changed, put in, cut out or doubled."""
    mail = chance.choice(REAL)
    if chance.random() < 0.2:
        other = chance.choice(REAL)
        mail = mail[: chance.randrange(len(mail))] + other[chance.randrange(len(other)) :]
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(mail) + 1)
        piece = chance.choice((chance.randbytes(chance.randrange(4)), chance.choice(TOKENS), mail[at : at + 60]))
        mail = mail[:at] + piece + mail[at + chance.choice((0, 1, 5, 30, 400)) :]
    return mail


def mails(inputs: int) -> Iterator[bytes]:
    """So many damaged mails; others in every long run."""
    chance = random.Random(None if "ROUNDS_LONG" in os.environ else inputs)  # noqa: S311
    return (damaged(chance) for _ in range(inputs))


def understood(inputs: int) -> int:
    """How many of so many mails some rule understands."""
    source, reader = Source(name="Backup"), Reader(0)
    told = [reader.understand(source, read(mail))[0] is not None for mail in mails(inputs)]
    return sum(told)


def test_a_damaged_mail_is_read_and_understood_or_not() -> None:
    source, reader, count = Source(name="Backup"), Reader(0), 0
    for raw in mails(INPUTS):
        told = read(raw)
        assert read(raw).digest() == told.digest()
        assert read_checks(told.checks, ("mx.example.com",)) is not None
        understood, _ = reader.understand(source, told)
        count += understood is not None
        for text in (told.sender, told.subject, told.text, *(sheet.text for sheet in told.sheets)):
            assert "\0" not in text
            text.encode()  # no half characters, which a database refuses

    assert INPUTS // 10 < count < INPUTS


@pytest.mark.django_db
def test_a_damaged_mail_is_kept_and_read_or_waits(northside: Client) -> None:
    source = add_source("Backup", northside, at=NOW)
    for raw in mails(KEPT):
        kept = keep_mail(source, raw, at=NOW)
        assert bytes(kept.raw_mail.raw) == raw or kept.digest == read(raw).digest()  # it says the same as another
    mails_kept = AlertMail.objects.all()
    assert mails_kept.count() > KEPT // 2
    assert not mails_kept.filter(readings=None, waits=None).exists()


def test_nothing_grows() -> None:
    understood(200)

    assert left_behind(lambda: understood(min(INPUTS // 10, 20_000))) < GROWTH
