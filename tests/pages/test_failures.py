"""What people see where nothing is, where a form is too old, and where the server fails."""

import pytest
from django.test import Client as Browser

from rounds.people.models import Shop, User

pytestmark = pytest.mark.django_db


def test_an_address_without_anything_leads_back(theo: User) -> None:
    browser = Browser()
    stranger = browser.get("/nothing/here")
    browser.force_login(theo)
    reply = browser.get("/nothing/here")

    assert (stranger.status_code, reply.status_code) == (404, 404)
    assert "There is nothing at this address" in stranger.text
    assert "There is nothing at this address" in reply.text
    assert "look for it" in reply.text
    assert "look for it" not in stranger.text


def test_a_form_that_is_too_old_says_so(theo: User) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(theo)

    reply = browser.post("/account/logout/")

    assert reply.status_code == 403
    assert "load the page anew" in reply.text


def test_a_failure_of_ours_says_that_it_is_ours(shop: Shop) -> None:
    Shop.objects.update(time_zone="Mars/Olympus")

    reply = Browser(raise_request_exception=False).get("/account/login/")

    assert reply.status_code == 500
    assert "in the log of the server" in reply.text
    assert "Mars" not in reply.text


def test_a_name_that_the_shop_does_not_know_says_where_names_are_kept() -> None:
    reply = Browser().get("/", headers={"host": "elsewhere.example"})

    assert reply.status_code == 400
    assert "ROUNDS_HOSTS" in reply.text
