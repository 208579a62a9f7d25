"""The owner's pages: people and the shop."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from rounds.people.models import Shop, User

type AsPerson = Callable[[User], Browser]
SHOP = {"name": "Mill Street Computing", "time_zone": "America/New_York", "currency": "USD"}


def test_the_owner_adds_a_person_and_gets_the_link(olga: User, as_person: AsPerson) -> None:
    told = {"name": "Tina", "email": "tina@shop.example", "role": "technician"}

    reply = as_person(olga).post("/people/", told, follow=True)

    assert "Tina is added" in reply.text
    assert "/enter/" in reply.text


def test_a_taken_address_is_marked_and_what_was_typed_stays(olga: User, theo: User, as_person: AsPerson) -> None:
    told = {"name": "Tina", "email": "theo@shop.example", "role": "technician"}

    reply = as_person(olga).post("/people/", told)

    assert "Theo&#x27;s address already" in reply.text
    assert 'value="Tina"' in reply.text


def test_the_last_owner_stays_owner(olga: User, as_person: AsPerson) -> None:
    told = {"name": "Olga", "email": olga.email, "role": "technician"}

    reply = as_person(olga).post(f"/people/{olga.pk}", told)
    left = as_person(olga).post(f"/people/{olga.pk}/leave", follow=True)

    assert "the last owner" in reply.text
    assert "the last owner" in left.text


def test_a_person_let_go_can_be_brought_back(olga: User, theo: User, as_person: AsPerson) -> None:
    browser = as_person(olga)

    left = browser.post(f"/people/{theo.pk}/leave", follow=True)
    back = browser.post(f"/people/{theo.pk}/return", follow=True)

    assert "Let sign in again" in left.text
    assert "can sign in again" in back.text
    theo.refresh_from_db()
    assert theo.is_active


def test_everybody_keeps_his_own_name(nora: User, as_person: AsPerson) -> None:
    as_person(nora).post("/account/profile", {"name": "Nora North"})

    nora.refresh_from_db()
    assert nora.name == "Nora North"


def test_the_shops_particulars_are_kept(olga: User, as_person: AsPerson) -> None:
    told = {**SHOP, "name": "Mill Street", "time_zone": "europe/berlin", "currency": "eur", "address": "1 Main St"}

    as_person(olga).post("/settings/", told)

    kept = Shop.objects.get()
    assert (kept.name, kept.time_zone, kept.currency, kept.address) == (
        "Mill Street",
        "Europe/Berlin",
        "EUR",
        "1 Main St",
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"time_zone": "Berlin"}, "perhaps Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, "write it like Europe/Berlin"),
        ({"time_zone": ""}, "This field is required"),
        ({"currency": "dollars"}, "at most 3 characters"),
        ({"currency": "U$D"}, "three letters"),
        ({"currency": "JPY"}, "has no cents"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_particulars_that_cannot_be_are_refused(
    olga: User, as_person: AsPerson, wrong: dict[str, str], said: str
) -> None:
    reply = as_person(olga).post("/settings/", {**SHOP, **wrong})

    assert said in reply.text
    assert Shop.objects.get().name == "Mill Street Computing"
    assert Shop.objects.get().time_zone == "America/New_York"


@pytest.mark.parametrize("path", ["/people/", "/people/1", "/settings/"])
def test_only_the_owner_sees_people_and_settings(
    olga: User, theo: User, bea: User, nora: User, as_person: AsPerson, path: str
) -> None:
    path = path.replace("1", str(theo.pk))

    assert as_person(olga).get(path).status_code == 200
    assert [as_person(one).get(path).status_code for one in (theo, bea, nora)] == [404, 404, 404]
    assert Browser().get(path)["Location"].startswith("/account/login/")


def test_a_stranger_changes_nobody(theo: User, stranger: User, as_person: AsPerson) -> None:
    browser = as_person(stranger)

    for action in ("leave", "return", "factors", "link"):
        assert browser.post(f"/people/{theo.pk}/{action}").status_code == 404

    theo.refresh_from_db()
    assert theo.is_active


def test_an_owner_does_not_edit_a_contact_here(olga: User, nora: User, as_person: AsPerson) -> None:
    assert as_person(olga).get(f"/people/{nora.pk}").status_code == 404
    assert as_person(olga).post(f"/people/{nora.pk}/link").status_code == 200
