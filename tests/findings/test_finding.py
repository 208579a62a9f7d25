"""Findings open and close by themselves, once each, whatever is read when and however often."""

from datetime import datetime, timedelta

import pytest

from rounds.agents import reading
from rounds.agents.models import Agent, CheckIn, Cursor, State
from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.findings import finding
from rounds.findings.limits import Scope, limits_of, set_limit
from rounds.findings.models import Finding, Listening, MachineMemory, Taken
from rounds.findings.opening import settle
from rounds.mail.models import AlertMail, Result, Source
from rounds.mail.receiving import add_source, end_source, keep_mail
from rounds.mail.understanding import understand
from rounds.people.models import User
from rounds.upkeep.models import Duty, Evidence, Routine
from rounds.upkeep.routines import stop
from tests.findings.conftest import MINUTE, NOON, Report


def pull(at: datetime = NOON) -> None:
    """As the ticker does it, twice: the second time there is nothing left to do."""
    reading.pull()
    finding.pull(at)
    kept = list(Finding.objects.values())
    assert finding.pull(at) == 0
    assert list(Finding.objects.values()) == kept


def test_a_full_disk_opens_one_finding_and_closes_it_when_it_has_been_emptied(report: Report, srv01: Machine) -> None:
    for minute in range(5):
        report(srv01, minute, used=94.0)
    pull()

    opened = Finding.objects.get()
    assert (opened.rule, opened.subject, opened.severity) == ("disk-full", "/var", "trouble")
    assert (opened.title, opened.opened_at) == ("/var is 94 % full", NOON + 2 * MINUTE)
    assert opened.client == srv01.site.client
    assert opened.evidence["value"] == 94.0

    for minute in range(5, 9):
        report(srv01, minute, used=60.0)
    pull()

    closed = Finding.objects.get()
    assert closed.closed_at == NOON + 7 * MINUTE
    assert closed.evidence["closed"]["value"] == 60.0


def test_it_does_not_matter_in_how_many_goes_check_ins_are_read(report: Report, srv01: Machine) -> None:
    used = [(60.0, 88.0, 95.0, 95.0)[minute * minute * 7 % 11 % 4] for minute in range(60)]
    for minute, value in enumerate(used):
        report(srv01, minute, used=value)
    pull()
    at_once = list(Finding.objects.order_by("pk").values("rule", "opened_at", "closed_at", "evidence"))
    chart = MachineMemory.objects.get().chart

    Finding.objects.all().delete()
    MachineMemory.objects.all().delete()
    for last in CheckIn.objects.order_by("pk").values_list("pk", flat=True):
        Cursor.objects.filter(reader="findings").update(last_id=last - 1)  # each alone, the later ones again and again
        finding.pull(NOON)

    assert at_once
    assert list(Finding.objects.order_by("pk").values("rule", "opened_at", "closed_at", "evidence")) == at_once
    assert MachineMemory.objects.get().chart == chart


def test_the_backlog_of_an_outage_does_not_tell_what_is_over_as_if_it_were_now(report: Report, srv01: Machine) -> None:
    report(srv01, 60, used=50.0)
    for minute in range(59, 40, -1):  # newest first, and full all the while
        report(srv01, minute, used=99.0, after=60)
    pull()

    assert not Finding.objects.exists()


def test_updates_are_late_only_after_their_time(report: Report, srv01: Machine) -> None:
    facts = {"updates": {"pending": 2, "security": 1, "names": ["openssl", "nginx"]}}
    report(srv01, 0, facts=facts)
    report(srv01, 7 * 24 * 60, facts=facts)
    pull()

    assert [one.rule for one in Finding.objects.all()] == ["security-late"]


