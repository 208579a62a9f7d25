"""Alert mail as people see it, and as strangers do not."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.mail import sections
from rounds.mail.models import AlertMail, Result, Source
from rounds.mail.receiving import add_source, address_of, keep_mail
from rounds.mail.understanding import understand
from rounds.people.access import SignedIn
from rounds.people.models import User

type SignIn = Callable[[User], Browser]

NASTY = (
    b"From: a@b\r\nSubject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<img src=x onerror=y>Hello\r\n"
)


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=timezone.now())


@pytest.fixture
def unread(source: Source) -> AlertMail:
    """A mail that no word tells."""
    return keep_mail(source, NASTY, at=timezone.now())


@pytest.mark.parametrize("page", ["/mail", "/mail/sources/new", "/mail/sources/{0}", "/mail/{1}", "/mail/{1}/raw"])
def test_a_stranger_and_a_client_find_nothing_there(
    unread: AlertMail, as_person: SignIn, stranger: User, nora: User, page: str
) -> None:
    address = page.format(unread.source_id, unread.pk)

    assert Browser().get(address).status_code == 302
    for person in (stranger, nora):
        assert as_person(person).get(address).status_code == 404


@pytest.mark.parametrize(
    "page", ["/mail/sources/new", "/mail/sources/{0}", "/mail/sources/{0}/end", "/mail/{1}/result"]
)
def test_neither_a_stranger_nor_the_bookkeeper_changes_anything(
    unread: AlertMail, as_person: SignIn, stranger: User, bea: User, page: str
) -> None:
    for person in (stranger, bea):
        as_person(person).post(page.format(unread.source_id, unread.pk), {"name": "Mine", "result": "success"})

    assert AlertMail.objects.get().result == "unknown"
    assert (Source.objects.get().name, Source.objects.get().ended_at) == ("Backup of SRV01", None)


def test_a_source_is_added_and_shows_its_address(
    northside: Client, srv01: Machine, as_person: SignIn, theo: User
) -> None:
    told = {"name": "Backup of SRV01", "client": northside.pk, "machine": srv01.pk, "failure_words": "Fehler\n\nkaputt"}

    reply = as_person(theo).post("/mail/sources/new", told, follow=True)

    made = Source.objects.get()
    assert made.failure_words == ["Fehler", "kaputt"]
    assert address_of(made) in reply.text


def test_a_machine_of_somebody_else_is_refused_beside_its_field(
    elm: Client, srv01: Machine, as_person: SignIn, theo: User
) -> None:
    reply = as_person(theo).post("/mail/sources/new", {"name": "Backup", "client": elm.pk, "machine": srv01.pk})

    assert reply.status_code == 422
    assert "SRV01 is not a machine of Elm St Law" in reply.text
    assert not Source.objects.exists()


def test_a_mail_is_shown_as_text_alone(unread: AlertMail, as_person: SignIn, bea: User) -> None:
    text = as_person(bea).get(f"/mail/{unread.pk}").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text
    assert "onerror" not in text
    raw = as_person(bea).get(f"/mail/{unread.pk}/raw")
    assert raw.content == NASTY
    assert raw["Content-Disposition"].startswith("attachment")
    assert raw["Content-Type"] == "application/octet-stream"


def test_a_technician_says_what_a_mail_reports(unread: AlertMail, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)
    assert "no rule knows it" in browser.get("/mail/waiting").text

    browser.post(f"/mail/{unread.pk}/result", {"result": "nonsense"})
    assert AlertMail.objects.get().result == "unknown"
    browser.post(f"/mail/{unread.pk}/result", {"result": "success"})

    assert AlertMail.objects.get().reading.by == theo


def test_words_are_changed_and_what_was_not_understood_is_read_again(
    unread: AlertMail, as_person: SignIn, theo: User
) -> None:
    reply = as_person(theo).post(
        f"/mail/sources/{unread.source_id}", {"name": "Backup", "success_words": "Hello"}, follow=True
    )

    assert "1 mail not understood before, understood now." in reply.text
    assert AlertMail.objects.get().result == "success"


def test_a_source_is_ended_and_leaves_the_list(source: Source, as_person: SignIn, theo: User) -> None:
    browser = as_person(theo)
    assert address_of(source) in browser.get("/mail").text

    browser.post(f"/mail/sources/{source.pk}/end")

    assert address_of(source) not in browser.get("/mail").text
    assert "ended" in browser.get(f"/mail/sources/{source.pk}").text


def test_the_lists_come_as_csv_and_answer_their_filters(unread: AlertMail, as_person: SignIn, bea: User) -> None:
    browser, source = as_person(bea), unread.source

    for address in ("/mail?format=csv", f"/mail/sources/{source.pk}?format=csv"):
        lines = b"".join(browser.get(address).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert len(lines) == 2
    for query, is_there in (
        ("q=backup", True),
        ("q=harbor", False),
        (f"client={source.client_id}", True),
        ("client=x", False),
    ):
        assert (address_of(source) in browser.get(f"/mail?{query}").text) == is_there, query
    assert "No mail like this" in browser.get(f"/mail/sources/{source.pk}?result=failure").text


def _asked_by(person: User) -> SignedIn:
    request = RequestFactory().get("/")
    request.user = person
    return request  # type: ignore[return-value]


def test_the_pages_of_others_show_what_has_come(
    unread: AlertMail, northside: Client, elm: Client, theo: User, nora: User
) -> None:
    asked = _asked_by(theo)

    assert "Backup of SRV01" in sections.sources_of_client(asked, northside)
    assert "No product writes to us from here" in sections.sources_of_client(asked, elm)
    assert "1 mail" in sections.waiting_mails(asked, None)
    assert [found.address for found in sections.find_mail(theo, "backup")] == [f"/mail/{unread.pk}"]
    assert list(sections.find_mail(nora, "backup")) == []

    understand(unread, Result.SUCCESS, by=theo)
    assert sections.waiting_mails(asked, None) == ""
