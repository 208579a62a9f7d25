"""Who is let in by a token, and who is not."""

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.agents import refusing
from rounds.agents.enrolling import Asked, Hints, NotEnrolled, Offer, enrol, make_token, revoke, withdraw_token
from rounds.agents.models import Agent, Refusal, Token
from rounds.clients.models import Client, Machine, Site
from rounds.core.money import Refused

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _asked(token: str, **more: Any) -> Asked:
    identity = {"instance": secrets.token_hex(16), "secret_sha256": hashlib.sha256(secrets.token_bytes()).hexdigest()}
    return Asked(**{"token": token, "hints": Hints(hostname="pc-07"), **identity, **more})


@pytest.fixture
def site(northside: Client) -> Site:
    return northside.sites.get()


def test_a_token_lets_a_machine_in_once(site: Site) -> None:
    _, text = make_token(site, Offer(), by=None, at=NOON)

    agent = enrol(_asked(text), at=NOON)
    with pytest.raises(NotEnrolled, match="has been used"):
        enrol(_asked(text), at=NOON)

    assert agent.machine.name == "pc-07"
    assert agent.machine.site == site
    assert Agent.objects.count() == 1


def test_the_same_agent_may_ask_again_after_a_lost_answer(site: Site) -> None:
    _, text = make_token(site, Offer(), by=None, at=NOON)
    asked = _asked(text)

    first, again = enrol(asked, at=NOON), enrol(asked, at=NOON + timedelta(hours=1))

    assert first == again
    assert Machine.objects.filter(site=site).count() == 2  # SRV01 was there before


def test_the_text_of_a_token_is_not_kept(site: Site) -> None:
    token, text = make_token(site, Offer(), by=None, at=NOON)

    row = Token.objects.filter(pk=token.pk).values().get()
    assert text not in json.dumps(row, default=str)


def test_a_token_is_letters_and_figures_so_that_no_shell_takes_it_for_an_option(site: Site) -> None:
    texts = [make_token(site, Offer(), by=None, at=NOON)[1] for _ in range(20)]

    assert all(text.isalnum() for text in texts)
    assert len(set(texts)) == 20


@pytest.mark.parametrize(("later", "reason"), [(timedelta(days=8), "expired"), (timedelta(days=7), "expired")])
def test_an_expired_token_lets_nobody_in(site: Site, later: timedelta, reason: str) -> None:
    _, text = make_token(site, Offer(), by=None, at=NOON)

    with pytest.raises(NotEnrolled, match=reason):
        enrol(_asked(text), at=NOON + later)


def test_a_withdrawn_or_unknown_token_lets_nobody_in(site: Site) -> None:
    token, text = make_token(site, Offer(), by=None, at=NOON)
    withdraw_token(token, at=NOON)

    with pytest.raises(NotEnrolled, match="withdrawn"):
        enrol(_asked(text), at=NOON)
    with pytest.raises(NotEnrolled, match="not known"):
        enrol(_asked("made up"), at=NOON)


def test_two_hosts_of_one_name_are_two_machines(site: Site) -> None:
    _, text = make_token(site, Offer(uses=3), by=None, at=NOON)

    names = [enrol(_asked(text), at=NOON).machine.name for _ in range(3)]

    assert names == ["pc-07", "pc-07-2", "pc-07-3"]


def test_a_token_for_a_machine_replaces_the_agent_it_had(srv01: Machine) -> None:
    old = enrol(_asked(make_token(srv01.site, Offer(machine=srv01), by=None, at=NOON)[1]), at=NOON)

    new = enrol(_asked(make_token(srv01.site, Offer(machine=srv01), by=None, at=NOON)[1]), at=NOON)

    old.refresh_from_db()
    assert (new.machine, old.revoked_at) == (srv01, NOON)


def test_an_identity_that_was_withdrawn_does_not_come_back(site: Site) -> None:
    _, text = make_token(site, Offer(uses=2), by=None, at=NOON)
    asked = _asked(text)
    revoke(enrol(asked, at=NOON), at=NOON)

    with pytest.raises(NotEnrolled, match="enrolled before"):
        enrol(asked, at=NOON)

    assert Token.objects.get().uses_left == 1


def test_a_token_for_one_machine_is_for_its_own_site(srv01: Machine, elm: Client) -> None:
    with pytest.raises(Refused, match="its own site"):
        make_token(elm.sites.get(), Offer(machine=srv01), by=None, at=NOON)


def _post(body: object) -> tuple[int, dict[str, Any]]:
    text = body if isinstance(body, bytes) else json.dumps(body)
    reply = Browser(enforce_csrf_checks=True).post("/agents/enrolment", text, content_type="application/json")
    return reply.status_code, reply.json()


def test_an_agent_enrols_over_http(site: Site) -> None:
    _, text = make_token(site, Offer(), by=None, at=datetime.now(UTC))
    told = {"token": text, "instance": "0" * 32, "secret_sha256": "a" * 64, "hints": {"hostname": "pc", "new": 1}}

    status, answer = _post(told)

    assert status == 201
    assert answer["name"] == "pc"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"\xff",
        b"[]",
        {"token": "x"},
        {"token": "x", "instance": "short", "secret_sha256": "a" * 64},
        {"token": "x", "instance": "0" * 32, "secret_sha256": "a" * 64, "hints": {"hostname": "n\0"}},
        {"token": "x", "instance": "0" * 32, "secret_sha256": "a" * 64, "hints": []},
    ],
)
def test_a_request_that_makes_no_sense_is_told_so(db: None, body: object) -> None:
    status, answer = _post(body)

    assert status == 400
    assert answer["reason"]
    assert not Agent.objects.exists()


def test_a_refused_enrolment_is_told_why_and_counted(db: None) -> None:
    told = {"token": "made up", "instance": "0" * 32, "secret_sha256": "a" * 64}

    answers = [_post(told) for _ in range(2)]

    assert {status for status, _ in answers} == {403}
    assert answers[0][1]["reason"] == "this token is not known"
    assert Refusal.objects.get().count == 2


def test_old_refusals_go(db: None) -> None:
    now = timezone.now()
    for days in (1, 89, 91):
        refusing.keep_refusal("unknown", "nobody", at=now - timedelta(days=days))

    assert refusing.age(now) == 1
    assert {row.last_at for row in Refusal.objects.all()} == {now - timedelta(days=days) for days in (1, 89)}