def test_a_retired_machine_has_nothing_open(report: Report, srv01: Machine) -> None:
    for minute in range(4):
        report(srv01, minute, used=94.0)
    pull()

    Machine.objects.filter(pk=srv01.pk).update(retired_at=NOON)
    report(srv01, 10, used=94.0)
    pull(NOON + 11 * MINUTE)

    assert Finding.objects.get().evidence["closed"] == {"why": "it is no longer looked after"}


def test_the_shop_sets_a_limit_and_a_machine_has_its_own(report: Report, srv01: Machine, other_site: Machine) -> None:
    set_limit("disk-full", {"open_at": 70, "clear_at": 65}, is_off=False, by=None, at=NOON)
    set_limit("disk-full", {"open_at": 97}, scope=Scope(machine=srv01), is_off=False, by=None, at=NOON)
    for minute in range(4):
        report(srv01, minute, used=80.0)
        report(other_site, minute, used=80.0)
    pull()

    assert [one.machine for one in Finding.objects.all()] == [other_site]
    assert limits_of([srv01.pk])[srv01.pk]["disk-full"].scope == "machine"
    assert limits_of([other_site.pk])[other_site.pk]["disk-full"].scope == "shop"


def test_a_rule_that_is_turned_off_for_a_machine_is_not_watched_there(report: Report, srv01: Machine) -> None:
    set_limit("disk-full", {}, scope=Scope(machine=srv01), is_off=True, by=None, at=NOON)
    for minute in range(4):
        report(srv01, minute, used=99.0)
    pull()

    assert not Finding.objects.exists()


def test_a_limit_that_makes_no_sense_is_refused_and_changes_nothing(shop: object) -> None:
    with pytest.raises(Refused, match="samples"):
        set_limit("disk-full", {"times": 9}, is_off=False, by=None, at=NOON)

    assert limits_of([None])[None]["disk-full"].scope == "usual"


@pytest.fixture
def watched(report: Report, srv01: Machine, other_site: Machine) -> tuple[Machine, Machine]:
    """Two servers of two sites, heard at noon, and we have been listening for an hour."""
    for machine in (srv01, other_site):
        report(machine, 0)
    Listening.objects.create(pk=1, looked_at=NOON, since=NOON - timedelta(hours=1))
    pull()
    return srv01, other_site


def test_a_server_that_falls_silent_is_found_and_closes_when_it_is_heard_again(
    report: Report, watched: tuple[Machine, Machine]
) -> None:
    srv01, other = watched
    for minute in range(1, 11):
        report(other, minute)
        pull(NOON + minute * MINUTE)

    opened = Finding.objects.get()
    assert (opened.machine, opened.rule) == (srv01, "silent")
    assert opened.evidence["last_heard_at"] == NOON.isoformat()

    report(srv01, 12)
    report(other, 12)
    pull(NOON + 13 * MINUTE)

    assert Finding.objects.get().closed_at == NOON + 12 * MINUTE


def test_when_all_fall_silent_at_once_nobody_is_blamed_and_all_get_their_grace_again(
    report: Report, watched: tuple[Machine, Machine]
) -> None:
    srv01, other = watched
    for minute in range(1, 61):
        pull(NOON + minute * MINUTE)
    assert not Finding.objects.exists()
    assert Listening.objects.get().deaf_since == NOON

    for minute in range(61, 72):
        report(other, minute)
        pull(NOON + minute * MINUTE)

    assert Listening.objects.get().deaf_since is None
    assert [one.machine for one in Finding.objects.all()] == [srv01]  # ten minutes after we could hear again


def test_after_we_were_off_ourselves_nobody_is_blamed(watched: tuple[Machine, Machine]) -> None:
    Agent.objects.filter(machine=watched[1]).update(revoked_at=NOON)  # one site alone: no deafness to notice
    pull(NOON + timedelta(hours=8))

    assert not Finding.objects.exists()

    for minute in range(1, 11):
        pull(NOON + timedelta(hours=8) + minute * MINUTE)
    assert [one.machine for one in Finding.objects.all()] == [watched[0]]


