"""What programs read: lists in parts, only what has changed, whole things, and in few questions to the database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rounds.api.models import Scope
from rounds.clients.models import Client
from rounds.core.money import show_amount, show_hours
from rounds.invoices import refunding
from rounds.invoices.balances import balances_of
from rounds.invoices.models import Invoice
from rounds.invoices.paying import pay
from rounds.invoices.refunding import Giving
from rounds.invoices.selling import buy_hours, deposit
from rounds.ledger.balancing import balances
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work.models import Order, Part, Stint
from rounds.work.voiding import void
from tests.api.conftest import AsProgram, Program, run_stages
from tests.trade import agreed, moment, taxed, used, worked

APRIL, MAY = date(2005, 4, 1), datetime(2005, 5, 1, 15, tzinfo=UTC)


@pytest.fixture
def trade(northside: Client, elm: Client, theo: User) -> list[Invoice]:
    """Two clients with a month of work, a part, a block, a retainer, and an invoice paid in part."""
    taxed("8.25%", "part")
    agreed(northside, "service-agreement", APRIL, included_seconds=4 * 3600, discount="10%")
    agreed(elm, "retainer", APRIL, low_at_amount=50_00, top_up_to=500_00)
    deposit(elm, 400_00, at=moment(2005, 4, 1))
    buy_hours(northside, 5, at=moment(2005, 4, 2))
    for day in (4, 11, 18):
        worked(northside, date(2005, 4, day), 150, by=theo)
        worked(elm, date(2005, 4, day), 45, by=theo, place="onsite")
    used(northside, date(2005, 4, 12), 80_00, by=theo)
    run_stages(MAY)
    pay(northside, 100_00, at=MAY + timedelta(hours=1))
    return list(Invoice.objects.order_by("pk"))


def _all(program: Program, address: str) -> list[dict[str, Any]]:
    """Every row of a list, part by part."""
    rows, following = [], address
    while following:
        reply = program.get(following)
        assert reply.status_code == 200, reply.content
        part = reply.json()  # type: ignore[attr-defined]
        rows += part["rows"]
        following = part["next"]
    return rows


@pytest.mark.parametrize(
    "address",
    ["/clients?sort=-changed_at", "/orders?state=all", "/stints", "/stints?sort=id", "/parts?sort=-recorded_at",
     "/agreements", "/invoices?sort=due_on", "/invoices", "/payments?sort=on"],
)  # fmt: skip
def test_parts_of_a_list_put_together_are_the_list(program: Program, trade: list[Invoice], address: str) -> None:
    sign = "&" if "?" in address else "?"

    in_parts = _all(program, f"{address}{sign}limit=1")
    at_once = _all(program, f"{address}{sign}limit=200")

    assert in_parts == at_once
    assert at_once


def test_a_row_added_meanwhile_moves_no_other(program: Program, trade: list[Invoice], theo: User, elm: Client) -> None:
    first = program.get("/stints?limit=3").json()  # type: ignore[attr-defined]
    newest = worked(elm, date(2005, 4, 30), 15, by=theo)

    rest = _all(program, first["next"])

    assert newest.pk not in {row["id"] for row in rest}
    assert len({row["id"] for row in first["rows"] + rest}) == 6


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "WyJpZCIsMSwxXQ==", "_____w==", "WyItc3RhcnRlZF9hdCIsICIyMDA1IiwgMV0="]
)
def test_a_cursor_of_nowhere_is_refused(program: Program, cursor: str) -> None:
    reply = program.get(f"/stints?cursor={cursor}")

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["where"] == "cursor"  # type: ignore[attr-defined]


def test_a_stint_is_told_as_text_and_on_the_shops_clock(
    program: Program, trade: list[Invoice], northside: Client
) -> None:
    row = _all(program, f"/stints?client={northside.pk}&sort=started_at")[0]

    assert row["started_at"] == "2005-04-04T10:00:00-04:00"
    assert row["ended_at"] == "2005-04-04T12:30:00-04:00"
    assert (row["minutes"], row["billable_hours"], row["state"]) == (150, "2.5", "kept")
    assert row["client"] == {"id": northside.pk, "name": "Northside Dental"}


def test_filters_narrow_a_list_and_a_wrong_one_is_named(program: Program, trade: list[Invoice], elm: Client) -> None:
    assert len(_all(program, f"/stints?client={elm.pk}")) == 3
    assert len(_all(program, "/stints?from=2005-04-11&to=2005-04-11")) == 2
    assert len(_all(program, "/invoices?state=overdue")) == len(Invoice.objects.unpaid())
    assert {row["name"] for row in _all(program, "/clients?q=dental")} == {"Northside Dental"}
    assert {row["plan"] for row in _all(program, "/agreements?on=2005-04-02")} == {"service-agreement", "retainer"}
    assert _all(program, "/agreements?on=2004-04-02") == []

    for address, where in (
        ("/stints?form=2005-04-11", "form"), ("/stints?from=yesterday", "from"), ("/stints?limit=201", "limit"),
        ("/stints?limit=1&limit=2", "limit"), ("/stints?sort=price", "sort"), ("/stints?from=0001-01-01", "first"),
        ("/stints?updated_since=2005-04-11T10:00:00", "updated_since"), ("/shop?x=1", "x"),
    ):  # fmt: skip
        reply = program.get(address)
        assert reply.status_code == 422, address
        assert where in reply.content.decode(), address


def test_only_what_changed_since_a_moment_is_told(
    program: Program, trade: list[Invoice], theo: User, olga: User, northside: Client, elm: Client
) -> None:
    now = timezone.now()
    mark = (now - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert _all(program, f"/stints?updated_since={mark}") == []
    assert _all(program, f"/invoices?updated_since={mark}") == []
    stint = Stint.objects.filter(order__client=elm).first()
    assert stint is not None

    void(stint, why="entered twice", by=olga, at=now)
    pay(northside, 50_00, at=now)
    program.patch(f"/clients/{elm.pk}", {"note": "moves in May"})
    contact = northside.contacts.get()
    program.patch(f"/contacts/{contact.pk}", {"phone": "555-0122"})

    assert [row["id"] for row in _all(program, f"/stints?updated_since={mark}")] == [stint.pk]
    assert {row["client"]["id"] for row in _all(program, f"/invoices?updated_since={mark}")} == {northside.pk}
    assert [row["amount"]["amount"] for row in _all(program, f"/payments?updated_since={mark}")] == ["50.00"]
    assert {row["id"] for row in _all(program, f"/clients?updated_since={mark}")} == {northside.pk, elm.pk}


def test_an_invoice_is_told_whole(program: Program, trade: list[Invoice], northside: Client) -> None:
    row = Invoice.objects.filter(client=northside).with_fate().order_by("-pk")[0]

    told = program.get(f"/invoices/{row.full_number}").json()  # type: ignore[attr-defined]

    assert told["total"] == {"amount": show_amount(row.total), "currency": "USD"}
    assert told["open"]["amount"] == show_amount(row.open)
    assert [line["amount"]["amount"] for line in told["lines"]] == [
        show_amount(line.amount) for line in row.lines.all()
    ]
    assert sum(float(one["tax"]["amount"]) for one in told["tax_rows"]) == pytest.approx(row.tax / 100)
    assert [(one["rate"], one["base"]["amount"]) for one in told["tax_rows"]] == [("8.25%", "80.00")]
    assert [line["kind"] for line in told["lines"] if line["tax"]] == ["part"]
    assert told["billed_to"]["name"] == "Northside Dental"
    paid = Invoice.objects.filter(client=northside, allocations__isnull=False).first()
    assert paid is not None
    settled = program.get(f"/invoices/{paid.full_number}").json()["settlements"]  # type: ignore[attr-defined]
    assert [one["amount"]["amount"] for one in settled] == ["100.00"]


def test_an_invoices_papers_come_as_files(program: Program, trade: list[Invoice]) -> None:
    number = trade[0].full_number

    pdf = program.get(f"/invoices/{number}/pdf")

    assert pdf.content.startswith(b"%PDF")
    assert program.get(f"/invoices/{number}/pdf", **{"If-None-Match": pdf["ETag"]}).status_code == 304
    lacks = program.get(f"/invoices/{number}/cii")
    assert lacks.status_code == 422
    assert "countr" in lacks.json()["detail"]  # type: ignore[attr-defined]
    assert program.get("/invoices/2005-9999/pdf").status_code == 404
    assert program.get("/invoices/%00/pdf").status_code == 404


def test_who_has_it_already_is_told_that_it_is_unchanged(program: Program, trade: list[Invoice], elm: Client) -> None:
    first = program.get(f"/clients/{elm.pk}")

    again = program.get(f"/clients/{elm.pk}", **{"If-None-Match": first["ETag"]})
    program.patch(f"/clients/{elm.pk}", {"note": "moves in May"})
    changed = program.get(f"/clients/{elm.pk}", **{"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert (changed.status_code, changed.json()["note"]) == (200, "moves in May")  # type: ignore[attr-defined]


def test_balances_of_a_past_day_are_what_was_shown_then(
    program: Program, northside: Client, elm: Client, theo: User
) -> None:
    taxed("8.25%", "part")
    agreed(northside, "service-agreement", APRIL, included_seconds=4 * 3600, discount="10%")
    agreed(elm, "retainer", APRIL, low_at_amount=50_00, top_up_to=500_00)
    shown: dict[tuple[int, date], dict[str, object]] = {}
    for number in range(40):
        now = moment(2005, 4, 1) + timedelta(days=number)
        day = local_day(now)
        for client in (northside, elm):
            _live(client, day, number, theo)
        run_stages(now + timedelta(hours=12))  # at eleven in the evening
        for client in (northside, elm):
            shown[client.pk, day] = _as_shown(client, day)

    told = {
        place: program.get(f"/clients/{place[0]}/balances?on={place[1]}").json()  # type: ignore[attr-defined]
        for place in shown
    }

    for place, expected in shown.items():
        found = {name: told[place][name] for name in expected}
        amounts = {name: value["amount"] if isinstance(value, dict) else value for name, value in found.items()}
        assert amounts == expected, place
    for (key, day), one in told.items():
        unbilled = balances(day, below=f"assets:unbilled:{key}").get((f"assets:unbilled:{key}", "USD"), 0)
        assert one["unbilled"]["amount"] == show_amount(unbilled)
    assert len({one["unbilled"]["amount"] for one in told.values()}) > 5
    assert any(one["block_hours"] not in {"0", "5"} for one in told.values())


def _live(client: Client, day: date, number: int, theo: User) -> None:
    """A day of a client's: money in on some, work on others."""
    if number == 0 and client.name.startswith("Elm"):
        deposit(client, 400_00, at=moment(day.year, day.month, day.day))
    if number == 3 and client.name.startswith("North"):
        buy_hours(client, 5, at=moment(day.year, day.month, day.day))
    if number % 4 == 1:
        worked(client, day, 65 + number, by=theo)
    if number % 9 == 2:
        used(client, day, 33_33, by=theo)
    if number == 34:
        pay(client, 100_00, at=moment(day.year, day.month, day.day))


