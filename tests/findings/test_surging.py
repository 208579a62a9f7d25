"""The outbreak mail: a source that sends far more than it ever does opens one finding, which closes by itself."""

from datetime import timedelta

import pytest

from rounds.clients.models import Client, Machine
from rounds.findings.finding import pull
from rounds.findings.models import Finding
from rounds.findings.opening import settle
from rounds.findings.surging import ALL, RULE, watch_all_mail
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


@pytest.fixture
def own(shop: object) -> Client:
    return Client.objects.create(name="Our own office", is_own=True)


def many(northside: Client, sources: int) -> list[Source]:
    return [add_source(f"Console {number}", northside, at=NOON - 60 * DAY) for number in range(sources)]


def test_mails_of_many_sources_together_are_an_outbreak_of_the_shop(own: Client, northside: Client) -> None:
    for source in many(northside, 6):
        send(source, 2)
    for _ in range(2):
        watch_all_mail(NOON)

    (opened,) = surges()
    assert (opened.client, opened.subject, opened.title) == (
        own, ALL, "Alert mail of all clients: 12 mails in 24 hours",
    )  # fmt: skip

    assert watch_all_mail(NOON + DAY) == 1
    assert watch_all_mail(NOON + DAY) == 0
    assert surges()[0].closed_at == NOON + DAY


def test_one_source_alone_is_no_outbreak_of_the_shop(own: Client, console: Source, northside: Client) -> None:
    send(console, 12)
    send(many(northside, 1)[0], 2)

    assert watch_all_mail(NOON) == 0
    pull(NOON)
    assert [one.subject for one in surges()] == [f"source {console.pk}"]


def test_a_source_of_many_clients_is_the_shops_own_matter(own: Client, shop: object) -> None:
    send(add_source("Console of all", None, at=NOON - 60 * DAY), 12)
    pull(NOON)

    assert [one.client for one in surges()] == [own]
