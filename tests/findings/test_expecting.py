"""A mail that is expected and does not come by its hour is a finding, until it comes."""

from datetime import datetime, timedelta

import pytest

from rounds.clients.models import Client, Machine
from rounds.core.expecting import Expected
from rounds.core.money import Refused
from rounds.findings.expecting import RULE, watch_expected
from rounds.findings.models import Finding, Listening
from rounds.findings.opening import settle
from rounds.mail.expecting import expect, expect_no_more, propose, topics
from rounds.mail.mail_models import Way
from rounds.mail.models import Mailbox, Source
from rounds.mail.receiving import Arrival, Senders, add_source, end_source, keep_mail
from rounds.people.models import User
from tests.findings.conftest import NOON

BY_SMTP, BY_IMAP = Arrival(), Arrival(Way.IMAP)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=NOON)


def send(source: Source, at: datetime, subject: str = "Backup OK", arrival: Arrival = BY_SMTP) -> None:
    raw = f"Subject: {subject}\r\nFrom: a@x.example\r\nMessage-ID: <{at.isoformat()}{subject}@x>\r\n\r\nx\r\n".encode()
    keep_mail(source, raw, at=at, arrival=arrival)


def watch(at: datetime) -> list[Finding]:
    """As the ticker does it, twice; what is open then."""
    watch_expected(at)
    assert watch_expected(at) == 0
    return list(Finding.objects.still_open().filter(rule=RULE))


@pytest.fixture
def expected(source: Source, theo: User) -> Expected:
    shown = Expected(by_minute=7 * 60)
    expect(source, "", shown, by=theo, at=NOON)
    return shown


MORNING = datetime.fromisoformat("2026-04-15T07:00:00-04:00")  # the day after NOON, by the clock in New York


def test_it_does_not_come_and_then_it_comes(source: Source, expected: Expected, srv01: Machine) -> None:
    assert watch(MORNING + HOUR / 4) == []

    (opened,) = watch(MORNING + HOUR)
    assert (opened.title, opened.machine, opened.severity) == ("Backup of SRV01: no mail by 07:00", srv01, "trouble")
    assert opened.evidence["why"] == "expected every day by 07:00; none ever came"

    send(source, MORNING + 2 * HOUR)
    assert watch(MORNING + 3 * HOUR) == []
    closed = Finding.objects.get(rule=RULE)
    assert (closed.closed_at, closed.evidence["closed"]["why"]) == (MORNING + 2 * HOUR, "it has come")


def test_it_comes_in_time_and_on_the_next_day_not(source: Source, expected: Expected) -> None:
    send(source, MORNING - HOUR)

    assert watch(MORNING + HOUR) == []
    (opened,) = watch(MORNING + DAY + HOUR)
    assert "the last one came on 2026-04-15 at 06:00" in opened.evidence["why"]


def test_of_one_source_the_mail_about_one_job_is_missing(northside: Client, theo: User) -> None:
    console = add_source("Backups", northside, at=NOON)
    for name in ("Nightly", "Mail store"):
        send(console, NOON, f"[Success] {name} (1 machine)")
    assert topics(console, NOON) == ["veeam · mail store", "veeam · nightly"]
    for about in topics(console, NOON):
        expect(console, about, Expected(by_minute=7 * 60), by=theo, at=NOON)
    send(console, MORNING - HOUR, "[Success] Nightly (1 machine)")

    (opened,) = watch(MORNING + HOUR)

    assert opened.title == "Backups: no mail about veeam · mail store by 07:00"


def test_a_failure_has_come_too_and_a_mail_of_a_stranger_has_not(northside: Client, theo: User) -> None:
    named = add_source("Backup", northside, senders=Senders(["a@x.example"]), at=NOON)
    strict = add_source("Other", northside, senders=Senders(["b@x.example"]), at=NOON)
    for one in (named, strict):
        expect(one, "", Expected(by_minute=7 * 60), by=theo, at=NOON)
        send(one, MORNING - HOUR, "Backup failed")

    assert [one.title for one in watch(MORNING + HOUR)] == ["Other: no mail by 07:00"]


def test_what_is_no_longer_expected_or_heard_is_not_missing(source: Source, theo: User) -> None:
    made = expect(source, "", Expected(by_minute=7 * 60), by=theo, at=NOON)
    assert len(watch(MORNING + HOUR)) == 1
    expect_no_more(made, at=MORNING + HOUR)
    assert watch(MORNING + HOUR) == []

    expect(source, "", Expected(by_minute=7 * 60), by=theo, at=NOON)
    assert len(watch(MORNING + HOUR)) == 1
    end_source(source, MORNING + HOUR)
    assert watch(MORNING + HOUR) == []


def test_it_is_not_closed_by_hand_since_it_is_still_missing(source: Source, expected: Expected, theo: User) -> None:
    (opened,) = watch(MORNING + HOUR)

    with pytest.raises(Refused, match="closes by itself"):
        settle(opened, "never mind", by=theo, at=MORNING + HOUR)


def test_after_a_pause_of_our_own_nobody_is_blamed_at_once(source: Source, expected: Expected) -> None:
    Listening.objects.create(pk=1, looked_at=MORNING + HOUR, since=MORNING + HOUR)

    assert watch(MORNING + HOUR + HOUR / 4) == []
    assert len(watch(MORNING + 2 * HOUR)) == 1


def test_while_its_mailbox_cannot_be_read_we_do_not_know_and_say_nothing(source: Source, expected: Expected) -> None:
    send(source, NOON, arrival=BY_IMAP)
    box = Mailbox.objects.create(name="x", source=source, looked_at=NOON + HOUR, error="gone", error_since=NOON + HOUR)

    assert watch(MORNING + HOUR) == []

    Mailbox.objects.filter(pk=box.pk).update(error="", error_since=None, looked_at=MORNING + HOUR)
    assert len(watch(MORNING + HOUR)) == 1


def test_a_mailbox_that_breaks_does_not_close_what_is_missing(source: Source, expected: Expected) -> None:
    send(source, NOON, arrival=BY_IMAP)
    assert len(watch(MORNING + HOUR)) == 1
    Mailbox.objects.create(name="x", source=source, looked_at=NOON + HOUR, error="gone", error_since=NOON + HOUR)

    assert len(watch(MORNING + 2 * HOUR)) == 1


def test_a_source_of_many_clients_expects_a_mail_of_one(northside: Client, theo: User) -> None:
    many = add_source("Consoles", None, at=NOON)
    with pytest.raises(Refused, match="which of the mails"):
        expect(many, "", Expected(), by=theo, at=NOON)
    send(many, NOON, "unattended-upgrades result for SRV01: SUCCESS")

    made = expect(many, "unattended-upgrades · srv01 · updates", Expected(), by=theo, at=NOON)

    assert (made.client, made.machine and made.machine.name) == (northside, "SRV01")


def test_how_mails_came_is_proposed(source: Source) -> None:
    for day in range(10):
        send(source, MORNING - day * DAY - 5 * HOUR)

    assert str(propose(source, "", MORNING)) == "every day by 03:00"
