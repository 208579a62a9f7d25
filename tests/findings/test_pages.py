"""Findings as people see them, and as strangers do not."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.test import RequestFactory

from rounds.agents import reading
from rounds.clients.models import Client, Machine
from rounds.core.watching import FACT_RULES
from rounds.findings import finding, sections
from rounds.findings.limits import limits_of
from rounds.findings.models import Finding, Listening
from rounds.mail.receiving import add_source, keep_mail
from rounds.people.access import SignedIn
from rounds.people.models import User
from rounds.portal.plain import SAYINGS
from rounds.work.proposing import USUAL, draft_from_finding
from tests.findings.conftest import NOON, Report

type SignIn = Callable[[User], Browser]


@pytest.fixture
def full(report: Report, srv01: Machine) -> Finding:
    """SRV01's disk is full."""
    for minute in range(3):
        report(srv01, minute, used=94.0)
    reading.pull()
    finding.pull(NOON)
    return Finding.objects.get()


@pytest.fixture
def reported(northside: Client) -> Finding:
    """A mail reported a failure at Northside."""
    source = add_source("RAID of the NAS", northside, at=NOON)
    keep_mail(source, b"Subject: <b>Disk 2</b> failed\r\nMessage-ID: <1@x>\r\n\r\n", at=NOON)
    finding.pull(NOON)
    return Finding.objects.get(rule="alert-mail")


PAGES = ("/findings", "/findings/limits", "/findings/limits/disk-full", "/findings/{0}")


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_and_a_client_find_nothing_there(
    full: Finding, as_person: SignIn, stranger: User, nora: User, page: str
) -> None:
    address = page.format(full.pk)

    assert Browser().get(address).status_code == 302
    for person in (stranger, nora):
        assert as_person(person).get(address).status_code == 404


@pytest.mark.parametrize("address", ["/findings/{0}/closing", "/findings/limits/disk-full"])
def test_neither_a_stranger_nor_the_bookkeeper_changes_anything(
    reported: Finding, as_person: SignIn, stranger: User, bea: User, address: str
) -> None:
    for person in (stranger, bea):
        reply = as_person(person).post(address.format(reported.pk), {"note": "done", "is_off": "on"})
        assert reply.status_code == 404

    assert Finding.objects.still_open().exists()
    assert limits_of([None])[None]["disk-full"].scope == "usual"


def test_the_list_shows_what_is_open_and_answers_its_filters(
    full: Finding, reported: Finding, as_person: SignIn, bea: User, elm: Client
) -> None:
    browser = as_person(bea)

    everything = browser.get("/findings").text
    assert "/var is 94 % full" in everything
    assert "&lt;b&gt;Disk 2&lt;/b&gt; failed" in everything  # what a mail says is text, never markup
    for query, is_there in (
        ("q=srv01", True), ("q=harbor", False), ("rule=disk-full", True), ("rule=silent", False),
        ("severity=soon", False), (f"client={full.client_id}", True), (f"client={elm.pk}", False),
        ("client=%00", False), ("machine=9999999999999999999", False),
        ("state=closed", False), ("state=all", True), ("state=nonsense&sort=nonsense&page=x", True),
    ):  # fmt: skip
        assert ("/var is 94 % full" in browser.get(f"/findings?{query}").text) == is_there, query


