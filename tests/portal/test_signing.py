"""A client reads an agreement in his portal and signs it with his typed name; nobody else can."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients import agreeing, drafting
from rounds.clients.models import Agreement, AgreementDraft, Client, Signature
from rounds.mail.models import Letter
from rounds.people.models import Shop, User
from rounds.people.shop import local_day
from rounds.portal import signing
from tests.portal.conftest import browser_of


@pytest.fixture
def draft(northside: Client, nora: User) -> AgreementDraft:
    now = timezone.now()
    starts = (local_day(now).replace(day=1) + timedelta(days=40)).replace(day=1)
    row = Agreement(client=northside, plan="call-first", starts=starts, monitoring="80.00")
    made = drafting.write_draft(row, by=None, at=now)
    drafting.send(made, by=None, at=now)
    return made


def test_a_typed_name_signs_and_time_address_and_text_are_kept(portal: Browser, draft: AgreementDraft) -> None:
    assert "An agreement to sign" in portal.get("/portal/").text
    assert "Monitoring costs 80.00 a month." in portal.get(f"/portal/agreements/{draft.pk}").text

    reply = portal.post(f"/portal/agreements/{draft.pk}", {"name": "Nora Norton"}, REMOTE_ADDR="192.0.2.7")

    kept = Signature.objects.get()
    assert reply.status_code == 302
    assert (kept.name, kept.channel, kept.address, kept.contact.name) == ("Nora Norton", "portal", "192.0.2.7", "Nora")  # type: ignore[union-attr]
    assert kept.text == draft.text
    assert draft.client.agreements.get() == kept.agreement
    assert "signed" in portal.get(f"/portal/agreements/{draft.pk}").text
    assert "An agreement to sign" not in portal.get("/portal/").text


def test_signing_twice_changes_nothing(portal: Browser, draft: AgreementDraft) -> None:
    portal.post(f"/portal/agreements/{draft.pk}", {"name": "Nora"})

    again = portal.post(f"/portal/agreements/{draft.pk}", {"name": "Nora"})

    assert again.status_code == 422
    assert Signature.objects.count() == 1


def test_no_name_is_no_signature(portal: Browser, draft: AgreementDraft) -> None:
    assert portal.post(f"/portal/agreements/{draft.pk}", {"name": " "}).status_code == 422

    assert not Signature.objects.exists()


def test_who_may_not_decide_reads_and_cannot_sign(draft: AgreementDraft, frank: User) -> None:
    page = browser_of(frank).get(f"/portal/agreements/{draft.pk}").text
    assert "Nora can sign it." in page

    reply = browser_of(frank).post(f"/portal/agreements/{draft.pk}", {"name": "Frank"})

    assert reply.status_code == 422
    assert not Signature.objects.exists()


def test_a_stranger_and_a_draft_that_was_not_sent(draft: AgreementDraft, stranger: User, portal: Browser) -> None:
    assert browser_of(stranger).get(f"/portal/agreements/{draft.pk}").status_code == 404
    assert browser_of(stranger).post(f"/portal/agreements/{draft.pk}", {"name": "Eve"}).status_code == 404

    drafting.withdraw(draft, by=None, at=timezone.now())
    row = Agreement(client=draft.client, plan="call-first", starts=local_day(timezone.now()))
    hidden = drafting.write_draft(row, by=None, at=timezone.now())

    assert portal.get(f"/portal/agreements/{hidden.pk}").status_code == 404
    assert "taken back" in portal.get(f"/portal/agreements/{draft.pk}").text


def test_a_letter_asks_for_the_signature_once(draft: AgreementDraft) -> None:
    assert [signing.pull(timezone.now()), signing.pull(timezone.now())] == [1, 0]

    letter = Letter.objects.get()
    assert letter.to == ["nora@northside.example"]
    assert f"/portal/agreements/{draft.pk}" in letter.body
    assert draft.text in letter.body


def test_the_shop_is_reminded_of_a_notice_date_once(shop: Shop, northside: Client) -> None:
    Shop.objects.update(email="office@shop.example")
    today = local_day(timezone.now())
    row = Agreement(client=northside, plan="call-first", starts=today, ends=today + timedelta(days=50), notice_days=30)
    agreeing.sign(row, by=None, at=timezone.now())

    assert [signing.pull(timezone.now()), signing.pull(timezone.now())] == [1, 0]
    assert Letter.objects.get().to == ["office@shop.example"]
