"""Tokens: made and revoked by the owner alone, shown once, kept as a hash, and worth what their person may."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.api.admitting import Wanted, hash_of, make_token, revoke
from rounds.api.models import Scope, Token
from rounds.api.operations import OPERATIONS
from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.people import joining
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work.models import Order, Stint
from tests.api.conftest import AsProgram, Program

type AsPerson = Callable[[User], Browser]
PAGES = ("/settings/tokens", "/settings/tokens/1/revocation")


def test_the_owner_makes_a_token_whose_secret_is_shown_once(as_person: AsPerson, olga: User, theo: User) -> None:
    page = as_person(olga)

    told = {"name": "Time tracker", "person": theo.pk, "scope": "work", "last_day": "2199-12-31"}
    shown = page.post("/settings/tokens", told).content.decode()

    secret = re.findall(r'value="(rounds_[^"]+)"', shown)[0]
    token = Token.objects.get()
    assert token.hash == hash_of(secret)
    assert (token.person, token.scope, token.last_day) == (theo, "work", date(2199, 12, 31))
    assert secret not in page.get("/settings/tokens").content.decode()
    assert not Token.objects.filter(name__contains=secret[10:]).exists()
    assert Program(secret).get("/shop").json()["you"] == {  # type: ignore[attr-defined]
        "name": "Theo", "role": "technician", "scope": "work", "expires_on": "2199-12-31"
    }  # fmt: skip


def test_the_form_says_what_is_wrong(as_person: AsPerson, olga: User, theo: User, nora: User) -> None:
    make_token(Wanted("Time tracker", theo, Scope.READ), by=olga, at=timezone.now())
    page = as_person(olga)

    again = page.post("/settings/tokens", {"name": "Time tracker", "person": theo.pk, "scope": "read"})
    late = page.post("/settings/tokens", {"name": "A", "person": theo.pk, "scope": "read", "last_day": "2001-01-01"})
    outside = page.post("/settings/tokens", {"name": "B", "person": nora.pk, "scope": "read"})

    assert (again.status_code, "there is a token Time tracker already" in again.content.decode()) == (422, True)
    assert (late.status_code, "2001-01-01 has passed" in late.content.decode()) == (422, True)
    assert outside.status_code == 422
    assert Token.objects.count() == 1
    with pytest.raises(Refused, match="not of the shop"):
        make_token(Wanted("C", nora, Scope.READ), by=olga, at=timezone.now())


def test_revoking_asks_first_and_ends_every_answer(as_person: AsPerson, olga: User, program: Program) -> None:
    token = Token.objects.get()
    page = as_person(olga)
    assert program.get("/shop").status_code == 200

    asked = page.get(f"/settings/tokens/{token.pk}/revocation").content.decode()
    assert f"Revoke {token.name}?" in asked
    assert program.get("/shop").status_code == 200

    assert page.post(f"/settings/tokens/{token.pk}/revocation").status_code == 302
    assert program.get("/shop").status_code == 401
    assert page.get(f"/settings/tokens/{token.pk}/revocation").status_code == 404
    assert "revoked" in page.get("/settings/tokens").content.decode()


@pytest.fixture
def everybody_else(theo: User, bea: User, nora: User, stranger: User) -> list[User]:
    """All but the owner."""
    return [theo, bea, nora, stranger]


@pytest.mark.parametrize("page", PAGES)
def test_nobody_but_the_owner_sees_or_makes_a_token(
    as_person: AsPerson, program: Program, everybody_else: list[User], page: str
) -> None:
    for person in everybody_else:
        assert as_person(person).get(page).status_code == 404
        told = {"name": "X", "person": everybody_else[0].pk, "scope": "write"}
        assert as_person(person).post(page, told).status_code == 404
    assert Browser().get(page).status_code == 302

    assert Token.objects.count() == 1
    assert program.get("/shop").status_code == 200


def test_the_page_for_people_is_for_the_shop_and_the_description_tells_nothing_of_it(
    as_person: AsPerson, theo: User, nora: User, northside: Client
) -> None:
    assert "/api/v1/stints" in as_person(theo).get("/api/v1/").content.decode()
    assert as_person(nora).get("/api/v1/").status_code == 404
    assert Browser().get("/api/v1/").status_code == 302

    told = Browser().get("/api/v1/openapi.json").content.decode()

    assert "Northside" not in told
    assert "Mill Street" not in told


def test_a_stranger_gets_the_same_answer_everywhere(
    program: Program, northside: Client, olga: User, theo: User
) -> None:
    gone, late = (make_token(Wanted(name, theo, Scope.READ), by=olga, at=timezone.now()) for name in ("gone", "late"))
    revoke(gone[0], by=olga, at=timezone.now())
    Token.objects.filter(pk=late[0].pk).update(last_day=local_day(timezone.now()) - timedelta(days=1))
    signed_in = Browser()
    signed_in.force_login(olga)
    addresses = [f"/api/v1/clients/{northside.pk}", "/api/v1/clients/99999", "/api/v1/nothing", "/api/v2/clients"]

    replies = [
        browser.get(address, headers=headers)
        for address in addresses
        for browser, headers in (
            (Browser(), {}),
            (signed_in, {}),  # a cookie is no token
            (Browser(), {"Authorization": "Bearer rounds_guessed"}),
            (Browser(), {"Authorization": "Bearer"}),
            (Browser(), {"Authorization": f"Basic {gone[1]}"}),
            (Browser(), {"Authorization": f"Bearer {gone[1]}"}),
            (Browser(), {"Authorization": f"Bearer {late[1]}"}),
            (Browser(), {"Authorization": f"Bearer rounds_{'x' * 5000}"}),
        )
    ]

    assert {reply.status_code for reply in replies} == {401}
    assert len({reply.content for reply in replies}) == 1
    assert replies[0]["Content-Type"] == "application/problem+json"
    assert replies[0]["WWW-Authenticate"].startswith("Bearer")
    assert program.get("/nothing").status_code == 404


def test_nothing_can_be_asked_without_a_token(northside: Client, theo: User) -> None:
    for one in OPERATIONS:
        address = "/api/v1" + re.sub(r"\{\w+\}", "1", one.path)
        reply = Browser().generic(one.method, address, "{}", content_type="application/json")
        assert reply.status_code == 401, one.name


def test_a_person_who_has_left_takes_his_tokens_along(as_program: AsProgram, theo: User) -> None:
    program = as_program(theo)
    assert program.get("/shop").status_code == 200

    joining.let_go(theo)

    assert program.get("/shop").status_code == 401


def test_rights_follow_the_role(as_program: AsProgram, order: Order, theo: User, bea: User, olga: User) -> None:
    begun = (timezone.now() - timedelta(hours=2)).isoformat()
    stint = {"order": order.pk, "started_at": begun, "minutes": 30}
    paid = {"client": order.client_id, "amount": {"amount": "10.00", "currency": "USD"}}
    technician, bookkeeper, owner = as_program(theo), as_program(bea), as_program(olga)

    assert technician.post("/stints", stint).status_code == 201
    assert bookkeeper.post("/stints", stint).status_code == 403
    assert owner.post("/stints", stint).status_code == 201
    assert technician.post("/payments", paid).status_code == 403
    assert bookkeeper.post("/payments", paid).status_code == 201
    assert technician.get("/books/trial-balance").status_code == 403
    assert bookkeeper.get("/books/trial-balance").status_code == 200
    assert set(Stint.objects.values_list("who__name", flat=True)) == {"Theo", "Olga"}

    joining.change_person(bea, email=bea.email, name=bea.name, role=theo.role)  # type: ignore[arg-type]
    assert bookkeeper.get("/books/trial-balance").status_code == 403


def test_a_scope_is_a_limit_whatever_the_role(as_program: AsProgram, order: Order, olga: User) -> None:
    stint = {"order": order.pk, "started_at": (timezone.now() - timedelta(hours=2)).isoformat(), "minutes": 30}
    client = {"name": "Harbor"}
    reads, works = as_program(olga, Scope.READ), as_program(olga, Scope.WORK)

    assert reads.get("/clients").status_code == 200
    assert reads.post("/stints", stint).status_code == 403
    assert works.post("/stints", stint).status_code == 201
    assert works.post("/clients", client).status_code == 403
    assert works.patch(f"/clients/{order.client_id}", client).status_code == 403
    assert not Client.objects.filter(name="Harbor").exists()


def test_when_a_token_was_used_is_kept_to_the_minute(program: Program) -> None:
    program.get("/shop")
    first = Token.objects.get().last_used_at
    program.get("/shop")

    assert first is not None
    assert Token.objects.get().last_used_at == first


def test_a_token_may_ask_so_often_a_minute(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rounds.api.answering.REQUESTS_A_MINUTE", 3)

    replies = [program.get("/shop") for _ in range(12)]

    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) >= 6  # at least three in a minute are answered, at most six where a minute ends in between
    assert 0 < int(refused[0]["Retry-After"]) <= 60