def _as_shown(client: Client, day: date) -> dict[str, object]:
    """What the pages show of a client on the day."""
    found = balances_of(client, day)
    held = found.holdings
    return {
        "receivable": show_amount(found.owing.owes), "credit": show_amount(found.credit),
        "retainer": show_amount(held.retainer), "retainer_asked": show_amount(held.retainer_asked),
        "retainer_available": show_amount(held.retainer_available) if held.has_retainer else None,
        "block_hours": show_hours(held.block_seconds),
        "included_hours": show_hours(held.included_seconds), "unbilled": show_amount(held.unbilled),
        "unbilled_tax": show_amount(held.unbilled_tax), "plan": held.plan.value,
    }  # fmt: skip


def test_money_given_back_is_told_with_the_payment_and_by_itself(program: Program, northside: Client) -> None:
    pay(northside, 100_00, at=MAY)
    payout = refunding.pay_out(northside, 30_00, Giving("moves away", MAY + timedelta(days=1), reference="R-1"))
    mark = "2005-05-02T00:00:00Z"

    payment, paid_back = _all(program, "/payments")[0], _all(program, f"/payouts?client={northside.pk}")

    assert (payment["paid_back"]["amount"], payment["left"]["amount"], payment["settled"]) == ("30.00", "70.00", [])
    assert [(one["amount"]["amount"], one["reference"], one["how"]) for one in paid_back] == [
        ("30.00", "R-1", "transfer")
    ]
    assert len(_all(program, f"/payments?updated_since={mark}")) == 1
    refunding.take_back(payout, at=MAY + timedelta(days=2), why="the account is closed")
    assert _all(program, "/payments")[0]["left"]["amount"] == "100.00"
    assert _all(program, "/payouts")[0]["taken_back"]["why"] == "the account is closed"