def test_an_agent_that_was_withdrawn_is_not_missed(watched: tuple[Machine, Machine], report: Report) -> None:
    for minute in range(1, 12):
        report(watched[1], minute)
        pull(NOON + minute * MINUTE)
    Agent.objects.filter(machine=watched[0]).update(revoked_at=NOON)
    pull(NOON + 12 * MINUTE)

    assert Finding.objects.get().closed_at == NOON + 12 * MINUTE
    assert State.objects.count() == 2


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=NOON)


def send(source: Source, subject: str, minute: int) -> AlertMail:
    raw = f"Subject: {subject}\r\nMessage-ID: <{minute}@x>\r\n\r\nSee above.\r\n".encode()
    return keep_mail(source, raw, at=NOON + minute * MINUTE)


def test_a_failure_by_mail_opens_a_finding_and_a_later_success_closes_it(source: Source) -> None:
    send(source, "Backup failed", 0)
    pull()
    send(source, "Backup failed", 1)
    pull()

    opened = Finding.objects.get()
    assert (opened.title, opened.machine) == ("Backup of SRV01: Backup failed", source.machine)
    assert opened.evidence["mails"] == 2

    send(source, "Backup successful", 2)
    pull()

    assert Finding.objects.get().closed_at == NOON + 2 * MINUTE
    assert Taken.objects.count() == 3


def test_a_mail_that_nobody_understands_waits_for_a_person(source: Source, theo: User) -> None:
    mail = send(source, "Hello", 0)
    pull()
    assert not Finding.objects.exists()

    understand(mail, Result.FAILURE, by=theo)
    pull()

    assert Finding.objects.get().title == "Backup of SRV01: Hello"


def test_a_source_that_is_ended_leaves_nothing_open(source: Source) -> None:
    send(source, "Backup failed", 0)
    pull()
    end_source(source, NOON)
    pull()

    assert Finding.objects.get().closed_at is not None


def test_what_nothing_measures_is_closed_by_hand_with_a_word_and_once(source: Source, theo: User) -> None:
    send(source, "Disk error", 0)
    pull()
    opened = Finding.objects.get()

    with pytest.raises(Refused, match="say what was done"):
        settle(opened, " ", by=theo, at=NOON)
    settle(opened, "disk replaced", by=theo, at=NOON)
    with pytest.raises(Refused, match="closed meanwhile"):
        settle(opened, "again", by=theo, at=NOON)

    closed = Finding.objects.get()
    assert closed.evidence["closed"] == {"note": "disk replaced", "by": "Theo"}
    assert closed.closed_by == theo


def test_what_is_measured_is_not_closed_by_hand(report: Report, srv01: Machine, theo: User) -> None:
    for minute in range(4):
        report(srv01, minute, used=94.0)
    pull()

    with pytest.raises(Refused, match="closes by itself"):
        settle(Finding.objects.get(), "enough", by=theo, at=NOON)


def test_a_restore_that_fails_is_a_finding_until_one_succeeds(northside: Client, srv01: Machine) -> None:
    routine = Routine.objects.create(
        name="Restore", cadence="weekly", per="server", job="restore-files", starts=NOON.date()
    )
    duty = Duty.objects.create(routine=routine, client=northside, machine=srv01, due_on=NOON.date())
    Evidence.objects.create(duty=duty, is_good=False, summary="2 of 3 files came back; not /a", at=NOON)
    pull()

    opened = Finding.objects.get()
    assert (opened.rule, opened.severity) == ("backup-failed", "trouble")
    assert opened.title == "Restore: 2 of 3 files came back; not /a"

    Evidence.objects.create(duty=duty, is_good=True, summary="3 of 3 came back", at=NOON + MINUTE)
    pull()

    assert Finding.objects.get().closed_at == NOON + MINUTE


