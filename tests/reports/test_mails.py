"""What programs mailed, as a report tells it: of each thing the last; silence only of what writes daily."""

from datetime import datetime

import pytest

from rounds.clients.models import Client
from rounds.core.daily_machines import Told
from rounds.findings import finding, opening
from rounds.findings.models import Finding
from rounds.mail import receiving
from rounds.mail.models import Source
from rounds.people.models import User
from rounds.reports import making
from rounds.reports.mails import mails_of
from rounds.reports.models import Report
from tests.reports.conftest import DAY, HOUR, MORNING, SIX, mail


@pytest.fixture
def source(watched: Client) -> Source:
    return receiving.add_source("Backup of SRV09", watched, at=SIX - 60 * DAY)


def say(source: Source, subject: str, at: datetime) -> None:
    receiving.keep_mail(source, mail(subject), at=at)


def only(client: Client, at: datetime = MORNING) -> Told:
    (told,) = mails_of([client.pk], at)[client.pk]
    return told


def row(name: str = "backups") -> str:
    making.pull(MORNING)
    (part,) = [one for one in Report.objects.get().sections if one.name == name]
    (line,) = [one for one in part.rows if one.what != "SRV01"]
    return f"{line.state} {line.words}"


def test_a_source_that_has_never_written_is_missing(source: Source, watched: Client) -> None:
    assert row() == "unmeasured missing: it has never written"


def test_the_last_mail_counts(source: Source, watched: Client) -> None:
    say(source, "Backup failed", SIX - 9 * HOUR)
    say(source, "Backup successful", SIX - HOUR)

    assert row() == "well reports success, 05:00"


def test_what_writes_daily_is_missing_when_it_does_not(source: Source, watched: Client) -> None:
    for number in range(2, 12):
        say(source, "Backup successful", SIX - number * DAY)

    assert only(watched).is_daily
    assert row() == "unmeasured missing: it last wrote Sun 06:00, 2 days ago (reports success)"


def test_it_is_still_missing_after_weeks(source: Source, watched: Client) -> None:
    for number in range(20, 30):
        say(source, "Backup successful", SIX - number * DAY)

    assert row().startswith("unmeasured missing: it last wrote 25 Mar")


def test_a_program_that_writes_now_and_then_is_not_missed_but_a_backup_is_after_a_week(watched: Client) -> None:
    for name in ("UPS", "Weekly backup of the office"):
        weekly = receiving.add_source(name, watched, at=SIX - 60 * DAY)
        say(weekly, "Test successful", SIX - 3 * DAY)
        say(weekly, "Test successful", SIX - 10 * DAY)

    assert row("mail").startswith("well reports success")
    late = Report.objects.get().made_at + 6 * DAY
    ups, backup = mails_of([watched.pk], late)[watched.pk]
    assert not ups.is_daily
    assert not backup.is_daily

    making.pull(late)
    words = {one.what: one.state for part in Report.objects.latest("day").sections for one in part.rows}
    assert (words["UPS: test"], words["Weekly backup of the office: test"]) == ("well", "unmeasured")


def test_mail_that_nobody_understands_is_to_be_looked_at(source: Source, watched: Client) -> None:
    say(source, "Nightly job", SIX - HOUR)

    assert row() == "soon its mail is not understood, 05:00: Nightly job"


def test_a_failure_that_somebody_has_looked_after_is_told_and_no_more(
    source: Source, watched: Client, theo: User
) -> None:
    say(source, "Backup failed", SIX - 2 * DAY)
    finding.pull(SIX - 2 * DAY)
    opening.settle(Finding.objects.get(rule="alert-mail"), "disk replaced", by=theo, at=SIX - DAY)

    assert row() == " reports a failure, Sun 06:00: Backup failed (looked after)"


def test_a_source_that_was_ended_says_nothing(source: Source, watched: Client) -> None:
    say(source, "Backup failed", SIX - HOUR)
    receiving.end_source(source, SIX)

    assert mails_of([watched.pk], MORNING) == {}


def test_another_clients_mail_is_not_told(source: Source, watched: Client, elm: Client) -> None:
    say(source, "Backup failed", SIX - HOUR)

    assert mails_of([elm.pk], MORNING) == {}
