"""Watches as people see them, and as strangers do not; and what an agent hears of them."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.findings import finding
from rounds.people.models import User
from rounds.watches import choosing
from rounds.watches.forms import FORMS
from rounds.watches.keeping import Wanted, add_watch, end_watch
from rounds.watches.models import Sighting, Watch
from tests.agents.front import Running, check_in, enrolled, running_front
from tests.watches.conftest import MINUTE, NOON, Report, gave, heard

type SignIn = Callable[[User], Browser]

SECRET = "the community of Northside"
PAGES = ("/watches", "/watches/{0}", "/watches/{0}/figures", "/watches/new", "/watches/{0}/particulars")
CHANGES = ("/watches/new", "/watches/{0}/particulars", "/watches/{0}/end")


@pytest.fixture
def switch(srv01: Machine) -> Watch:
    """A switch, watched by SNMP with a community."""
    wanted = Wanted(
        name="Switch", target="192.168.1.2", device="SW-1", settings={"version": "2c", "device_kind": "switch"},
        secrets={"community": SECRET},
    )  # fmt: skip
    return add_watch(srv01.site, "snmp", wanted, by=None, at=NOON)


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_and_a_client_find_nothing_there(
    switch: Watch, as_person: SignIn, stranger: User, nora: User, page: str
) -> None:
    address = page.format(switch.pk)

    assert Browser().get(address).status_code == 302
    for person in (stranger, nora):
        assert as_person(person).get(address).status_code == 404


@pytest.mark.parametrize("address", CHANGES)
def test_neither_a_stranger_nor_the_bookkeeper_changes_anything(
    switch: Watch, as_person: SignIn, stranger: User, bea: User, address: str
) -> None:
    where = f"{address.format(switch.pk)}?site={switch.site_id}&kind=ping"
    for person in (stranger, bea):
        assert as_person(person).post(where, {"name": "X", "target": "x", "every_minutes": "1"}).status_code == 404

    assert list(Watch.objects.current()) == [switch]


def test_an_empty_list_says_what_would_fill_it(theo: User, as_person: SignIn) -> None:
    page = as_person(theo).get("/watches").text

    assert "Nothing yet." in page
    assert "/watches/new" in page


def test_the_list_is_searched_sorted_filtered_and_told_as_csv(
    printer: Watch, switch: Watch, srv01: Machine, report: Report, theo: User, as_person: SignIn
) -> None:
    report(srv01, 1, watches=[gave(printer, 1, ok=False, why="it is off")])
    finding.pull(NOON + MINUTE)
    browser = as_person(theo)

    for sort in ("state", "-state", "name", "client", "kind", "seen", "time", "-time"):
        assert browser.get("/watches", {"sort": sort}).status_code == 200
    failing = browser.get("/watches", {"state": "failing"}).text
    unknown = browser.get("/watches", {"state": "unknown", "kind": "snmp", "client": str(srv01.site.client_id)}).text
    none = browser.get("/watches", {"q": "no such thing"}).text
    table = b"".join(browser.get("/watches?format=csv&q=switch")).decode()

    assert ">Printer</a>" in failing
    assert ">Switch</a>" not in failing
    assert ">Switch</a>" in unknown
    assert "No watch is like that." in none
    assert "192.168.1.2, version 2c" in table
    assert SECRET not in table


def test_the_list_tells_a_time_once_and_stands_under_machines(
    printer: Watch, srv01: Machine, report: Report, theo: User, as_person: SignIn
) -> None:
    report(srv01, 1, watches=[gave(printer, 1, milliseconds=4.8)])
    finding.pull(NOON + MINUTE)

    page = as_person(theo).get("/watches").text

    assert page.count("4.8") + page.count('data-label="ms">5<') == 1
    assert 'href="/machines/" aria-current="page"' in page


def test_a_watch_says_how_it_is_who_looks_and_what_was_seen(
    printer: Watch, srv01: Machine, report: Report, theo: User, as_person: SignIn
) -> None:
    report(srv01, 1, watches=[gave(printer, 1, ok=False, why="192.168.1.40 does not answer to 3 pings")])
    finding.pull(NOON + MINUTE)

    page = as_person(theo).get(f"/watches/{printer.pk}").text

    assert "192.168.1.40 does not answer to 3 pings" in page
    assert f'/machines/{srv01.pk}">SRV01</a> looks' in page


def test_where_nobody_looks_the_page_says_why(srv01: Machine, theo: User, as_person: SignIn) -> None:
    made = add_watch(srv01.site, "ping", Wanted(name="Door", target="192.168.1.9"), by=None, at=NOON)
    browser = as_person(theo)

    without = browser.get(f"/watches/{made.pk}").text
    heard(srv01, may=False)
    forbidden = browser.get(f"/watches/{made.pk}").text

    assert "no machine of this site has an agent" in without
    assert "--watch-networks" in forbidden


@pytest.mark.parametrize("kind", FORMS)
def test_each_kind_is_added_by_its_form(kind: str, srv01: Machine, theo: User, as_person: SignIn) -> None:
    target = {"tcp": "192.168.1.20:3389", "http": "https://www.northside.example/"}.get(kind, "192.168.1.20")
    typed = {
        "name": "New", "target": target, "every_minutes": "5", "device": "DEV-1", "name_asked": "a.example",
        "record": "A", "device_kind": "switch", "version": "2c", "community": SECRET,
    }  # fmt: skip
    address = f"/watches/new?site={srv01.site_id}&kind={kind}"
    browser = as_person(theo)

    assert browser.get(address).status_code == 200
    reply = browser.post(address, typed)

    made = Watch.objects.get()
    assert reply.status_code == 302
    assert (made.kind, made.every_minutes, made.machine and made.machine.name) == (kind, 5, "DEV-1")
    assert made.made_by == theo
    assert browser.get(f"/watches/{made.pk}").status_code == 200
    assert browser.get(f"/watches/{made.pk}/particulars").status_code == 200


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("ping", {"target": "not an address"}, "Write a name or an address"),
        ("ping", {"target": ""}, "This field is required"),
        ("tcp", {"target": "192.168.1.20"}, "Write address and port"),
        ("tcp", {"target": "192.168.1.20:99999"}, "Write address and port"),
        ("http", {"target": "www.northside.example"}, "Write the whole web address"),
        ("http", {"target": "http://[::1/"}, "Write the whole web address"),
        ("http", {"target": "https://me:secret@x.example/"}, "Leave the password out"),
        ("dns", {"target": "192.168.1.1", "name_asked": "no name", "record": "A"}, "Write a name"),
        ("snmp", {"target": "192.168.1.2", "device": "D", "version": "2c"}, "Version 2c needs it"),
        ("snmp", {"target": "192.168.1.2", "device": "D", "version": "3", "user": "u"}, "Version 3 needs it"),
        ("snmp", {"target": "192.168.1.2", "version": "2c", "community": "c"}, "Say which device it is"),
        (
            "snmp",
            {"target": "192.168.1.2", "device": "D", "version": "3", "user": "u", "auth_password": "short"},
            "8 characters at the least",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(
    srv01: Machine, theo: User, as_person: SignIn, kind: str, typed: dict[str, str], said: str
) -> None:
    usual = {"name": "New", "every_minutes": "5", "device_kind": "switch"}

    reply = as_person(theo).post(f"/watches/new?site={srv01.site_id}&kind={kind}", usual | typed)

    assert reply.status_code == 422
    assert said in reply.text
    assert not Watch.objects.exists()


def test_a_name_that_is_taken_is_said(printer: Watch, theo: User, as_person: SignIn) -> None:
    typed = {"name": "Printer", "target": "192.168.1.50", "every_minutes": "1"}

    reply = as_person(theo).post(f"/watches/new?site={printer.site_id}&kind=ping", typed)

    assert reply.status_code == 422
    assert "another watch of this site is called" in reply.text


def test_a_secret_is_never_shown_again_and_stays_when_the_field_is_left_empty(
    switch: Watch, theo: User, as_person: SignIn
) -> None:
    browser = as_person(theo)
    pages = [f"/watches/{switch.pk}", f"/watches/{switch.pk}/particulars", "/watches", f"/machines/{switch.machine_id}"]
    for page in pages:
        assert SECRET not in browser.get(page).text

    typed = {
        "name": "Core switch", "target": "192.168.1.2", "every_minutes": "5", "machine": str(switch.machine_id),
        "device_kind": "switch", "version": "2c", "community": "",
    }  # fmt: skip
    reply = browser.post(f"/watches/{switch.pk}/particulars", typed)

    kept = Watch.objects.get()
    assert reply.status_code == 302
    assert (kept.name, kept.secrets) == ("Core switch", {"community": SECRET})
    wrong = browser.post(f"/watches/{switch.pk}/particulars", typed | {"target": "", "community": "another secret"})
    assert "another secret" not in wrong.text


def test_an_ended_watch_can_be_read_but_not_changed(printer: Watch, theo: User, as_person: SignIn) -> None:
    browser = as_person(theo)
    assert browser.post(f"/watches/{printer.pk}/end").status_code == 302

    assert "ended" in browser.get(f"/watches/{printer.pk}").text
    assert browser.get(f"/watches/{printer.pk}/particulars").status_code == 404


def test_a_device_shows_how_it_looks_from_outside_and_a_machine_what_it_watches(
    printer: Watch, srv01: Machine, report: Report, northside: Client, theo: User, as_person: SignIn
) -> None:
    report(srv01, 1, watches=[gave(printer, 1, milliseconds=2.0)])
    finding.pull(NOON + MINUTE)
    bare = Machine.objects.create(site=srv01.site, name="NAS", kind="device")
    browser = as_person(theo)

    device = browser.get(f"/machines/{printer.machine_id}").text
    assert "Watched from outside" in device
    assert ">Printer</a>" in device
    assert "What it watches for others" in browser.get(f"/machines/{srv01.pk}").text
    assert "Nothing looks at this device." in browser.get(f"/machines/{bare.pk}").text
    assert ">Printer</a>" in browser.get(f"/clients/{northside.pk}").text


def test_choosing_where_and_how_comes_first(srv01: Machine, theo: User, as_person: SignIn) -> None:
    page = as_person(theo).get("/watches/new", {"machine": str(srv01.pk), "site": "x", "kind": "nonsense"})

    assert page.status_code == 200
    assert "Where is what you want to watch?" in page.text


@pytest.fixture
def front(transactional_db: None) -> Iterator[Running]:
    """A front over the test's database."""
    with running_front() as front:
        yield front