def test_a_day_to_come_is_refused(program: Program, northside: Client) -> None:
    assert program.get(f"/clients/{northside.pk}/balances?on=2199-01-01").status_code == 422
    assert program.get("/books/trial-balance?on=2199-01-01").status_code == 422


def test_the_trial_balance_has_two_equal_sides_on_any_day(program: Program, trade: list[Invoice]) -> None:
    for day in ("2005-04-01", "2005-04-15", "2005-05-01", ""):
        told = program.get(f"/books/trial-balance{'?on=' if day else ''}{day}").json()  # type: ignore[attr-defined]
        sides = [sum(round(float(row[side]["amount"]) * 100) for row in told["money"]) for side in ("debit", "credit")]
        assert sides[0] == sides[1] == round(float(told["money_total"]["amount"]) * 100)
        assert sum(float(row["debit"]) - float(row["credit"]) for row in told["hours"]) == 0
        assert told["money"]


@pytest.mark.parametrize(
    "address", ["/clients", "/orders?state=all", "/stints", "/parts", "/agreements", "/invoices", "/payments"]
)
def test_a_list_takes_as_many_questions_for_many_rows_as_for_few(
    program: Program, trade: list[Invoice], northside: Client, theo: User, address: str
) -> None:
    sign = "&" if "?" in address else "?"
    few = _questions(program, f"{address}{sign}limit=1")
    for number in range(8):
        client = Client.objects.create(name=f"Client {number}")
        agreed(client, "reactive", APRIL)
        worked(client, APRIL, 60, by=theo)
        used(client, APRIL, 10_00, by=theo)
        deposit(client, 100_00, at=moment(2005, 4, 2))

    many = _questions(program, f"{address}{sign}limit=200")

    assert many <= few


