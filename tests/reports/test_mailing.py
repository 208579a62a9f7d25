"""Daily reports by mail and on paper: to whom they go, what they say, once each."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from rounds.clients.models import Client, Contact, Machine
from rounds.findings.models import Finding
from rounds.mail.models import Letter
from rounds.people.models import Shop, User
from rounds.reports import choosing, mailing, making
from rounds.reports.models import ClientChoice, Report, ShopChoice
from rounds.reports.printing import data_of, report_pdf
from rounds.reports.writing import text_of
from tests.reports.conftest import DAY, HOUR, MORNING, SIX, TODAY, watch
from tests.trade import agreed


def choose(client: Client, **told: object) -> None:
    choosing.choose_for_client(ClientChoice(client=client, **told), by=None, at=SIX - 5 * DAY)


@pytest.fixture
def report(watched: Client, srv01: Machine) -> Report:
    Shop.objects.update(phone="555-0100")
    watch(srv01, facts={"updates": {"pending": 3, "security": 1}})
    Machine.objects.create(site=srv01.site, name="PC-01", kind="workstation")
    Finding.objects.create(
        client=watched, machine=srv01, rule="disk-full", subject="/srv", severity="trouble", title="/srv is 93 % full",
        opened_at=SIX - 2 * HOUR,
    )  # fmt: skip
    agreed(watched, "service-agreement", date(2026, 4, 1), included_seconds=8 * 3600)
    making.pull(MORNING + HOUR)
    return Report.objects.get()


def test_nobody_gets_it_unless_somebody_is_named(watched: Client) -> None:
    making.pull(MORNING)

    assert mailing.pull(MORNING) == 0
    assert not Letter.objects.exists()


def test_the_client_and_the_shop_get_letters_of_their_own_once(watched: Client, theo: User, olga: User) -> None:
    nora = Contact.objects.get(client=watched)
    choosing.choose_for_shop(ShopChoice(staff=[theo.pk]), by=None, at=SIX - 5 * DAY)
    choose(watched, contacts=[nora.pk], has_pdf=True)
    making.pull(MORNING)

    assert [mailing.pull(MORNING), mailing.pull(MORNING), mailing.pull(MORNING + DAY)] == [2, 0, 0]

    to_client, to_shop = Letter.objects.order_by("key")
    assert (to_client.to, to_shop.to) == (["nora@northside.example"], ["theo@shop.example"])
    assert to_client.subject == "Northside Dental: everything that is watched is well (14 April)"
    assert to_client.attachment_name == "daily-report-2026-04-14.pdf"
    assert to_client.attachment is not None
    assert bytes(to_client.attachment).startswith(b"%PDF")
    assert "/reports/" in to_shop.body
    assert "/reports/" not in to_client.body


def test_a_letter_that_was_written_before_a_kill_is_not_written_again(watched: Client, theo: User) -> None:
    nora = Contact.objects.get(client=watched)
    choosing.choose_for_shop(ShopChoice(staff=[theo.pk]), by=None, at=SIX - 5 * DAY)
    choose(watched, contacts=[nora.pk])
    making.pull(MORNING)
    mailing.pull(MORNING)
    Letter.objects.filter(key__endswith=":shop").delete()  # as if it had been killed between the two

    assert mailing.pull(MORNING) == 2  # both are looked at; the one that is there stays
    assert Letter.objects.count() == 2


def test_who_has_left_gets_none(watched: Client, theo: User) -> None:
    nora = Contact.objects.get(client=watched)
    choosing.choose_for_shop(ShopChoice(staff=[theo.pk]), by=None, at=SIX - 5 * DAY)
    choose(watched, contacts=[nora.pk])
    Contact.objects.update(left_at=SIX)
    User.objects.update(is_active=False)
    making.pull(MORNING)

    assert mailing.pull(MORNING) == 0


def test_a_contact_of_another_client_gets_none_whatever_is_written_down(watched: Client, elm: Client) -> None:
    eve = Contact.objects.create(client=elm, name="Eve", email="eve@elm.example")
    choose(watched, contacts=[eve.pk])
    making.pull(MORNING)

    assert Report.objects.get().to == ""


def test_a_client_can_have_others_of_the_shop_or_none(watched: Client, theo: User, olga: User) -> None:
    choosing.choose_for_shop(ShopChoice(staff=[theo.pk]), by=None, at=SIX - 5 * DAY)
    choose(watched, staff=[olga.pk])
    making.pull(MORNING)
    assert Report.objects.get().to_shop == "olga@shop.example"

    choose(watched, staff=[])
    making.pull(MORNING + DAY)
    assert Report.objects.get(day=TODAY + DAY).to_shop == ""


EXPECTED = """\
Northside Dental
Tuesday, 14 April 2026

1 in trouble, 1 missing

From Monday 07:01 to Tuesday 07:01 (America/New_York).
It was made late: at 07:01; its hour was 06:00.

BACKUPS: 1 well; the newest 02:00
  ○ well: SRV01

ANTI-VIRUS: 1 missing, 1 well
  – PC-01: missing: it has no agent
  ○ well: SRV01

UPDATES: 1 missing, 1 well; 3 pending in all
  – PC-01: missing: it has no agent
  ○ well: SRV01

DISKS: 1 in trouble, 1 missing; the fullest SRV01 /srv, 60 %
  ● SRV01: /srv 60 % full (as of 06:00)
  – PC-01: missing: it has no agent

UPTIME: 1 missing, 1 well
  – PC-01: missing: it has no agent
  ○ well: SRV01

USE: 1 missing, 1 well
  – PC-01: missing: it has no agent
  ○ well: SRV01

CHANGES SINCE THE LAST REPORT: none

OPEN FINDINGS: 1 in trouble
  ● SRV01: new: /srv is 93 % full, since 04:00

WHAT WAS DONE: nothing was recorded

HOURS LEFT: service agreement
  · Hours of this month: 8 of 8 h left

Mill Street Computing
555-0100
"""


def test_the_text_says_what_is_wrong_and_folds_what_is_well(report: Report) -> None:
    shop = Shop.objects.get()

    assert text_of(report, shop) == EXPECTED
    assert "Review it: https://shop.example/reports/1" in text_of(report, shop, "https://shop.example/reports/1")
    assert max(map(len, text_of(report, shop).splitlines())) <= 78


def test_a_report_after_days_off_says_so_in_words(watched: Client, srv01: Machine) -> None:
    making.pull(MORNING)
    watch(srv01, seen_at=SIX + 4 * DAY)
    making.pull(MORNING + 4 * DAY)

    text = text_of(Report.objects.latest("day"), Shop.objects.get())

    assert "No report was made on 15 April to 17 April: this one says what is known" in " ".join(text.split())


def test_the_paper_says_the_same_and_takes_nothing_for_markup(report: Report, tmp_path: Path) -> None:
    rows = data_of(report)["sections"]
    assert isinstance(rows, list)
    finding = next(part for part in rows if part["title"] == "Open findings")
    assert finding["rows"] == [["trouble", "●", "SRV01", "new: /srv is 93 % full, since 04:00"]]

    Finding.objects.update(title="#panic(1) *bold* $x$ @ref <tag> \\ [")
    making.pull(MORNING + DAY)
    hostile = Report.objects.latest("day")
    paper = tmp_path / "report.pdf"
    paper.write_bytes(report_pdf(hostile))
    said = subprocess.run(["pdftotext", "-layout", paper, "-"], check=True, capture_output=True, text=True).stdout

    assert "#panic(1) *bold* $x$ @ref <tag> \\ [" in " ".join(said.split())
    assert report_pdf(report) == report_pdf(Report.objects.get(pk=report.pk))
