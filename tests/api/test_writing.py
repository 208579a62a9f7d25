"""What programs record: by the verbs of the pages, once for a key, and with words for what is refused."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from rounds.api.models import Scope, Sent
from rounds.clients.models import Client, Contact, Machine
from rounds.invoices.models import Invoice, Payment
from rounds.people.models import User
from rounds.work.models import Order, Part, Stint, Void
from tests.api.conftest import AsProgram, Program, run_stages
from tests.trade import moment, worked

type Ago = Callable[..., str]


def _stint(order: Order, begun: str, /, **more: Any) -> dict[str, Any]:
    return {"order": order.pk, "started_at": begun, "minutes": 30} | more


def test_a_time_tracker_posts_time(as_program: AsProgram, order: Order, theo: User, ago: Ago) -> None:
    tracker = as_program(theo, Scope.WORK)

    reply = tracker.post("/stints", _stint(order, ago(hours=3), place="onsite", note="Mail arrives again"))

    told = reply.json()  # type: ignore[attr-defined]
    kept = Stint.objects.get()
    assert reply.status_code == 201
    assert reply["Location"] == f"/api/v1/stints/{kept.pk}"
    assert (kept.who, kept.minutes, kept.place, kept.category, kept.note) == (
        theo, 30, "onsite", order.category, "Mail arrives again"
    )  # fmt: skip
    assert told == tracker.get(reply["Location"]).json()  # type: ignore[attr-defined]
    assert kept.is_after_hours is None


def test_an_end_says_as_much_as_minutes(program: Program, order: Order, ago: Ago) -> None:
    told = {"order": order.pk, "started_at": ago(hours=3), "ended_at": ago(hours=2)}

    assert program.post("/stints", told).json()["minutes"] == 60  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"minutes": None}, "minutes", "say how many minutes"),
        ({"minutes": 1441}, "minutes", "<= 1440"),
        ({"minutes": "30"}, "minutes", "int"),
        ({"minutes": 0}, "note", "a visit without time"),
        ({"ended_at": "2001-01-01T00:00:00Z"}, "ended_at", "not after the start"),
        ({"order": 99999}, "order", "there is no order"),
        ({"order": 2**60}, "order", "9007199254740991"),
        ({"category": "suport"}, "category", "support"),
        ({"place": "at home"}, "place", "Invalid enum value"),
        ({"started_at": "2026-01-01T10:00:00"}, "started_at", "timezone"),
        ({"started_at": "0001-01-01T10:00:00Z"}, "started_at", "out of range"),
        ({"started_at": "yesterday"}, "started_at", "RFC3339"),
        ({"note": "a\0b"}, "note", "regex"),
        ({"hours": 2}, "body", "unknown field hours"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_place(
    program: Program, order: Order, ago: Ago, changes: dict[str, Any], where: str, words: str
) -> None:
    reply = program.post("/stints", _stint(order, ago(hours=3), **changes))

    told = reply.json()  # type: ignore[attr-defined]
    assert (reply.status_code, reply["Content-Type"]) == (422, "application/problem+json")
    assert told["errors"][0]["where"] == where
    assert words in told["errors"][0]["what"]
    assert not Stint.objects.exists()
    assert not Sent.objects.exists()


def test_the_rules_refuse_as_they_do_on_the_page(program: Program, order: Order) -> None:
    late = (timezone.now() + timedelta(hours=2)).isoformat()

    reply = program.post("/stints", _stint(order, late))

    assert reply.status_code == 422
    assert reply.json()["detail"] == "It cannot have started in the future."  # type: ignore[attr-defined]


def test_time_that_overlaps_is_recorded_only_on_purpose(program: Program, order: Order, ago: Ago) -> None:
    program.post("/stints", _stint(order, ago(hours=3)))

    again = program.post("/stints", _stint(order, ago(hours=3)))
    on_purpose = program.post("/stints", _stint(order, ago(hours=3), keep_anyway=True))

    assert again.status_code == 409
    assert f"on order {order.pk}" in again.json()["detail"]  # type: ignore[attr-defined]
    assert on_purpose.status_code == 201
    assert Stint.objects.count() == 2


def test_what_is_sent_twice_under_a_key_is_recorded_once(
    as_program: AsProgram, order: Order, theo: User, ago: Ago
) -> None:
    told = _stint(order, ago(hours=3))
    first = as_program(theo).post("/stints", told, key="tracker-7781")

    again = as_program(theo).post("/stints", dict(reversed(told.items())), key="tracker-7781")  # of a new token, even

    assert (again.status_code, again.content, again["Location"]) == (201, first.content, first["Location"])
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Stint.objects.count() == 1


def test_a_key_stands_for_one_thing_and_for_one_person(
    as_program: AsProgram, order: Order, theo: User, olga: User, ago: Ago
) -> None:
    theos = as_program(theo)
    theos.post("/stints", _stint(order, ago(hours=3)), key="k1")

    other = theos.post("/stints", _stint(order, ago(hours=2)), key="k1")
    elsewhere = theos.post("/orders", {"client": order.client_id, "title": "Printer"}, key="k1")
    olgas = as_program(olga).post("/stints", _stint(order, ago(hours=3)), key="k1")

    assert [other.status_code, elsewhere.status_code, olgas.status_code] == [422, 422, 201]
    assert other.json()["errors"][0]["where"] == "Idempotency-Key"  # type: ignore[attr-defined]
    assert Stint.objects.count() == 2


def test_what_was_refused_may_be_sent_again_under_its_key(program: Program, order: Order, ago: Ago) -> None:
    assert program.post("/stints", _stint(order, ago(hours=3), minutes=1440), key="k1").status_code == 422
    assert program.post("/stints", _stint(order, ago(hours=3)), key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 81, "schlüssel"])
def test_without_a_key_nothing_is_recorded(program: Program, order: Order, ago: Ago, key: str) -> None:
    told = {**program.headers, "Idempotency-Key": key}

    reply = program.browser.post("/api/v1/stints", _stint(order, ago(hours=3)), content_type="application/json",
                                 headers=told)  # fmt: skip

    assert reply.status_code == 400
    assert not Stint.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400), (" ", "application/json", 400), ("[" * 20_000, "application/json", 422),
        ('{"x":' + "[" * 20_000, "application/json", 422), ("\xff", "application/json", 400),
        ("order=1", "application/x-www-form-urlencoded", 415), ("{}", "", 415),
        (json.dumps({"note": "x" * 70_000}), "application/json", 413), ("[]", "application/json", 422),
        ("null", "application/json", 422), ('{"order": NaN}', "application/json", 400),
    ],
)  # fmt: skip
def test_garbage_is_answered_with_what_is_wrong(program: Program, body: str, kind: str, status: int) -> None:
    headers = {**program.headers, "Idempotency-Key": "k1"}

    reply = program.browser.generic(
        "POST", "/api/v1/stints", body.encode("latin-1"), content_type=kind, headers=headers
    )

    assert (reply.status_code, reply["Content-Type"]) == (status, "application/problem+json")


def test_an_address_says_what_it_takes(program: Program, order: Order) -> None:
    for method in ("DELETE", "PUT", "OPTIONS"):
        reply = program.browser.generic(method, f"/api/v1/clients/{order.client_id}", headers=program.headers)
        assert (reply.status_code, reply["Allow"]) == (405, "GET, HEAD, PATCH")
    head = program.browser.head("/api/v1/shop", headers=program.headers)
    assert (head.status_code, head.content) == (200, b"")


def test_an_order_is_opened_and_found_among_the_open_ones(
    program: Program, northside: Client, srv01: Machine, elm: Client
) -> None:
    told = {"client": northside.pk, "title": "New disk", "machine": srv01.pk}

    made = program.post("/orders", told).json()  # type: ignore[attr-defined]

    assert made["machine"] == {"id": srv01.pk, "name": "SRV01"}
    open_ones = program.get(f"/orders?client={northside.pk}").json()["rows"]  # type: ignore[attr-defined]
    assert [row["id"] for row in open_ones] == [made["id"]]
    assert program.get(f"/orders?client={elm.pk}").json()["rows"] == []  # type: ignore[attr-defined]
    wrong = program.post("/orders", {**told, "client": elm.pk})
    assert wrong.json()["detail"] == "SRV01 is not a machine of Elm St Law."  # type: ignore[attr-defined]


def test_a_part_has_a_price_or_a_cost(program: Program, order: Order) -> None:
    price = {"amount": "80.00", "currency": "USD"}
    told = {"order": order.pk, "name": "SSD", "quantity": 2}

    assert program.post("/parts", {**told, "price": price}).json()["price"] == price  # type: ignore[attr-defined]
    for wrong in ({}, {"price": price, "cost": price}, {"price": {**price, "currency": "EUR"}},
                  {"price": {**price, "amount": "80.001"}}, {"price": {**price, "amount": "-1.00"}}):  # fmt: skip
        assert program.post("/parts", {**told, **wrong}).status_code == 422
    assert Part.objects.get().price == 80_00


def test_time_is_taken_back_by_who_may(as_program: AsProgram, northside: Client, theo: User, bea: User) -> None:
    old = worked(northside, date(2005, 4, 4), 60, by=theo)

    late = as_program(theo).post(f"/stints/{old.pk}/void", {"why": "entered twice"})
    done = as_program(bea).post(f"/stints/{old.pk}/void", {"why": "entered twice"})
    again = as_program(bea).post(f"/stints/{old.pk}/void", {"why": "another reason"})

    assert late.status_code == 403
    assert done.status_code == again.status_code == 201
    assert done.json()["state"] == "void"  # type: ignore[attr-defined]
    assert done["Location"] == f"/api/v1/stints/{old.pk}"
    assert Void.objects.get().why == "entered twice"
    assert as_program(bea).post("/stints/99999/void", {"why": "x"}).status_code == 404


def test_a_payment_settles_what_it_names_and_the_rest_is_credit(
    as_program: AsProgram, northside: Client, elm: Client, bea: User, theo: User
) -> None:
    worked(northside, date(2005, 4, 4), 60, by=theo)
    run_stages(moment(2005, 5, 1))
    invoice, program = Invoice.objects.get(), as_program(bea)
    told = {"client": northside.pk, "amount": {"amount": "150.00", "currency": "USD"}, "invoice": str(invoice)}

    foreign = program.post("/payments", {**told, "client": elm.pk})
    made = program.post("/payments", told, key="bank-1").json()  # type: ignore[attr-defined]
    again = program.post("/payments", told, key="bank-1").json()  # type: ignore[attr-defined]

    assert foreign.status_code == 422
    assert made == again
    assert made["settled"] == [{"invoice": "2005-0001", "amount": {"amount": "100.00", "currency": "USD"}}]
    assert made["left"]["amount"] == "50.00"
    assert Payment.objects.get().recorded_by == bea
    assert program.get("/invoices/2005-0001").json()["state"] == "paid"  # type: ignore[attr-defined]
    told["received_on"] = "2005-05-01"
    assert program.post("/payments", told).json()["received_on"] == "2005-05-01"  # type: ignore[attr-defined]
    assert program.post("/payments", {**told, "received_on": "2199-01-01"}).status_code == 422
    for amount in ("0.00", "-5.00", "999999999999999999999.00"):
        assert program.post("/payments", {**told, "amount": {"amount": amount, "currency": "USD"}}).status_code == 422


def test_clients_and_contacts_are_kept_by_the_checks_of_the_page(
    program: Program, northside: Client, nora: User
) -> None:
    made = program.post("/clients", {"name": "Harbor  Cafe", "country": "de", "tax_number": "DE1"})
    taken = program.post("/clients", {"name": "northside dental"})
    country = program.patch(f"/clients/{northside.pk}", {"country": "Germany"})

    assert made.status_code == 201
    assert (made.json()["name"], made.json()["country"]) == ("Harbor Cafe", "DE")  # type: ignore[attr-defined]
    assert (taken.status_code, taken.json()["errors"][0]["where"]) == (422, "name")  # type: ignore[attr-defined]
    assert (country.status_code, country.json()["errors"][0]["where"]) == (422, "country")  # type: ignore[attr-defined]

    changed = program.patch(f"/clients/{northside.pk}", {"billing_address": "1 Mill St"})
    assert changed.json()["name"] == "Northside Dental"  # type: ignore[attr-defined]
    assert Client.objects.get(pk=northside.pk).billing_address == "1 Mill St"

    contact = Contact.objects.get(client=northside)
    program.patch(f"/contacts/{contact.pk}", {"email": "nora@new.example", "gets_invoices": True})
    nora.refresh_from_db()
    assert nora.email == "nora@new.example"
    assert program.patch(f"/contacts/{contact.pk}", {"email": ""}).status_code == 422
    added = program.post(f"/clients/{northside.pk}/contacts", {"name": "Ned", "phone": "555-0100"})
    assert program.get(added["Location"]).json()["name"] == "Ned"  # type: ignore[attr-defined]


def test_a_change_can_be_tied_to_the_state_that_was_read(program: Program, northside: Client) -> None:
    first = program.get(f"/clients/{northside.pk}")
    program.patch(f"/clients/{northside.pk}", {"note": "of somebody else"})

    late = program.patch(f"/clients/{northside.pk}", {"note": "mine"}, **{"If-Match": first["ETag"]})
    now = program.get(f"/clients/{northside.pk}")
    good = program.patch(f"/clients/{northside.pk}", {"note": "mine"}, **{"If-Match": now["ETag"]})

    assert (late.status_code, good.status_code) == (412, 200)
    assert good["ETag"] == program.get(f"/clients/{northside.pk}")["ETag"]
    assert Client.objects.get(pk=northside.pk).note == "mine"