def test_the_list_comes_as_csv(full: Finding, as_person: SignIn, bea: User) -> None:
    reply = as_person(bea).get("/findings?format=csv")

    lines = b"".join(reply.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "Finding,Rule,Severity,Client,Machine,Opened,Closed"
    assert lines[1].startswith("/var is 94 % full,Disk full,trouble,Northside Dental,SRV01,2026-04-14T08:02")


def test_a_finding_shows_its_evidence_and_offers_to_propose_work(full: Finding, as_person: SignIn, theo: User) -> None:
    text = as_person(theo).get(f"/findings/{full.pk}").text

    for words in ("94 %", "3 of the last 3 samples", "Opens at 90 % or more, in 3 of 5 samples; closes below 85 %"):
        assert words in text
    assert '<form class="actions" method="post" action="/work/proposals">' in text
    assert f'name="finding" value="{full.pk}"' in text


def test_what_facts_open_is_told_with_its_limit_the_usual_work_and_a_word_for_the_client(
    report: Report, srv01: Machine, as_person: SignIn, theo: User
) -> None:
    disk = {"device": "/dev/sda", "passed": True, "pending_sectors": 1}
    report(srv01, 0, facts={"smart": {"disks": [disk]}, "expected": {"service nginx": False}})
    reading.pull()
    finding.pull(NOON)
    browser, found = as_person(theo), {one.rule: one for one in Finding.objects.all()}

    shown = browser.get(f"/findings/{found['disk-errors'].pk}").text
    for words in ("/dev/sda has 1 error", "Opens at 1 error or more; closes below 1 error"):
        assert words in shown
    shown = browser.get(f"/findings/{found['not-running'].pk}").text
    for words in ("The service nginx does not run", "Opens when a look finds it so; closes when one does not"):
        assert words in shown
    assert draft_from_finding(found["disk-errors"]).title == "Look after the disk /dev/sda"
    assert FACT_RULES.keys() <= USUAL.keys() & SAYINGS.keys()


def test_whoever_may_only_look_is_not_offered_to_act(full: Finding, as_person: SignIn, bea: User) -> None:
    assert "Propose work" not in as_person(bea).get(f"/findings/{full.pk}").text


def test_a_finding_that_nothing_measures_is_closed_by_hand(reported: Finding, as_person: SignIn, theo: User) -> None:
    browser, address = as_person(theo), f"/findings/{reported.pk}/closing"

    empty = browser.post(address, {"note": ""})
    assert empty.status_code == 422
    assert "Say what was done" in empty.text
    assert browser.post(address, {"note": "disk replaced"}, follow=True).status_code == 200

    reported.refresh_from_db()
    assert reported.closed_by == theo
    assert "disk replaced" in browser.get(f"/findings/{reported.pk}").text


def test_a_limit_is_set_for_one_machine_and_what_makes_no_sense_is_named(
    srv01: Machine, as_person: SignIn, theo: User
) -> None:
    browser, address = as_person(theo), f"/findings/limits/disk-full?machine={srv01.pk}"

    bad = browser.post(address, {"open_at": "97", "clear_at": "95", "times": "9", "of": "5"})
    assert bad.status_code == 422
    assert "samples" in bad.text
    assert browser.post(address, {"open_at": "97", "clear_at": "95", "times": "3", "of": "5"}).status_code == 302

    shown = browser.get(f"/findings/limits?machine={srv01.pk}").text
    assert "Opens at 97 % or more" in shown
    assert "this machine&#x27;s own limit" in shown
    assert "Opens at 97 % or more" not in browser.get("/findings/limits").text


@pytest.mark.parametrize("address", ["/findings/limits/no-such-rule", "/findings/limits?machine=0", "/findings/0"])
def test_what_is_not_there_is_not_found(shop: object, as_person: SignIn, theo: User, address: str) -> None:
    assert as_person(theo).get(address).status_code == 404


def _asked_by(person: User) -> SignedIn:
    request = RequestFactory().get("/")
    request.user = person
    return request  # type: ignore[return-value]


def test_the_pages_of_others_show_what_is_wrong(full: Finding, theo: User, srv01: Machine, elm: Client) -> None:
    asked = _asked_by(theo)

    assert "/var is 94 % full" in sections.wrong_at_client(asked, full.client)
    assert "/var is 94 % full" in sections.wrong_with_machine(asked, srv01)
    assert "trouble since" in sections.state_of_machine(asked, srv01)
    assert "1 finding in trouble" in sections.in_trouble(asked, None)
    assert "Nothing is wrong." in sections.wrong_at_client(asked, elm)
    assert [found.title for found in sections.find_findings(theo, "srv01")] == ["/var is 94 % full"]


def test_a_contact_finds_no_findings(full: Finding, nora: User) -> None:
    assert list(sections.find_findings(nora, "var")) == []


def test_a_machine_without_an_agent_is_not_called_well(srv01: Machine, theo: User) -> None:
    assert "not measured" in sections.state_of_machine(_asked_by(theo), srv01)


def test_deafness_is_told_where_everybody_looks(shop: object, as_person: SignIn, theo: User) -> None:
    Listening.objects.create(pk=1, looked_at=NOON, since=NOON, deaf_since=NOON)

    assert "look at this server" in as_person(theo).get("/findings").text
    assert "look at this server" in sections.in_trouble(_asked_by(theo), None)
