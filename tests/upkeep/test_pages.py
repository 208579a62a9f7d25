"""Duties and routines as people see them, and as strangers do not."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rounds.agents.models import Job
from rounds.clients.models import Client, Machine
from rounds.people.access import SignedIn
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.upkeep import ordering, proving, sections
from rounds.upkeep.models import BackupRepository, Duty, Evidence, Routine
from tests.upkeep.conftest import AT, MONDAY, Begin, answer

type SignIn = Callable[[User], Browser]


@pytest.fixture
def duty(agreed: Client, routine: Begin) -> Duty:
    return Duty.objects.create(routine=routine(checklist=["Looked", "Wrote"]), client=agreed, due_on=MONDAY)


@pytest.mark.parametrize(
    "page",
    [
        "/upkeep", "/upkeep/duties/{0}", "/upkeep/routines", "/upkeep/routines/new", "/upkeep/routines/{1}",
        "/upkeep/machines/{2}/repository",
    ],
)  # fmt: skip
def test_a_stranger_and_a_client_find_nothing_there(
    duty: Duty, srv01: Machine, as_person: SignIn, stranger: User, nora: User, page: str
) -> None:
    address = page.format(duty.pk, duty.routine_id, srv01.pk)

    assert Browser().get(address).status_code == 302
    for person in (stranger, nora):
        assert as_person(person).get(address).status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        "/upkeep/evidence", "/upkeep/duties/{0}/evidence", "/upkeep/duties/{0}/attempts", "/upkeep/routines/new",
        "/upkeep/routines/{1}", "/upkeep/routines/{1}/end", "/upkeep/machines/{2}/repository",
    ],
)  # fmt: skip
def test_neither_a_stranger_nor_the_bookkeeper_changes_anything(
    duty: Duty, srv01: Machine, as_person: SignIn, stranger: User, bea: User, page: str
) -> None:
    told = {"duty": duty.pk, "outcome": "skipped", "note": "x", "path": "/a", "password_file": "/b", "name": "x"}
    for person in (stranger, bea):
        assert as_person(person).post(page.format(duty.pk, duty.routine_id, srv01.pk), told).status_code == 404

    assert Duty.objects.still_open().exists()
    assert Routine.objects.running().count() == 1
    assert not BackupRepository.objects.exists()


def test_the_list_shows_what_is_due_and_answers_its_filters(
    duty: Duty, as_person: SignIn, bea: User, elm: Client
) -> None:
    browser = as_person(bea)
    link = f'href="/upkeep/duties/{duty.pk}"'

    for query, is_there in (
        ("", True), ("q=northside", True), ("q=harbor", False), ("when=late", True), ("when=today", False),
        ("when=closed", False), ("when=all", True),
        (f"routine={duty.routine_id}", True), ("routine=x", False), (f"client={elm.pk}", False),
        (f"client={duty.client_id}", True), ("machine=1000", False), ("when=nonsense&sort=-nonsense", True),
    ):  # fmt: skip
        assert (link in browser.get(f"/upkeep?{query}").text) == is_there, query
    lines = b"".join(browser.get("/upkeep?format=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1] == "Look at it,Northside Dental,,2026-04-13,0,15,"


def test_a_search_counts_nothing_that_it_does_not_show(duty: Duty, as_person: SignIn, bea: User) -> None:
    browser = as_person(bea)

    def counts(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(f"/upkeep?{query}")
        return sum("COUNT(*)" in question["sql"] for question in asked)

    assert (counts(""), counts("q=northside")) == (2, 1)


def test_a_technician_ticks_and_leaves_evidence(duty: Duty, as_person: SignIn, theo: User) -> None:
    browser, address = as_person(theo), f"/upkeep/duties/{duty.pk}/evidence"

    half = browser.post(address, {"outcome": "done", "ticked": ["Looked"], "note": "half a note"})
    assert half.status_code == 422
    assert "Not ticked: Wrote" in half.text
    assert "half a note" in half.text  # what was typed is kept
    assert browser.post(address, {"outcome": "done", "ticked": ["Looked", "Wrote"]}).status_code == 302

    assert Evidence.objects.get().by == theo
    again = browser.post(address, {"outcome": "done", "ticked": ["Looked", "Wrote"]}, follow=True)
    assert "closed meanwhile" in again.text
    assert "Done" in browser.get(f"/upkeep/duties/{duty.pk}").text


@pytest.mark.parametrize("told", [{}, {"outcome": "burned"}, {"outcome": "done", "ticked": ["Something else"]}])
def test_a_form_that_nobody_made_changes_nothing(
    duty: Duty, as_person: SignIn, theo: User, told: dict[str, object]
) -> None:
    assert as_person(theo).post(f"/upkeep/duties/{duty.pk}/evidence", told).status_code == 422
    assert not Evidence.objects.exists()


def test_several_duties_are_done_at_once(
    duty: Duty, agreed: Client, as_person: SignIn, theo: User, routine: Begin
) -> None:
    other = Duty.objects.create(routine=routine(name="Another"), client=agreed, due_on=MONDAY)
    browser = as_person(theo)

    assert "Nothing was ticked" in browser.post("/upkeep/evidence", {}, follow=True).text
    told = {"duty": [duty.pk, other.pk, "x", "999999"], "note": "all logs good"}
    assert "2 duties are done" in browser.post("/upkeep/evidence", told, follow=True).text

    assert not Duty.objects.still_open().exists()
    assert Evidence.objects.filter(duty=duty).get().details["checklist"] == {"Looked": True, "Wrote": True}


def test_a_routine_is_begun_changed_and_stopped(agreed: Client, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)
    told = {
        "name": "Dust", "cadence": "6 Months", "starts": "2026-05-01", "per": "machine", "plans": ["retainer"],
        "category": "maintenance", "minutes": "30", "checklist": "Fans\n\n Filters ", "job": "",
    }  # fmt: skip

    wrong = browser.post("/upkeep/routines/new", {**told, "cadence": "often"})
    assert wrong.status_code == 422
    assert "write it like daily" in wrong.text
    assert browser.post("/upkeep/routines/new", told).status_code == 302
    dust = Routine.objects.get()
    assert (dust.cadence, dust.checklist, dust.plans) == ("6 months", ["Fans", "Filters"], ["retainer"])
    assert "there is a running routine" in browser.post("/upkeep/routines/new", told).text.lower()

    assert 'value="30"' in browser.get(f"/upkeep/routines/{dust.pk}").text
    assert browser.post(f"/upkeep/routines/{dust.pk}", {**told, "cadence": "3 months"}).status_code == 302
    assert Routine.objects.running().get().replaces == dust
    assert "another goes on in its place" in browser.get(f"/upkeep/routines/{dust.pk}").text

    browser.post(f"/upkeep/routines/{Routine.objects.running().get().pk}/end")
    assert not Routine.objects.running().exists()
    assert "No routines" in browser.get("/upkeep/routines").text


def test_the_repository_of_a_machine_is_entered_and_its_policy_is_shown(
    srv01: Machine, as_person: SignIn, theo: User
) -> None:
    browser, address = as_person(theo), f"/upkeep/machines/{srv01.pk}/repository"

    assert browser.post(address, {"path": "", "password_file": "/p"}).status_code == 422
    assert browser.post(address, {"path": "/srv/restic", "password_file": "/etc/p"}).status_code == 302

    assert BackupRepository.objects.get().set_by == theo
    assert "&quot;repository&quot;: &quot;/srv/restic&quot;" in browser.get(address).text


def test_the_agent_is_told_to_do_it_now_or_the_reason_why_not_is_shown(
    restore: Duty, as_person: SignIn, theo: User
) -> None:
    browser, address = as_person(theo), f"/upkeep/duties/{restore.pk}/attempts"

    assert "Ordered: the agent" in browser.post(address, follow=True).text
    assert Job.objects.count() == 1
    Job.objects.update(expires_at=timezone.now())
    BackupRepository.objects.update(ended_at=AT)
    assert "enter first where the backups of SRV01 lie" in browser.post(address, follow=True).text


def _asked_by(person: User) -> SignedIn:
    request = RequestFactory().get("/")
    request.user = person
    return request  # type: ignore[return-value]


def test_the_pages_of_others_show_what_is_due_and_what_is_proved(
    restore: Duty, srv01: Machine, agreed: Client, theo: User, nora: User, elm: Client
) -> None:
    asked = _asked_by(theo)
    assert "Restore random files" in sections.due_at_client(asked, agreed)
    assert "Restore random files" in sections.due_on_machine(asked, srv01)
    assert "no file has been restored yet" in sections.backup(asked, srv01)
    assert "1 of 1" in sections.due_today(asked, None)
    assert [found.where for found in sections.find_duties(theo, "restore")] == ["Northside Dental, SRV01"]
    assert list(sections.find_duties(nora, "restore")) == []

    ordering.pull(timezone.now())
    answer(Job.objects.get(), "same", "same", "same", at=timezone.now())
    proving.pull()

    assert "3 of 3 came back: at least 36 % can be restored (95 % sure)" in sections.backup(asked, srv01)
    assert "nothing is due" in sections.due_today(asked, None)
    assert "Nothing is due." in sections.due_at_client(asked, elm)
    assert local_day(Duty.objects.get().closed_at or AT) == local_day(timezone.now())
