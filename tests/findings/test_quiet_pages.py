"""Taking a finding on, putting it off, muting it and planning windows by pages, and by whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.findings.models import Finding
from rounds.findings.opening import Cause, Seen, open_once
from rounds.findings.quiet_models import Handling, MaintenanceWindow, Mute
from rounds.people.models import User
from rounds.people.shop import shop_zone

type SignIn = Callable[[User], Browser]


@pytest.fixture
def full(srv01: Machine) -> Finding:
    cause = Cause(srv01.site.client_id, srv01.pk, "disk-full", "/var")
    evidence = {"value": 94.0, "times": 3, "of": 3}
    return open_once(cause, Seen("/var is 94 % full", "trouble", timezone.now() - timedelta(hours=1), evidence))[0]


@pytest.mark.parametrize("action", ["acknowledgement", "snooze", "resumption", "mute"])
def test_neither_a_stranger_nor_the_bookkeeper_acts(
    full: Finding, as_person: SignIn, stranger: User, nora: User, bea: User, action: str
) -> None:
    for person in (stranger, nora, bea):
        reply = as_person(person).post(f"/findings/{full.pk}/{action}", {"why": "x", "until": "1h"})
        assert reply.status_code == 404

    assert not Handling.objects.exists()
    assert not Mute.objects.exists()


@pytest.mark.parametrize("page", ["/findings/quiet", "/findings/windows/new"])
def test_a_stranger_finds_nothing_there(as_person: SignIn, stranger: User, nora: User, page: str) -> None:
    assert Browser().get(page).status_code == 302
    for person in (stranger, nora):
        assert as_person(person).get(page).status_code == 404


def test_a_technician_takes_a_finding_on_and_gives_it_back(full: Finding, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)

    taken = browser.post(f"/findings/{full.pk}/acknowledgement", follow=True).text
    assert "You have taken it on" in taken
    assert "Taken on by Theo" in taken

    back = browser.post(f"/findings/{full.pk}/resumption", follow=True).text
    assert "as if nobody had taken it on" in back
    assert "Take it on" in back


def test_a_finding_is_put_off_until_one_of_a_few_moments(full: Finding, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)

    assert "Choose until when" in browser.post(f"/findings/{full.pk}/snooze", {"until": "??"}, follow=True).text
    assert "Put off until" in browser.post(f"/findings/{full.pk}/snooze", {"until": "tomorrow"}, follow=True).text

    kept = Handling.objects.get()
    assert kept.until is not None
    assert kept.until.astimezone(shop_zone()).hour == 8


def test_muting_wants_a_reason_and_is_lifted_from_the_list(full: Finding, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)

    assert browser.post(f"/findings/{full.pk}/mute", {"why": ""}).status_code == 422
    muted = browser.post(f"/findings/{full.pk}/mute", {"why": "an old disk"}, follow=True).text
    assert "Muted: an old disk" in muted
    assert "an old disk" in browser.get("/findings/quiet").text
    browser.post(f"/findings/mutes/{Mute.objects.get().pk}/lifting")
    assert "Nothing is muted" in browser.get("/findings/quiet").text


def test_a_window_is_planned_for_a_machine_and_called_off(
    srv01: Machine, northside: Client, as_person: SignIn, theo: User
) -> None:
    browser = as_person(theo)
    tomorrow = timezone.localdate() + timedelta(days=1)
    said = {"why": "Firmware", "client": northside.pk, "first_on": tomorrow.isoformat(), "starts": "20:00",
            "hours": "1.5", "repeats": "once", "last_on": "", "site": "", "machine": ""}  # fmt: skip

    choosing = browser.post("/findings/windows/new", {**said, "choose": "1"}).text
    assert "SRV01" in choosing
    assert 'value="Firmware"' in choosing
    listed = browser.post("/findings/windows/new", {**said, "machine": srv01.pk}, follow=True).text
    assert "Firmware" in listed
    assert "Northside Dental · SRV01" in listed
    window = MaintenanceWindow.objects.get()
    assert (window.machine, window.client, window.minutes) == (srv01, None, 90)

    browser.post(f"/findings/windows/{window.pk}/calling-off")

    assert "No window is planned" in browser.get("/findings/quiet").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"hours": "0"}, "from a minute"),
        ({"first_on": "2020-01-01"}, "has passed"),
        ({"repeats": "daily", "hours": "24"}, "would never end"),
        ({"why": ""}, "required"),
        ({"machine": "999999"}, "valid choice"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_and_kept_in_the_form(
    northside: Client, as_person: SignIn, theo: User, wrong: dict[str, str], words: str
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    said = {"why": "Firmware", "client": northside.pk, "first_on": tomorrow.isoformat(), "starts": "20:00",
            "hours": "1", "repeats": "once", **wrong}  # fmt: skip

    reply = as_person(theo).post("/findings/windows/new", said)

    assert reply.status_code == 422
    assert words in reply.text
    assert not MaintenanceWindow.objects.exists()


def test_limits_of_a_client_a_site_and_a_kind_have_pages_of_their_own(
    srv01: Machine, as_person: SignIn, theo: User
) -> None:
    browser = as_person(theo)
    numbers = {"open_at": "80", "clear_at": "75", "times": "3", "of": "5"}

    browser.post(f"/findings/limits/disk-full?site={srv01.site_id}", numbers)

    assert "Opens at 80 %" in browser.get(f"/findings/limits?machine={srv01.pk}").text
    assert "this site&#x27;s own limit" in browser.get(f"/findings/limits?machine={srv01.pk}").text
    assert "Main office" in browser.get("/findings/limits").text
    assert "Opens at 90 %" in browser.get("/findings/limits?kind=server").text
    assert browser.get("/findings/limits?kind=nonsense").status_code == 404
    assert browser.get("/findings/limits?site=0").status_code == 404
