"""Pages of clients: list, page, particulars, and what strangers get."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client as Browser

from rounds.clients.models import Agreement, AgreementEnd, Client, Contact, Machine, Site
from rounds.people.models import User

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def agreement(northside: Client) -> Agreement:
    return Agreement.objects.create(
        client=northside, plan="service-agreement", starts=date(2020, 1, 1), included_seconds=8 * 3600, discount="10%"
    )


def test_the_list_finds_by_name_contact_kind_and_plan(
    theo: User, northside: Client, elm: Client, agreement: Agreement, as_person: AsPerson
) -> None:
    browser = as_person(theo)
    Contact.objects.create(client=elm, name="Eduard")
    Client.objects.create(name="Mrs Miller", kind="residential")

    def shown(query: str) -> set[str]:
        return {row.name for row in browser.get(f"/clients/?{query}").context["listing"].rows}

    assert shown("") == {"Northside Dental", "Elm St Law", "Mrs Miller"}
    assert shown("q=north") == {"Northside Dental"}
    assert shown("q=eduard") == {"Elm St Law"}
    assert shown("kind=residential") == {"Mrs Miller"}
    assert shown("plan=service-agreement") == {"Northside Dental"}
    assert shown("plan=reactive") == {"Elm St Law", "Mrs Miller"}


def test_the_list_sorts_by_the_plan_in_force(
    theo: User, northside: Client, elm: Client, agreement: Agreement, as_person: AsPerson
) -> None:
    browser = as_person(theo)
    block = Agreement.objects.create(client=elm, plan="block", starts=date(2020, 1, 1))
    Client.objects.create(name="Mrs Miller")

    def shown(query: str) -> list[str]:
        return [row.name for row in browser.get(f"/clients/?{query}").context["listing"].rows]

    assert shown("sort=plan") == ["Elm St Law", "Mrs Miller", "Northside Dental"]  # block, reactive, service agreement
    assert shown("sort=-plan") == ["Northside Dental", "Mrs Miller", "Elm St Law"]
    AgreementEnd.objects.create(agreement=block, ends=date(2020, 2, 1))
    assert shown("sort=plan&plan=reactive") == ["Elm St Law", "Mrs Miller"]


def test_the_list_as_csv_has_everybody_and_no_formulas(theo: User, northside: Client, as_person: AsPerson) -> None:
    Client.objects.create(name="=cmd()")

    reply = as_person(theo).get("/clients/?format=csv")

    lines = b"".join(reply.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "Client,Kind,Plan,Machines,Since,Left"
    assert any(line.startswith("'=cmd()") for line in lines)
    assert any(line.startswith("Northside Dental,Business,reactive,1,") for line in lines)


def test_who_left_is_shown_when_asked_for(theo: User, northside: Client, as_person: AsPerson) -> None:
    browser = as_person(theo)
    browser.post(f"/clients/{northside.pk}/leave")

    assert browser.get("/clients/").context["listing"].rows == []
    assert browser.get("/clients/?left=too").context["listing"].rows == [northside]
    assert browser.get("/clients/?left=only").context["listing"].rows == [northside]
    page = browser.post(f"/clients/{northside.pk}/return", follow=True)
    assert "is a client again" in page.text


def test_a_client_does_not_leave_while_an_agreement_runs(
    theo: User, northside: Client, agreement: Agreement, as_person: AsPerson
) -> None:
    page = as_person(theo).post(f"/clients/{northside.pk}/leave", follow=True)

    assert "service agreement runs on: end it first" in page.text
    northside.refresh_from_db()
    assert northside.left_at is None


def test_the_clients_page_says_plan_machines_people_and_agreements(
    theo: User, northside: Client, agreement: Agreement, as_person: AsPerson
) -> None:
    page = as_person(theo).get(f"/clients/{northside.pk}").text

    for words in ("service agreement", "8 h a month", "SRV01", "Nora", "8 hours a month at 90.00 an hour"):
        assert words in page
    assert "Change from a day on" not in page


def test_a_new_client_is_kept_and_a_second_of_the_name_refused(theo: User, shop: object, as_person: AsPerson) -> None:
    browser = as_person(theo)

    kept = browser.post("/clients/new", {"name": " Elm  St Law ", "kind": "business"}, follow=True)
    again = browser.post("/clients/new", {"name": "elm st law", "kind": "business", "note": "what I typed"})

    assert "Elm St Law is a client now" in kept.text
    assert "There is a client Elm St Law already" in again.text
    assert "what I typed" in again.text
    assert Client.objects.count() == 1


def test_sites_contacts_and_machines_are_added_and_changed(theo: User, northside: Client, as_person: AsPerson) -> None:
    browser, here = as_person(theo), f"/clients/{northside.pk}"

    browser.post(f"{here}/sites/new", {"name": "Workshop", "environment": "dusty"})
    site = Site.objects.get(client=northside, name="Workshop")
    browser.post(f"{here}/machines/new", {"name": "PC-07", "site": site.pk, "kind": "workstation"})
    browser.post(f"{here}/contacts/new", {"name": "Ned", "phone": "555-0101", "may_decide": "on"})
    machine, contact = Machine.objects.get(name="PC-07"), Contact.objects.get(name="Ned")
    told = {"name": "PC-08", "site": site.pk, "kind": "device", "is_protected": "on"}
    browser.post(f"/machines/{machine.pk}/particulars", told)

    machine.refresh_from_db()
    assert (machine.name, machine.kind, machine.is_protected, machine.site) == ("PC-08", "device", True, site)
    assert contact.may_decide
    assert not contact.gets_invoices


@pytest.mark.parametrize(
    ("path", "told", "said"),
    [
        ("sites/new", {"name": "main office", "environment": "office"}, "has a site main office already"),
        ("sites/new", {"name": "Cellar", "environment": "wet"}, "Select a valid choice"),
        ("contacts/new", {"name": "Ned", "gets_invoices": "on"}, "an address is needed"),
        ("contacts/new", {"name": "Ned", "email": "ned"}, "valid email address"),
        ("machines/new", {"name": "srv01", "kind": "server"}, "has a machine srv01 already"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    theo: User, northside: Client, as_person: AsPerson, path: str, told: dict[str, str], said: str
) -> None:
    site = northside.sites.get()

    page = as_person(theo).post(f"/clients/{northside.pk}/{path}", {"site": site.pk, **told})

    assert said in page.text


def test_a_machine_of_another_clients_site_is_refused(
    theo: User, northside: Client, elm: Client, as_person: AsPerson
) -> None:
    told = {"name": "PC-07", "site": elm.sites.get().pk, "kind": "server"}

    as_person(theo).post(f"/clients/{northside.pk}/machines/new", told)

    assert not Machine.objects.filter(name="PC-07").exists()


def test_a_machine_is_retired_and_taken_up_unless_its_name_is_taken(
    theo: User, northside: Client, srv01: Machine, as_person: AsPerson
) -> None:
    browser = as_person(theo)

    browser.post(f"/machines/{srv01.pk}/retire")
    Machine.objects.create(site=srv01.site, name="SRV01")
    refused = browser.post(f"/machines/{srv01.pk}/return", follow=True)

    assert "has another SRV01 by now" in refused.text
    srv01.refresh_from_db()
    assert srv01.retired_at is not None
    Machine.objects.filter(retired_at=None, name="SRV01").update(name="SRV02")
    browser.post(f"/machines/{srv01.pk}/return")
    srv01.refresh_from_db()
    assert srv01.retired_at is None


def test_a_contact_is_invited_once_and_loses_the_sign_in_when_gone(
    theo: User, northside: Client, as_person: AsPerson
) -> None:
    browser, nora = as_person(theo), northside.contacts.get(name="Nora")

    first = browser.post(f"/contacts/{nora.pk}/invitation")
    second = browser.post(f"/contacts/{nora.pk}/invitation")
    nora.refresh_from_db()
    user = nora.user
    assert user is not None
    portal = as_person(user)
    browser.post(f"/contacts/{nora.pk}/leave")

    assert "/enter/" in first.text
    assert "/enter/" in second.text
    assert portal.get("/account/profile").status_code == 302
    browser.post(f"/contacts/{nora.pk}/return")
    assert as_person(user).get("/account/profile").status_code == 200


def test_a_contact_without_an_address_is_not_invited(theo: User, northside: Client, as_person: AsPerson) -> None:
    ned = Contact.objects.create(client=northside, name="Ned")

    page = as_person(theo).post(f"/contacts/{ned.pk}/invitation", follow=True)

    assert "has no e-mail address" in page.text


def test_a_sign_in_follows_the_contacts_address(theo: User, nora: User, northside: Client, as_person: AsPerson) -> None:
    browser, contact = as_person(theo), northside.contacts.get(name="Nora")

    browser.post(f"/contacts/{contact.pk}", {"name": "Nora N", "email": "n@northside.example"})
    taken = browser.post(f"/contacts/{contact.pk}", {"name": "Nora N", "email": theo.email})
    emptied = browser.post(f"/contacts/{contact.pk}", {"name": "Nora N", "email": ""})

    nora.refresh_from_db()
    contact.refresh_from_db()
    assert (nora.email, nora.name, contact.email) == ("n@northside.example", "Nora N", "n@northside.example")
    assert "every person needs an own one" in taken.text
    assert "not taken away" in emptied.text


def test_the_search_finds_clients_machines_and_people(theo: User, northside: Client, as_person: AsPerson) -> None:
    browser = as_person(theo)

    found = {
        text: [group.title for group in browser.get("/search", {"q": text}).context["groups"]]
        for text in ("northside", "srv", "nora", "nothing like it")
    }

    assert found["northside"][:1] == ["Clients"]
    assert found["srv"] == ["Machines"]
    assert "People" in found["nora"]
    assert found["nothing like it"] == []
    assert browser.get("/search").status_code == 200


PAGES = ("", "/particulars", "/sites/new", "/contacts/new", "/machines/new", "/agreements/new")


@pytest.mark.parametrize("suffix", PAGES)
def test_a_stranger_finds_no_client(northside: Client, stranger: User, as_person: AsPerson, suffix: str) -> None:
    assert as_person(stranger).get(f"/clients/{northside.pk}{suffix}").status_code == 404
    assert Browser().get(f"/clients/{northside.pk}{suffix}").status_code == 302


def test_a_stranger_changes_nothing(
    northside: Client, srv01: Machine, agreement: Agreement, stranger: User, as_person: AsPerson
) -> None:
    browser, contact = as_person(stranger), northside.contacts.get(name="Nora")
    actions = [
        f"/clients/{northside.pk}/leave",
        f"/clients/{northside.pk}/return",
        f"/machines/{srv01.pk}/retire",
        f"/machines/{srv01.pk}/particulars",
        f"/sites/{srv01.site_id}",
        f"/contacts/{contact.pk}",
        f"/contacts/{contact.pk}/leave",
        f"/contacts/{contact.pk}/invitation",
        f"/agreements/{agreement.pk}/change",
        f"/agreements/{agreement.pk}/end",
        "/settings/prices",
        "/clients/import",
        "/clients/new",
    ]

    assert [browser.post(action).status_code for action in actions] == [404] * len(actions)
    assert browser.get("/search?q=north").status_code == 404
    assert browser.get("/clients/").status_code == 404


def test_a_technician_sees_agreements_and_signs_none(
    theo: User, northside: Client, agreement: Agreement, as_person: AsPerson
) -> None:
    browser = as_person(theo)

    assert browser.get(f"/clients/{northside.pk}/agreements/new").status_code == 404
    assert browser.post(f"/agreements/{agreement.pk}/end", {"ends": "2030-01-01"}).status_code == 404
    assert browser.get("/settings/prices").status_code == 404


def test_a_page_of_nobody_is_not_found(theo: User, as_person: AsPerson) -> None:
    browser = as_person(theo)

    assert [browser.get(path).status_code for path in ("/clients/999", "/contacts/999", "/sites/999")] == [404] * 3


def test_left_on_is_told_in_the_shops_days(theo: User, northside: Client, as_person: AsPerson) -> None:
    Client.objects.filter(pk=northside.pk).update(left_at=datetime(2026, 7, 1, 3, tzinfo=UTC))

    assert "left on 30 June 2026" in as_person(theo).get(f"/clients/{northside.pk}").text