def test_a_routine_that_is_stopped_leaves_nothing_open(northside: Client) -> None:
    routine = Routine.objects.create(name="Seminar", cadence="yearly", starts=NOON.date())
    duty = Duty.objects.create(routine=routine, client=northside, due_on=NOON.date())
    Evidence.objects.create(duty=duty, is_good=False, summary="Could not be done: nobody came", at=NOON)
    pull()
    assert Finding.objects.get().machine is None

    stop(routine, at=NOON)
    pull()

    assert Finding.objects.get().closed_at is not None


def test_a_success_of_one_job_leaves_the_failure_of_another_open(northside: Client, srv01: Machine) -> None:
    console = add_source("Backup console", northside, at=NOON)
    send(console, "[Failed] Nightly (3 machines) 1 failed", 0)
    send(console, "[Success] Mail store (1 machine)", 1)
    send(console, "unattended-upgrades result for SRV01: FAILURE", 2)
    send(console, "unattended-upgrades result for SRV02: SUCCESS", 3)
    pull()

    still_open = Finding.objects.still_open().order_by("opened_at")
    assert [(one.subject.partition(": ")[2], one.machine, one.severity) for one in still_open] == [
        ("veeam · nightly", None, "trouble"), ("unattended-upgrades · srv01 · updates", srv01, "soon"),
    ]  # fmt: skip

    send(console, "[Success] Nightly (3 machines)", 4)
    send(console, "unattended-upgrades result for srv01.northside.example: SUCCESS", 5)
    pull()

    assert not Finding.objects.still_open().exists()


def test_by_words_alone_another_machines_success_closes_nothing(northside: Client) -> None:
    console = add_source("Scripts", northside, at=NOON)
    send(console, "Copy of SRV01 failed on 3 May", 0)
    send(console, "Copy of SRV02 finished on 3 May", 1)
    pull()
    assert Finding.objects.still_open().count() == 1

    send(console, "Copy of SRV01 finished on 4 May", 2)
    pull()

    assert not Finding.objects.still_open().exists()


def dated(source: Source, subject: str, happened: int, arrived: int) -> None:
    date = f"{NOON + happened * MINUTE:%a, %d %b %Y %H:%M:%S +0000}"
    raw = f"Subject: {subject}\r\nDate: {date}\r\nMessage-ID: <{happened}@x>\r\n\r\nSee above.\r\n".encode()
    keep_mail(source, raw, at=NOON + arrived * MINUTE)


def test_a_success_that_was_long_on_its_way_does_not_close_a_later_failure(source: Source) -> None:
    dated(source, "Backup failed", happened=10, arrived=11)
    dated(source, "Backup successful", happened=5, arrived=30)
    pull()

    assert Finding.objects.still_open().count() == 1


def test_a_failure_that_was_long_on_its_way_does_not_open_what_is_over(source: Source) -> None:
    dated(source, "Backup successful", happened=10, arrived=11)
    pull()
    dated(source, "Backup failed", happened=5, arrived=30)
    pull()

    assert not Finding.objects.exists()


def test_a_mail_that_asks_for_nothing_opens_and_closes_nothing(source: Source) -> None:
    send(source, "Backup failed", 0)
    send(source, "SMART error (EmailTest) detected on host: srv01", 1)
    pull()

    assert [one.title for one in Finding.objects.still_open()] == ["Backup of SRV01: Backup failed"]


def test_a_service_that_stopped_is_trouble_until_it_runs_again(report: Report, srv01: Machine) -> None:
    report(srv01, 0, facts={"expected": {"service nginx": True, "process postgres": False}})
    report(srv01, 1)
    pull()

    opened = Finding.objects.get()
    assert (opened.rule, opened.subject, opened.severity) == ("not-running", "process postgres", "trouble")
    assert opened.title == "The process postgres does not run"

    report(srv01, 2, facts={"expected": {"service nginx": True, "process postgres": True}})
    pull()

    assert Finding.objects.get().closed_at == NOON + 2 * MINUTE
