"""What a line of the bank's probably pays: by the number in its text, the payer, the amount; and when that is sure."""

from datetime import date

import pytest

from rounds.core.bank import BankLine, Owed, Payers, Suggestion, numbers_in, suggest

NORTH, ELM = 1, 2
A = Owed("a", NORTH, "2026", 41, date(2026, 4, 11), 100_00)
B = Owed("b", NORTH, "2026", 42, date(2026, 5, 11), 200_00)
C = Owed("c", ELM, "2026", 43, date(2026, 4, 11), 75_00)
PAID = Owed("p", ELM, "2026", 40, date(2026, 3, 11), 0)
PAYERS = Payers({"DE1": ELM}, {NORTH: "Northside Dental, Inc.", ELM: "Elm St Law"})


def found(
    amount: int, name: str = "", text: str = "", account: str = "", owed: tuple[Owed, ...] = (A, B, C, PAID)
) -> Suggestion | None:
    return suggest(BankLine(amount, name, account, text), owed, PAYERS)


def _told(suggestion: Suggestion | None) -> tuple[object, object, bool] | None:
    return (suggestion.client, suggestion.invoice, suggestion.is_sure) if suggestion else None


@pytest.mark.parametrize(
    "text",
    ["Invoice 2026-0042", "inv.2026-0042/thanks", "2026 0042", "20260042", "RG 2026/42", "2026-42", "re2026–0042"],
)
def test_a_number_with_just_its_open_amount_is_sure(text: str) -> None:
    assert _told(found(200_00, text=text)) == (NORTH, "b", True)


@pytest.mark.parametrize("text", ["12026-0042", "2026-00421", "202642", "0042", "2026-1042", "call 555-2026"])
def test_what_only_resembles_a_number_is_none(text: str) -> None:
    assert ("2026", 42) not in numbers_in(text)


@pytest.mark.parametrize(("amount", "why"), [(150_00, "less"), (250_00, "more")])
def test_a_number_with_another_amount_is_not_sure(amount: int, why: str) -> None:
    suggested = found(amount, text="2026-0042")

    assert _told(suggested) == (NORTH, "b", False)
    assert suggested is not None
    assert why in suggested.why


def test_two_numbers_and_their_sum_are_sure_if_a_payment_would_settle_just_these() -> None:
    assert _told(found(300_00, text="2026-0041 + 2026-0042")) == (NORTH, "a", True)

    older = Owed("o", NORTH, "2026", 39, date(2026, 3, 1), 10_00)
    assert _told(found(300_00, text="2026-0041 + 2026-0042", owed=(older, A, B))) == (NORTH, "a", False)


def test_numbers_of_several_clients_are_not_sure() -> None:
    assert _told(found(175_00, text="2026-0041 and 2026-0043")) == (NORTH, "a", False)


def test_a_number_that_is_paid_already_is_not_sure() -> None:
    assert _told(found(75_00, text="2026-0040")) == (ELM, "p", False)


def test_an_account_that_paid_before_and_the_amount_are_sure() -> None:
    assert _told(found(75_00, name="A. Person", account="DE1")) == (ELM, "c", True)


@pytest.mark.parametrize("name", ["NORTHSIDE DENTAL INC", "Dental, Northside", "The Northside Dental Co."])
def test_a_name_and_the_amount_of_one_invoice_or_of_all_are_sure(name: str) -> None:
    assert _told(found(100_00, name=name)) == (NORTH, "a", True)
    assert _told(found(300_00, name=name)) == (NORTH, None, True)


def test_a_part_of_a_name_is_not_sure() -> None:
    assert _told(found(100_00, name="Northside")) == (NORTH, "a", False)


def test_a_payer_without_the_amount_pays_on_account_if_a_person_says_so() -> None:
    assert _told(found(55_55, name="Elm St Law")) == (ELM, None, False)


def test_two_invoices_of_the_same_amount_are_not_sure() -> None:
    twin = Owed("t", NORTH, "2026", 44, date(2026, 6, 1), 100_00)

    assert _told(found(100_00, name="Northside Dental", owed=(twin, A))) == (NORTH, "a", False)


def test_the_only_invoice_of_an_amount_is_perhaps_meant_and_nothing_else_is_said() -> None:
    assert _told(found(75_00, name="Somebody")) == (ELM, "c", False)
    assert found(1_00, name="Somebody") is None
    assert found(-75_00, name="Elm St Law", text="2026-0043") is None
    assert found(0) is None
