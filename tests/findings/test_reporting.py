"""Mails and evidence are taken once each, however many are kept, and in whatever order they were understood."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.findings import reporting
from rounds.findings.models import Finding, Taken
from rounds.mail.mail_models import RawMail
from rounds.mail.models import AlertMail, Reading, Source
from rounds.mail.receiving import add_source

NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup", northside, srv01, at=NOW - 400 * DAY)


def mails(source: Source, count: int, result: str = "notice", *, since: int = 0) -> list[AlertMail]:
    """Mails as they came, an hour after each other."""
    raw, _ = RawMail.objects.get_or_create(sha256="0" * 64, defaults={"raw": b"Subject: x\\r\\n\\r\\n"})
    made = [
        AlertMail(
            source=source, raw_mail=raw, digest=f"{number:064x}", subject=result,
            received_at=NOW - 300 * DAY + timedelta(hours=number),
        )
        for number in range(since, since + count)
    ]  # fmt: skip
    return AlertMail.objects.bulk_create(made)


def understand(of: list[AlertMail], result: str = "notice") -> None:
    Reading.objects.bulk_create(
        Reading(mail=one, client=one.source.client, machine_id=one.source.machine_id, result=result, about="job")
        for one in of
    )


def test_each_is_taken_once_whatever_was_understood_first(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "BEFORE_NEWEST", 3)
    monkeypatch.setattr(reporting, "AT_ONCE", 4)
    came = mails(source, 40)
    random.Random(4).shuffle(came)  # noqa: S311 - no secret

    for begin in (0, 7, 8, 30):
        understand(came[begin : {0: 7, 7: 8, 8: 30, 30: 40}[begin]])
        reporting.pull()

    assert Taken.objects.count() == 40
    assert reporting.pull() == 0


def test_a_reading_that_becomes_visible_later_than_a_younger_one_is_taken_too(source: Source) -> None:
    first, second, third = mails(source, 3)
    understand([first])
    reporting.pull()
    key = Reading.objects.get().pk
    told = {"client": source.client, "result": "notice", "about": "job"}
    Reading(pk=key + 2, mail=third, **told).save(force_insert=True)
    reporting.pull()

    Reading(pk=key + 1, mail=second, **told).save(force_insert=True)

    assert reporting.pull() == 1
    assert Taken.objects.count() == 3


def test_a_failure_and_its_success_count_in_the_order_in_which_they_came(source: Source) -> None:
    failure, success = mails(source, 2, "failure")
    understand([success], "success")
    understand([failure], "failure")

    reporting.pull()

    assert [one.closed_at for one in Finding.objects.all()] == [success.received_at]


def test_a_look_costs_no_more_when_many_are_kept(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "BEFORE_NEWEST", 50)
    came = mails(source, 3000)
    understand(came)
    Taken.objects.bulk_create(Taken(reading=one) for one in Reading.objects.filter(mail__in=came))

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert reporting.pull() == 0

    (question,) = [
        one["sql"] for one in asked.captured_queries if "EXISTS" in one["sql"] and "mail_reading" in one["sql"]
    ]
    newest = Reading.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert f"{newest - 50}" in question, "only the newest are looked at"
