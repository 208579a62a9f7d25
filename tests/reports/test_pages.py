"""The morning's reports, a report, its review, and the choices, as people see them, and as strangers do not."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rounds.clients.models import Agreement, Client, Contact, Machine, Site
from rounds.findings.models import Finding
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.reports import choosing, making, reviewing
from rounds.reports.models import ClientChoice, Report, Review, ShopChoice
from rounds.reports.reviewing import Looked
from rounds.upkeep.models import Duty, Evidence, Routine
from rounds.work.models import Stint
from tests.reports.conftest import DAY, watch

type SignIn = Callable[[User], Browser]


def now() -> datetime:
    return timezone.now()


@pytest.fixture
def morning(northside: Client, srv01: Machine, elm: Client) -> list[Report]:
    """Today's reports of three clients: Elm in trouble, Northside and Oak well."""
    at = now()
    oak = Client.objects.create(name="Oak Dental")
    Client.objects.update(since=at - 100 * DAY)
    for client, name in ((elm, "ELM-SRV"), (oak, "OAK-SRV")):
        site, _ = Site.objects.get_or_create(client=client, name="Office")
        Machine.objects.create(site=site, name=name, kind="server")
    fresh = {"updates": {"pending": 0, "security": 0},
             "antivirus": {"products": [{"product": "ClamAV", "is_active": True, "signatures_at": at.isoformat()}]},
             "backups": {"runs": [{"product": "restic", "last_at": at.isoformat()}]}}  # fmt: skip
    for machine in Machine.objects.all():
        watch(machine, seen_at=at, facts=fresh)
    Finding.objects.create(
        client=elm, machine=Machine.objects.get(name="ELM-SRV"), rule="disk-full", subject="/srv", severity="trouble",
        title="/srv is 93 % full <b>", opened_at=at,
    )  # fmt: skip
    routine = Routine.objects.create(
        name="Daily report", cadence="daily", starts=date(2026, 1, 1), checklist=["Looked"], minutes=5
    )
    for client in Client.objects.all():
        Duty.objects.create(routine=routine, client=client, due_on=local_day(at) - DAY)
    choosing.choose_for_shop(ShopChoice(routine=routine), by=None, at=at - 50 * DAY)
    # Of the shop's day: in the first hours of it the report that is due is yesterday's, which is made, too.
    asked = making.due(at)
    for client, wish, day in asked:
        making.make([(client, wish, day)], at)
        making.make([(client, wish, local_day(at))], at)
    return list(Report.objects.filter(day=local_day(at)).worst_first())


def test_a_stranger_and_a_client_find_nothing_there(
    morning: list[Report], northside: Client, as_person: SignIn, stranger: User, nora: User
) -> None:
    key = morning[0].pk
    for address in ("/reports", f"/reports/{key}", f"/reports/{key}.pdf", f"/clients/{northside.pk}/reports",
                    "/settings/reports"):  # fmt: skip
        assert Browser().get(address).status_code == 302
        for person in (stranger, nora):
            assert as_person(person).get(address).status_code == 404


def test_a_stranger_a_client_and_the_bookkeeper_can_review_nothing(
    morning: list[Report], theo: User, as_person: SignIn, stranger: User, nora: User, bea: User
) -> None:
    kept = reviewing.review(morning[0], Looked(), by=theo, at=now())
    for address in (f"/reports/{morning[1].pk}/review", "/reports/reviews", f"/reports/reviews/{kept.pk}/undoing"):
        assert Browser().post(address).status_code == 302
        for person in (stranger, nora, bea):
            assert as_person(person).post(address, {"all": "1", "confirmed": "1"}).status_code == 404

    assert Review.objects.standing().get() == kept


def test_only_the_owner_chooses_for_the_shop_and_a_bookkeeper_for_nobody(
    shop: object, northside: Client, theo: User, bea: User, as_person: SignIn
) -> None:
    assert as_person(theo).get("/settings/reports").status_code == 404
    assert as_person(bea).get(f"/clients/{northside.pk}/reports").status_code == 200

    as_person(bea).post(f"/clients/{northside.pk}/reports", {"wanted": "never"})

    assert not ClientChoice.objects.exists()


