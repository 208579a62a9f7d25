"""The outbreak mail: a source that sends far more than it ever does opens one finding, which closes by itself."""

from datetime import timedelta

import pytest

from rounds.clients.models import Client, Machine
from rounds.findings.finding import pull
from rounds.findings.models import Finding
from rounds.findings.opening import settle
from rounds.findings.surging import RULE
from rounds.mail.models import Source
from rounds.mail.receiving import add_source, end_source, keep_mail
from rounds.people.models import User
from tests.findings.conftest import MINUTE, NOON

DAY = timedelta(days=1)


@pytest.fixture
def console(northside: Client, srv01: Machine) -> Source:
    return add_source("Anti-virus console", northside, at=NOON - 60 * DAY)


def send(source: Source, mails: int, subject: str = "Virus found") -> None:
    for number in range(mails):
        raw = f"Subject: {subject}\r\nMessage-ID: <{subject}{number}@x>\r\n\r\nx\r\n".encode()
        keep_mail(source, raw, at=NOON - number * MINUTE)


def surges() -> list[Finding]:
    return list(Finding.objects.filter(rule=RULE))


def test_ten_mails_in_a_day_open_one_finding_and_a_quiet_day_closes_it(console: Source) -> None:
    send(console, 10)
    for _ in range(2):
        pull(NOON)

    (opened,) = surges()
    assert (opened.title, opened.closed_at) == ("Anti-virus console: 10 mails in 24 hours", None)

    for _ in range(2):
        pull(NOON + DAY)
    (closed,) = surges()
    assert closed.closed_at == NOON + DAY


@pytest.mark.parametrize(("mails", "subject"), [(9, "Virus found"), (30, "Backup successful")])
def test_few_mails_or_mails_that_report_success_are_no_outbreak(console: Source, mails: int, subject: str) -> None:
    send(console, mails, subject)
    pull(NOON)

    assert surges() == []


def test_mails_that_no_word_tells_count(console: Source) -> None:
    send(console, 10, "Alert 4711")
    pull(NOON)

    assert len(surges()) == 1


def test_closed_by_hand_it_does_not_open_again_for_the_same_mails(console: Source, theo: User) -> None:
    send(console, 12)
    pull(NOON)

    settle(surges()[0], "cleaned four workstations", by=theo, at=NOON)
    pull(NOON + MINUTE)

    assert len(surges()) == 1


def test_a_source_that_is_ended_leaves_no_outbreak_open(console: Source) -> None:
    send(console, 12)
    pull(NOON)
    end_source(console, NOON)
    pull(NOON)

    assert surges()[0].closed_at is not None