def test_an_agent_hears_of_its_watches_once_and_of_every_change(front: Running, srv01: Machine) -> None:
    agent, secret = enrolled(srv01)
    made = add_watch(srv01.site, "ping", Wanted(name="Door", target="192.168.1.9"), by=None, at=NOON)
    heard(srv01)
    choosing.pull(NOON)

    _, first = front.send(secret, check_in(1), **{"Rounds-Watches": "none"})
    version = first["watches"]["version"]
    _, again = front.send(secret, check_in(2), **{"Rounds-Watches": version})
    _, old = front.send(secret, check_in(3))

    assert [one["id"] for one in first["watches"]["watches"]] == [made.pk]
    assert "watches" not in again
    assert "watches" not in old
    assert agent.machine_id == srv01.pk
    assert end_watch(made, at=NOON)


def test_the_list_of_machines_says_when_a_device_last_answered(
    switch: Watch, report: Report, srv01: Machine, as_person: SignIn, theo: User
) -> None:
    heard(srv01)
    choosing.pull(NOON)
    now = timezone.now()
    report(srv01, 0, watches=[gave(switch, 0, milliseconds=3.0)])
    finding.pull(NOON)
    Sighting.objects.update(measured_at=now, answered_at=now)
    browser = as_person(theo)

    def row() -> str:
        page = browser.get("/machines/").text
        return page[page.index(">SW-1</a>") :].partition("</tr>")[0]

    assert "answers" in row()
    assert "never seen" not in row()
    assert "SW-1" not in browser.get("/machines/?state=never").text.partition("<tbody>")[2]
    reply = browser.get("/machines/?format=csv")
    lines = b"".join(reply.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert any(line.startswith("SW-1,") and f"{now:%Y-%m-%d}" in line for line in lines)

    Sighting.objects.update(is_ok=False)
    assert "does not answer" in row()
    Sighting.objects.update(measured_at=NOON)
    assert "not asked of late" in row()


def test_a_device_that_was_never_asked_says_so(switch: Watch, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)

    assert "not asked yet" in browser.get("/machines/").text
    assert ">SW-1</a>" in browser.get("/machines/?state=never").text
