"""Expected mails as people see them, and as strangers do not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.core.expecting import Expected
from rounds.mail import sections
from rounds.mail.expecting import expect
from rounds.mail.models import Expectation, Mailbox, Source
from rounds.mail.receiving import add_source
from rounds.people.models import User
from tests.mail.test_receiving import AT

type SignIn = Callable[[User], Browser]
ENTERED = {"about": "", "days": ["0", "1", "2", "3", "4"], "by": "06:30", "grace_minutes": "15", "hours_before": "12"}


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=AT)


def test_a_mail_is_expected_no_longer_and_again(source: Source, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)
    assert "if none comes, nobody notices" in browser.get(f"/mail/sources/{source.pk}").text
    assert "Too few mails have come" in browser.get(f"/mail/sources/{source.pk}/expected").text

    reply = browser.post(f"/mail/sources/{source.pk}/expected", ENTERED, follow=True)
    made = Expectation.objects.get()
    assert "any mail, Mon to Fri by 06:30" in reply.text
    assert (made.grace_minutes, made.hours_before, made.by) == (15, 12, theo)
    assert "Mon to Fri by 06:30" in browser.get("/mail").text

    reply = browser.post(f"/mail/expected/{made.pk}/end", follow=True)
    assert "No longer expected" in reply.text
    assert f"/mail/expected/{made.pk}/again" in reply.text
    browser.post(f"/mail/expected/{made.pk}/again")
    assert Expectation.objects.filter(ended_at=None).get().weekdays == "MTWTF--"


def test_expected_anew_the_old_hour_no_longer_holds(source: Source, theo: User) -> None:
    expect(source, "", Expected(), by=theo, at=AT)
    expect(source, "", Expected(by_minute=9 * 60), by=theo, at=AT)

    assert [one.by_minute for one in Expectation.objects.filter(ended_at=None)] == [540]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"days": []}, "say on which days"),
        ({"by": "25:00"}, "Enter a valid time"),
        ({"month_day": "32"}, "less than or equal to 31"),
        ({"about": "what nobody sends"}, "Select a valid choice"),
        ({"hours_before": ""}, "This field is required"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    source: Source, as_person: SignIn, theo: User, entry: dict[str, object], why: str
) -> None:
    reply = as_person(theo).post(f"/mail/sources/{source.pk}/expected", {**ENTERED, **entry})

    assert reply.status_code == 422
    assert why in reply.text
    assert not Expectation.objects.exists()


@pytest.mark.parametrize("page", ["/mail/sources/{0}/expected", "/mail/expected/{1}/end", "/mail/expected/{1}/again"])
def test_neither_a_stranger_nor_the_bookkeeper_says_what_is_expected(
    source: Source, as_person: SignIn, theo: User, bea: User, stranger: User, page: str
) -> None:
    made = expect(source, "", Expected(), by=theo, at=AT)

    for person in (bea, stranger):
        assert as_person(person).post(page.format(source.pk, made.pk), ENTERED).status_code in {403, 404}

    assert (Expectation.objects.count(), Expectation.objects.get().ended_at) == (1, None)


def test_a_mailbox_that_cannot_be_read_is_shown(source: Source, as_person: SignIn, theo: User) -> None:
    since = timezone.now() - timedelta(hours=1)
    Mailbox.objects.create(
        name="alerts at mail.example", source=source, error="the server does not answer", error_since=since
    )

    assert "the server does not answer" in as_person(theo).get("/mail").text
    request = RequestFactory().get("/")
    request.user = theo
    assert "cannot be read" in sections.waiting_mails(request, None)  # type: ignore[arg-type]