def _questions(program: Program, address: str) -> int:
    program.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert program.get(address).status_code == 200
    return len(asked)


def test_ten_thousand_stints_come_in_parts_each_once(
    as_program: AsProgram, northside: Client, olga: User, theo: User
) -> None:
    orders = [Order.objects.create(client=northside, title=f"Order {number}") for number in range(100)]
    begun = timezone.now() - timedelta(days=1200)
    Stint.objects.bulk_create(
        Stint(order=orders[number % 100], who=theo, started_at=begun + timedelta(hours=2 * number), minutes=45,
              recorded_at=begun + timedelta(hours=2 * number + 1), note="Mail arrives again")
        for number in range(10_000)
    )  # fmt: skip
    Part.objects.all().delete()
    program = as_program(olga, Scope.READ)
    program.get("/stints")

    seen, following = [], "/stints?limit=200&sort=started_at"
    while following:
        part = program.get(following).json()  # type: ignore[attr-defined]
        seen.append(len(part["rows"]))
        following = part["next"]

    assert seen == [200] * 50


def test_updates_are_in_no_zone_of_their_own(program: Program, trade: list[Invoice], ago: Callable[..., str]) -> None:
    since = ago(days=1).replace("+00:00", "%2B00:00")

    assert program.get(f"/orders?updated_since={since}").status_code == 200
