"""The bytes of old mails go; what was understood of them stays, and nothing goes on which something still stands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.findings import letting_go, reporting
from rounds.findings.models import Finding
from rounds.mail.letting_go import retention
from rounds.mail.models import AlertMail, MailRetention, RawMail, Reading, Source, Waiting
from rounds.mail.receiving import Senders, add_source, end_source, keep_mail
from rounds.mail.ruling import add
from rounds.mail.understanding import read_again
from rounds.people.models import User
from rounds.people.shop import shop_zone
from tests.mail.test_receiving import mail
from tests.mail.test_understanding import by, rule

NOW = timezone.now()
OLD, YOUNG = NOW - timedelta(days=13 * 31), NOW - timedelta(days=380)
ADDRESS = "/settings/mail"


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=OLD)


def came(source: Source, subject: str, at: object = OLD, number: int = 1) -> AlertMail:
    raw = mail(subject, "Text", Message_ID=f"<{number}@x>", From="backup@srv01.example")
    return AlertMail.objects.get(pk=keep_mail(source, raw, at=at).pk)  # type: ignore[arg-type]


def is_there(kept: AlertMail) -> bool:
    return bool(RawMail.objects.get(mails=kept).raw)


def test_an_old_mail_goes_once_and_what_was_understood_stays(source: Source) -> None:
    old, young = came(source, "Backup OK"), came(source, "Backup OK", YOUNG, 2)
    reporting.pull()

    assert [letting_go.pull(NOW), letting_go.pull(NOW)] == [1, 0]

    assert (is_there(old), is_there(young)) == (False, True)
    kept = AlertMail.objects.get(pk=old.pk)
    assert (kept.subject, kept.reading.result, kept.raw_mail.let_go_at) == ("Backup OK", "success", NOW)
    assert len(kept.raw_mail.sha256) == 64


def test_a_mail_that_waits_stays_until_it_is_settled(source: Source, theo: User) -> None:
    waits = came(source, "Sicherung SRV01")
    assert letting_go.pull(NOW) == 0

    add(rule(result="success"), by(theo))
    read_again(NOW)
    assert letting_go.pull(NOW) == 0, "it has been read, but has had no effect yet"
    reporting.pull()

    assert letting_go.pull(NOW) == 1
    assert not is_there(waits)


def test_a_mail_that_waits_for_its_sender_stays(northside: Client) -> None:
    came(add_source("Backup", northside, senders=Senders(["a@x.example"]), at=OLD), "Backup OK")

    assert letting_go.pull(NOW) == 0


def test_what_waits_of_a_source_that_was_ended_goes_and_is_not_read_as_an_empty_one(source: Source, theo: User) -> None:
    waits = came(source, "Sicherung SRV01")
    end_source(source, NOW)

    assert letting_go.pull(NOW) == 1
    add(rule(result="success"), by(theo))

    assert read_again(NOW) == 0
    assert Waiting.objects.get().mail == waits


def test_mails_on_which_an_open_finding_stands_stay_until_it_is_closed(source: Source) -> None:
    first, between, last = (came(source, "Backup failed", OLD + timedelta(hours=n), n) for n in range(3))
    reporting.pull()

    assert letting_go.pull(NOW) == 1
    assert [is_there(one) for one in (first, between, last)] == [True, False, True]

    came(source, "Backup OK", YOUNG, 9)
    reporting.pull()
    assert not Finding.objects.still_open().exists()
    assert letting_go.pull(NOW) == 2


def test_bytes_that_came_again_lately_stay_for_both_mails(source: Source) -> None:
    same = b"Subject: Backup OK\n\nAs every night.\n"
    for at in (OLD, YOUNG):
        keep_mail(source, same, at=at)
    reporting.pull()

    assert letting_go.pull(NOW) == 0
    assert RawMail.objects.count() == 1


def test_bytes_that_come_again_after_they_went_are_kept_anew(source: Source) -> None:
    same = b"Subject: Backup OK\n\nAs every night.\n"
    keep_mail(source, same, at=OLD)
    reporting.pull()
    letting_go.pull(NOW)

    again = keep_mail(source, same, at=NOW)

    assert bytes(RawMail.objects.get(mails=again).raw) == same
    assert RawMail.objects.count() == 2


def test_a_mail_that_went_and_is_sent_again_is_the_same_mail(source: Source) -> None:
    old = came(source, "Backup OK")
    reporting.pull()
    letting_go.pull(NOW)

    assert came(source, "Backup OK", NOW) == old
    assert (Reading.objects.count(), RawMail.objects.count()) == (1, 1)


def test_for_ever_is_for_ever(source: Source) -> None:
    came(source, "Backup OK", NOW - timedelta(days=9999))
    reporting.pull()
    MailRetention.objects.create(pk=1, raw_months=None)

    assert letting_go.pull(NOW) == 0


@pytest.mark.parametrize(
    "change",
    [
        "raw = ''", "let_go_at = '2026-01-01 00:00:00+00:00'", "raw = 'other', let_go_at = '2026-01-01 00:00:00+00:00'",
        "raw = '', let_go_at = '2026-01-01 00:00:00+00:00', sha256 = 'x'",
        "raw = '', let_go_at = '2026-01-01 00:00:00+00:00', is_cut = NOT is_cut",
        "raw = '', let_go_at = '2026-01-01 00:00:00+00:00', id = id + 100", "sha256 = sha256",
    ],
)  # fmt: skip
def test_the_database_refuses_every_other_change(source: Source, change: str) -> None:
    kept = came(source, "Backup OK")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE mail_rawmail SET {change}")  # noqa: S608 - of this test

    assert is_there(kept)


@pytest.mark.parametrize("change", ["raw = 'text'", "let_go_at = NULL", "let_go_at = '2025-01-01 00:00:00+00:00'"])
def test_what_went_comes_back_by_no_change(source: Source, change: str) -> None:
    came(source, "Backup OK")
    reporting.pull()
    letting_go.pull(NOW)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE mail_rawmail SET {change}")  # noqa: S608 - of this test


def test_the_page_of_a_mail_says_that_it_went_and_when(source: Source, theo: User, stranger: User) -> None:
    old = came(source, "Backup OK")
    reporting.pull()
    letting_go.pull(NOW)
    browser = Browser()
    browser.force_login(theo)

    page, raw = browser.get(f"/mail/{old.pk}"), browser.get(f"/mail/{old.pk}/raw")

    with timezone.override(shop_zone()):
        assert f'let go on <span title="{timezone.localtime(NOW):%Y-%m-%d %H:%M}">' in page.text
    assert "As received" not in page.text
    assert raw.status_code == 410
    assert "was let go then" in raw.text
    assert browser.get(f"/mail/{old.pk}/rule").status_code == 200
    browser.force_login(stranger)
    assert browser.get(f"/mail/{old.pk}/raw").status_code == 404


def test_the_owner_says_how_long_and_shorter_waits_for_a_second_word(olga: User) -> None:
    browser = Browser()
    browser.force_login(olga)
    assert 'value="13"' in browser.get(ADDRESS).text

    assert browser.post(ADDRESS, {"raw_months": "24"}).status_code == 302
    first = browser.post(ADDRESS, {"raw_months": "6"}).text
    assert "mails older than 6 months" in first
    assert retention().raw_months == 24

    browser.post(ADDRESS, {"raw_months": "6", "confirmed": ""})
    assert (retention().raw_months, retention().set_by) == (6, olga)
    browser.post(ADDRESS, {"raw_months": ""})
    assert retention().raw_months is None
    assert "mails older than 12 months" in browser.post(ADDRESS, {"raw_months": "12"}).text
    assert browser.post(ADDRESS, {"raw_months": "0"}).status_code == 422


def test_how_long_is_for_the_owner_alone(theo: User, nora: User, stranger: User) -> None:
    for person in (theo, nora, stranger, None):
        browser = Browser()
        if person is not None:
            browser.force_login(person)
        assert browser.get(ADDRESS).status_code in {302, 403, 404}
        assert browser.post(ADDRESS, {"raw_months": "99"}).status_code in {302, 403, 404}
    assert retention().raw_months == 13
