"""Payments, credit and credit notes (billing-rules.md, "Invoices and payments")."""

import pytest

from rounds.core import settling
from rounds.core.account import Closing, Kind, Line
from rounds.core.money import Refused
from rounds.core.settling import Allocation, Debts, Receipt, Receivable
from tests.core.accounts import day


def invoice(number: int, due: str, left: int, asked: int = 0, held: int = 0) -> Receivable:
    return Receivable(number, number, day(due), left, asked, held)


def closing(total: int, asked: int = 0) -> Closing:
    line = Line(Kind.LABOUR, total - asked)
    return Closing(day("2005-05-01"), day("2005-05-11"), "month", (line, Line(Kind.RETAINER, asked)), (), 0, asked)


def test_a_payment_settles_what_falls_due_first_and_leaves_the_rest_as_credit() -> None:
    debts = Debts((invoice(1, "2005-06-01", 100), invoice(2, "2005-05-01", 50), invoice(3, "2005-05-01", 50)))

    settlement = settling.pay(debts, 230)

    assert [(allocation.invoice, allocation.amount) for allocation in settlement.allocations] == [
        (2, 50),
        (3, 50),
        (1, 100),
    ]
    assert debts.after(settlement).receivable == 0
    assert debts.after(settlement).credit == 30


def test_a_named_invoice_is_settled_first() -> None:
    debts = Debts((invoice(1, "2005-05-01", 100), invoice(2, "2005-06-01", 50)))

    settlement = settling.pay(debts, 60, named=2)

    assert settlement.allocations == (Allocation(2, 50), Allocation(1, 10))


def test_a_payment_or_credit_for_an_invoice_that_does_not_exist_is_refused() -> None:
    debts = Debts((invoice(1, "2005-05-01", 100),))

    with pytest.raises(Refused, match="no invoice 2"):
        settling.pay(debts, 60, named=2)
    with pytest.raises(Refused, match="no invoice 0"):
        settling.credit(debts, 0, 60, retainer=0)
    with pytest.raises(Refused, match="negative"):
        settling.pay(debts, -1)
    with pytest.raises(Refused, match="negative"):
        settling.credit(debts, 1, -1, retainer=0)


def test_what_an_invoice_asks_for_is_received_when_it_is_paid_in_full_and_not_before() -> None:
    debts = Debts((invoice(1, "2005-05-01", 100, asked=80),))

    part = settling.pay(debts, 99)
    rest = settling.pay(debts.after(part), 1)
    settled = debts.after(part).after(rest)

    assert part.receipts == ()
    assert rest.receipts == (Receipt(1, 80),)
    assert (settled.find(1).asked, settled.find(1).held) == (0, 80)
    assert settling.pay(settled, 10).receipts == ()


def test_credit_pays_for_the_next_invoice_as_it_is_issued_and_may_pay_it_in_full() -> None:
    issued, settlement = settling.issue(Debts(credit=500), 1, closing(400, asked=300))

    assert issued.open == 400
    assert settlement.allocations == (Allocation(1, 400),)
    assert settlement.receipts == (Receipt(1, 300),)
    assert settlement.credit_change == -400


def test_a_deposit_is_paid_at_once_and_not_by_credit() -> None:
    line = Line(Kind.RETAINER, 300)
    deposit = Closing(day("2005-05-01"), day("2005-05-11"), "deposit", (line,), (), 0, 300, is_paid_at_once=True)

    issued, settlement = settling.issue(Debts(credit=500), 1, deposit)

    assert (issued.open, issued.held) == (0, 300)
    assert settlement.allocations == ()


def test_a_credit_note_lowers_first_what_is_asked_for() -> None:
    debts = Debts((invoice(1, "2005-05-01", 100, asked=80),))

    crediting = settling.credit(debts, 1, 90, retainer=0)
    after = debts.credited(crediting)

    assert (crediting.lowered, crediting.asked, crediting.held) == (90, 80, 0)
    assert (after.find(1).open, after.find(1).asked) == (10, 0)


def test_a_credit_note_that_pays_the_invoice_in_full_lets_the_rest_of_what_it_asks_for_arrive() -> None:
    debts = Debts((invoice(1, "2005-05-01", 50, asked=80),))  # 130 of it paid

    crediting = settling.credit(debts, 1, 50, retainer=0)
    after = debts.credited(crediting)

    assert crediting.all_receipts == (Receipt(1, 30),)
    assert (after.find(1).open, after.find(1).asked, after.find(1).held) == (0, 0, 30)


def test_what_goes_beyond_settles_others_and_is_taken_from_the_retainer_if_it_is_held_there() -> None:
    debts = Debts((invoice(1, "2005-05-01", 0, held=100), invoice(2, "2005-06-01", 40)))

    crediting = settling.credit(debts, 1, 70, retainer=60)
    after = debts.credited(crediting)

    assert (crediting.lowered, crediting.held) == (0, 60)  # no more than the balance
    assert crediting.beyond.allocations == (Allocation(2, 40),)
    assert after.credit == 30
    assert after.find(1).held == 40


def test_a_credit_note_beyond_a_partly_paid_ask_takes_back_what_thereby_arrived() -> None:
    debts = Debts((invoice(1, "2005-05-01", 52, asked=100),))  # of 102 in all, 50 paid

    crediting = settling.credit(debts, 1, 60, retainer=0)
    after = debts.credited(crediting)

    assert (crediting.lowered, crediting.asked, crediting.held) == (52, 52, 8)
    assert crediting.receipts == (Receipt(1, 48),)
    assert (after.credit, after.find(1).held) == (8, 40)


def test_money_that_is_not_held_on_the_retainer_is_not_taken_from_it() -> None:
    debts = Debts((invoice(1, "2005-05-01", 10),))

    crediting = settling.credit(debts, 1, 70, retainer=500)

    assert (crediting.lowered, crediting.held) == (10, 0)
    assert debts.credited(crediting).credit == 60
