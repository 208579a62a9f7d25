"""A client's daily reports in the portal: only his own, only where the shop lets him, only for who may decide."""

from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.people.models import User
from rounds.reports import choosing, making, reviewing
from rounds.reports.models import ClientChoice, Report, ShopChoice
from tests.portal.conftest import browser_of
from tests.reports.conftest import watch


@pytest.fixture
def report(northside: Client, srv01: Machine) -> Report:
    """Northside's report; the shop lets clients see theirs."""
    at = timezone.now()
    Client.objects.update(since=at - timedelta(days=9))
    watch(srv01, seen_at=at)
    _let(at - timedelta(days=8), is_in_portal=True)
    making.pull(at)
    return Report.objects.select_related("client").get()


def _let(at: datetime, *, is_in_portal: bool) -> None:
    choosing.choose_for_shop(ShopChoice(is_in_portal=is_in_portal), by=None, at=at)


def _pages(report: Report) -> tuple[str, ...]:
    return "/portal/reports", f"/portal/reports/{report.day}", f"/portal/reports/{report.day}.pdf"


def test_who_may_decide_sees_his_reports(report: Report, portal: Browser, theo: User) -> None:
    reviewing.review(report, reviewing.Looked(), by=theo, at=timezone.now())

    listed, one, paper = (portal.get(page) for page in _pages(report))

    assert f'href="/portal/reports/{report.day}"' in listed.content.decode()
    assert "looked at by Theo" in listed.content.decode()
    assert "SRV01" in one.content.decode()
    assert "/reports/1" not in one.content.decode().replace("/portal/reports", "")
    assert paper.content.startswith(b"%PDF")
    assert f'href="/portal/reports/{report.day}"' in portal.get("/portal/").content.decode()


def test_nobody_else_does(report: Report, frank: User, stranger: User, theo: User) -> None:
    for page in _pages(report):
        assert Browser().get(page).status_code == 302
        assert browser_of(frank).get(page).status_code == 404
        assert browser_of(theo).get(page).status_code == 404
    for page in _pages(report)[1:]:
        assert browser_of(stranger).get(page).status_code == 404
    assert "SRV01" not in browser_of(stranger).get("/portal/reports").content.decode()


@pytest.mark.parametrize("day", ["2001-01-01", "2026-99-99", "yesterday", "0"])
def test_a_day_without_a_report_does_not_exist(report: Report, portal: Browser, day: str) -> None:
    assert portal.get(f"/portal/reports/{day}").status_code == 404


def test_where_the_shop_does_not_let_him_there_is_nothing(report: Report, portal: Browser, northside: Client) -> None:
    _let(timezone.now(), is_in_portal=False)

    assert {portal.get(page).status_code for page in _pages(report)} == {404}
    assert "/portal/reports" not in portal.get("/portal/").content.decode()

    choosing.choose_for_client(ClientChoice(client=northside, is_in_portal=True), by=None, at=timezone.now())
    assert {portal.get(page).status_code for page in _pages(report)} == {200}
