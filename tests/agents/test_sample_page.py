"""The owner says how long samples are kept; what would go is told before it does."""

import pytest
from django.test import Client as Browser

from rounds.agents.chunks import retention
from rounds.people.models import User

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/samples"


@pytest.fixture
def browser(olga: User) -> Browser:
    browser = Browser()
    browser.force_login(olga)
    return browser


def test_without_a_word_the_defaults_hold(browser: Browser) -> None:
    page = browser.get(ADDRESS).content.decode()

    assert 'value="90"' in page
    assert 'value="13"' in page


def test_longer_is_kept_at_once(browser: Browser, olga: User) -> None:
    reply = browser.post(ADDRESS, {"raw_days": "365", "rolled_months": "24", "day_years": ""})

    kept = retention()
    assert reply.status_code == 302
    assert (kept.raw_days, kept.rolled_months, kept.day_years, kept.set_by) == (365, 24, None, olga)


def test_shorter_says_what_goes_and_waits_for_a_second_word(browser: Browser) -> None:
    asked = {"raw_days": "30", "rolled_months": "13", "day_years": "10"}

    first = browser.post(ADDRESS, asked).content.decode()

    assert "every sample older than 30 days" in first
    assert "figures of days older than 10 years" in first
    assert "five minutes and of hours older" not in first
    assert retention().raw_days == 90

    browser.post(ADDRESS, asked | {"confirmed": ""})
    assert (retention().raw_days, retention().day_years) == (30, 10)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"raw_days": "9"}, "greater than or equal to 10"),
        ({"raw_days": "900"}, "at least as long"),
        ({"day_years": "1"}, "at least as long"),
        ({"raw_days": "x"}, "whole number"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(browser: Browser, asked: dict[str, str], said: str) -> None:
    reply = browser.post(ADDRESS, {"raw_days": "90", "rolled_months": "13", "day_years": ""} | asked)

    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert retention().raw_days == 90


def test_it_is_for_the_owner_alone(theo: User, nora: User) -> None:
    for person in (theo, nora, None):
        browser = Browser()
        if person is not None:
            browser.force_login(person)
        assert browser.get(ADDRESS).status_code in {302, 403, 404}
        assert browser.post(ADDRESS, {"raw_days": "400", "rolled_months": "24"}).status_code in {302, 403, 404}
    assert retention().raw_days == 90
