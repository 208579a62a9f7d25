"""Who is added, changed and let go."""

import pytest
from allauth.account.models import EmailAddress

from rounds.core.money import Refused
from rounds.people import joining
from rounds.people.models import Role, User


def test_a_person_who_was_added_has_no_password_and_a_checked_address(olga: User) -> None:
    person = joining.add_person("Tina@Shop.example", "Tina", Role.TECHNICIAN)

    assert person.email == "tina@shop.example"
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified


def test_an_address_that_somebody_has_is_refused_in_any_case(olga: User) -> None:
    with pytest.raises(Refused, match="Olga's address"):
        joining.add_person("OLGA@shop.example", "Another", Role.TECHNICIAN)


def test_the_last_owner_is_neither_demoted_nor_let_go(olga: User) -> None:
    with pytest.raises(Refused, match="the last owner"):
        joining.change_person(olga, email=olga.email, name=olga.name, role=Role.TECHNICIAN)
    with pytest.raises(Refused, match="the last owner"):
        joining.let_go(olga)

    olga.refresh_from_db()
    assert olga.is_owner
    assert olga.is_active


def test_one_of_two_owners_may_go_but_not_both(olga: User) -> None:
    other = joining.add_person("oscar@shop.example", "Oscar", Role.OWNER)

    joining.let_go(olga)

    with pytest.raises(Refused):
        joining.let_go(other)


def test_a_changed_address_replaces_the_old_one(theo: User) -> None:
    joining.change_person(theo, email="theodor@shop.example", name="Theodor", role=Role.BOOKKEEPER)

    theo.refresh_from_db()
    assert (theo.email, theo.name, theo.role) == ("theodor@shop.example", "Theodor", Role.BOOKKEEPER)
    assert [kept.email for kept in EmailAddress.objects.filter(user=theo)] == ["theodor@shop.example"]


def test_a_contact_does_not_become_a_person_of_the_shop(nora: User) -> None:
    with pytest.raises(Refused, match="add the person anew"):
        joining.change_person(nora, email=nora.email, name=nora.name, role=Role.OWNER)