def test_the_morning_has_what_is_not_well_first(morning: list[Report], theo: User, as_person: SignIn) -> None:
    page = as_person(theo).get("/reports").content.decode()

    assert [report.client.name for report in morning] == ["Elm St Law", "Northside Dental", "Oak Dental"]
    places = [page.index(f'<a href="/reports/{report.pk}">{report.client}') for report in morning]
    assert places == sorted(places)
    assert "3 reports" in page
    assert "1 not well" in page
    assert "Review the 2 that are well" in page
    assert f'href="/reports/{morning[0].pk}">Begin with Elm St Law' in page


def test_the_list_is_searched_filtered_and_given_as_csv(morning: list[Report], theo: User, as_person: SignIn) -> None:
    browser = as_person(theo)
    reviewing.review(morning[1], Looked(), by=theo, at=now())

    def names(query: str) -> list[str]:
        return [row.client.name for row in browser.get(f"/reports?{query}").context["listing"].rows]

    assert names("q=oak") == ["Oak Dental"]
    assert names("show=open") == ["Elm St Law", "Oak Dental"]
    assert names("show=reviewed") == ["Northside Dental"]
    assert names("show=not-well") == ["Elm St Law"]
    assert names("show=nonsense&sort=-client&day=2026-99-99") == ["Oak Dental", "Northside Dental", "Elm St Law"]
    assert names("day=2001-01-01") == []
    csv = b"".join(browser.get("/reports?format=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert csv[1].startswith("Elm St Law,")
    assert ",Theo," in csv[2]


def test_with_one_click_it_is_reviewed_and_the_next_comes_up(
    morning: list[Report], theo: User, as_person: SignIn
) -> None:
    browser = as_person(theo)
    page = browser.get(f"/reports/{morning[0].pk}").content.decode()
    assert 'data-key="r">Reviewed, next' in page
    assert "This does the duty" in page
    assert "&lt;b&gt;" in page

    second = browser.post(f"/reports/{morning[0].pk}/review", {"note": "called them"})
    assert second.url == f"/reports/{morning[1].pk}"  # type: ignore[attr-defined]
    third = browser.post(f"/reports/{morning[1].pk}/review")
    assert third.url == f"/reports/{morning[2].pk}"  # type: ignore[attr-defined]
    last = browser.post(f"/reports/{morning[2].pk}/review")
    assert last.url.startswith("/reports?day=")  # type: ignore[attr-defined]

    assert Evidence.objects.count() == Review.objects.count() == 3
    assert "all reviewed" in browser.get("/reports").content.decode()


def test_who_begins_in_the_middle_comes_to_those_before_at_the_end(
    morning: list[Report], theo: User, as_person: SignIn
) -> None:
    reply = as_person(theo).post(f"/reports/{morning[2].pk}/review")

    assert reply.url == f"/reports/{morning[0].pk}"  # type: ignore[attr-defined]


def test_a_second_click_and_a_second_technician_change_nothing(
    morning: list[Report], theo: User, olga: User, as_person: SignIn
) -> None:
    as_person(theo).post(f"/reports/{morning[0].pk}/review")

    reply = as_person(olga).post(f"/reports/{morning[0].pk}/review", follow=True)

    assert "has been reviewed meanwhile, by Theo" in reply.content.decode()
    assert Review.objects.count() == Evidence.objects.count() == 1


def test_a_review_is_taken_back_with_undo(morning: list[Report], theo: User, as_person: SignIn) -> None:
    browser = as_person(theo)
    page = browser.post(f"/reports/{morning[0].pk}/review", follow=True).content.decode()
    address = re.search(r'action="(/reports/reviews/\d+/undoing)"', page)
    assert address is not None

    back = browser.post(address[1], follow=True).content.decode()

    assert "is taken back" in back
    assert "Reviewed, next" in back
    assert not Review.objects.standing().exists()
    duty = browser.get(f"/upkeep/duties/{Evidence.objects.get().duty_id}").content.decode()
    assert "taken back" in duty
    assert "Taken back by Theo" in duty


def test_another_technicians_review_is_not_taken_back(
    morning: list[Report], theo: User, as_person: SignIn, olga: User
) -> None:
    kept = reviewing.review(morning[0], Looked(), by=olga, at=now())

    reply = as_person(theo).post(f"/reports/reviews/{kept.pk}/undoing", follow=True)

    assert "the owner can" in reply.content.decode()
    assert Review.objects.standing().exists()


def test_minutes_are_asked_where_the_plan_pays_by_time(
    morning: list[Report], elm: Client, theo: User, as_person: SignIn
) -> None:
    Agreement.objects.create(client=elm, plan="block", starts=date(2026, 1, 1))
    browser, address = as_person(theo), f"/reports/{morning[0].pk}"
    assert 'name="minutes"' in browser.get(address).content.decode()
    assert 'name="minutes"' not in browser.get(f"/reports/{morning[1].pk}").content.decode()

    for wrong in ("soon", "-5", "999", "1e3", "٣"):
        refused = browser.post(f"{address}/review", {"minutes": wrong})
        assert refused.status_code == 422
        assert f'value="{wrong}"' in refused.content.decode()
    assert not Review.objects.exists()

    done = browser.post(f"{address}/review", {"minutes": "7"}, follow=True).content.decode()
    assert "is reviewed, 7 min." in done
    assert Stint.objects.get().minutes == 7
    assert "7 min are on" in browser.get(address).content.decode()


def test_many_that_are_well_are_reviewed_after_a_question_that_names_them(
    morning: list[Report], theo: User, as_person: SignIn
) -> None:
    browser, day = as_person(theo), morning[0].day.isoformat()

    asked = browser.post("/reports/reviews", {"day": day, "all": "1"}).content.decode()
    assert "Review 2 reports" in asked
    assert "Elm St Law" not in asked
    assert not Review.objects.exists()

    keys = re.findall(r'name="report" value="(\d+)"', asked)
    reply = browser.post("/reports/reviews", {"day": day, "confirmed": "1", "report": keys}, follow=True)

    assert "2 reports are reviewed" in reply.content.decode()
    assert {review.report.client.name for review in Review.objects.all()} == {"Northside Dental", "Oak Dental"}


def test_what_is_not_well_is_not_reviewed_with_many(morning: list[Report], theo: User, as_person: SignIn) -> None:
    asked = {"day": morning[0].day.isoformat(), "confirmed": "1", "report": [str(morning[0].pk), "x", "99999"]}

    reply = as_person(theo).post("/reports/reviews", asked, follow=True)

    assert "Nothing was ticked that is well" in reply.content.decode()
    assert not Review.objects.exists()


def test_many_take_no_time_unless_it_is_said(
    morning: list[Report], northside: Client, theo: User, as_person: SignIn
) -> None:
    Agreement.objects.create(client=northside, plan="block", starts=date(2026, 1, 1))
    browser, day = as_person(theo), morning[0].day.isoformat()
    keys = [str(report.pk) for report in morning]
    asked = browser.post("/reports/reviews", {"day": day, "report": keys}).content.decode()
    assert 'name="minutes" inputmode="numeric" maxlength="4" value="0"' in asked

    wrong = browser.post("/reports/reviews", {"day": day, "report": keys, "confirmed": "1", "minutes": "lots"})
    assert wrong.status_code == 422
    browser.post("/reports/reviews", {"day": day, "report": keys, "confirmed": "1", "minutes": "2"})

    assert Review.objects.count() == 2
    assert [stint.minutes for stint in Stint.objects.all()] == [2]


def test_a_report_is_given_as_pdf(morning: list[Report], bea: User, as_person: SignIn) -> None:
    reply = as_person(bea).get(f"/reports/{morning[0].pk}.pdf")

    assert reply.content.startswith(b"%PDF")
    assert reply["Content-Type"] == "application/pdf"
    assert as_person(bea).get("/reports/999999.pdf").status_code == 404


def test_a_report_that_is_not_made_though_its_hour_has_come_is_named(
    morning: list[Report], elm: Client, theo: User, as_person: SignIn
) -> None:
    late = Client.objects.create(name="Late Ltd", since=now() - 9 * DAY)
    choosing.choose_for_client(ClientChoice(client=late, wanted="always"), by=None, at=now())

    ((_client, _wish, day),) = making.due(now())
    page = as_person(theo).get(f"/reports?day={day}").content.decode()

    assert "Not made yet" in page
    assert f'<a href="/clients/{late.pk}">Late Ltd</a>' in page


def test_the_front_page_and_the_clients_page_lead_there(
    morning: list[Report], elm: Client, theo: User, as_person: SignIn
) -> None:
    browser = as_person(theo)

    front, client = browser.get("/").content.decode(), browser.get(f"/clients/{elm.pk}").content.decode()

    assert '<a href="/reports?show=not-well">1 of 3</a>' in front
    assert f'<a href="/reports/{morning[0].pk}">Elm St Law</a>' in front
    assert f'href="/reports/{morning[0].pk}"' in client
    assert f'href="/clients/{elm.pk}/reports"' in client


def test_before_any_report_pages_say_when_the_first_comes(
    shop: object, olga: User, elm: Client, as_person: SignIn
) -> None:
    browser = as_person(olga)

    assert "comes at 06:00" in browser.get("/reports").content.decode()
    assert "No report of him has been made yet" in browser.get(f"/clients/{elm.pk}/reports").content.decode()


def test_the_owner_chooses_how_the_shop_wants_them(
    morning: list[Report], olga: User, theo: User, as_person: SignIn
) -> None:
    browser, routine = as_person(olga), Routine.objects.get()
    assert browser.get("/settings/reports").status_code == 200
    typed = {"clock": "07:15", "staff": [theo.pk], "has_pdf": "on", "routine": routine.pk, "records_time": "on"}

    assert browser.post("/settings/reports", typed).status_code == 302

    kept = ShopChoice.objects.last()
    assert kept is not None
    assert (f"{kept.clock:%H:%M}", kept.staff, kept.has_pdf, kept.is_in_portal) == ("07:15", [theo.pk], True, False)
    assert (kept.by, kept.routine) == (olga, routine)
    assert browser.post("/settings/reports", {**typed, "clock": "25:00"}).status_code == 422
    assert browser.post("/settings/reports", {**typed, "staff": ["99999"]}).status_code == 422
    again = browser.get("/settings/reports").content.decode()
    assert 'value="07:15"' in again


def test_a_technician_chooses_for_a_client(northside: Client, theo: User, as_person: SignIn) -> None:
    browser, nora = as_person(theo), Contact.objects.get(client=northside)
    address = f"/clients/{northside.pk}/reports"
    typed = {
        "wanted": "always", "clock": "07:00", "zone": "Europe/Berlin", "contacts": [nora.pk], "has_own_staff": "own",
        "staff": [theo.pk], "has_pdf": "yes", "is_in_portal": "", "records_time": "no",
    }  # fmt: skip

    assert browser.post(address, typed).status_code == 302

    kept = choosing.client_choice(northside)
    assert kept is not None
    assert (kept.zone, kept.contacts, kept.staff) == ("Europe/Berlin", [nora.pk], [theo.pk])
    assert (kept.has_pdf, kept.is_in_portal, kept.records_time) == (True, None, False)
    page = browser.get(address).content.decode()
    assert "at 07:00 (Europe/Berlin)" in page
    refused = browser.post(address, {**typed, "zone": "Mars/Olympus"})
    assert refused.status_code == 422
    assert "is no time zone" in refused.content.decode()


def test_anothers_contact_cannot_be_chosen(northside: Client, elm: Client, theo: User, as_person: SignIn) -> None:
    eve = Contact.objects.create(client=elm, name="Eve", email="eve@elm.example")

    reply = as_person(theo).post(f"/clients/{northside.pk}/reports", {"contacts": [eve.pk]})

    assert reply.status_code == 422
    assert not ClientChoice.objects.exists()


def test_a_long_list_asks_no_more_than_a_short_one(morning: list[Report], theo: User, as_person: SignIn) -> None:
    browser = as_person(theo)
    browser.get("/reports")

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get("/reports")
        return len(asked)

    few = questions()
    for number in range(40):
        client = Client.objects.create(name=f"Client {number:02}")  # new: no report of his is due yet
        kept = morning[number % 3]
        kept.pk, kept.client, kept._state.adding = None, client, True
        kept.save(force_insert=True)

    assert questions() == few
