"""Payments and credit notes: what they settle, what they refuse, and that the books follow."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rounds.charges.accounts import load_account
from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.debts import credit_of
from rounds.invoices.issuing import pull
from rounds.invoices.models import Allocation, CreditNote, Invoice, Payment
from rounds.invoices.noting import credit
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours, deposit
from rounds.ledger import booking

APRIL = datetime(2005, 4, 4, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def billed(northside: Client) -> list[Invoice]:
    """Two invoices of 100.00 and 200.00, due on the 14th and 15th."""
    invoices = [buy_hours(northside, 1, at=APRIL), buy_hours(northside, 2, at=APRIL + DAY)]
    return [invoice for invoice in invoices if invoice is not None]


def _open(client: Client) -> list[int]:
    return [invoice.open for invoice in Invoice.objects.filter(client=client).with_open().order_by("pk")]


def _books_hold(at: datetime) -> bool:
    booking.pull(at)
    return differences() == []


def test_a_payment_settles_what_falls_due_first_and_keeps_the_rest_as_credit(
    northside: Client, billed: list[Invoice]
) -> None:
    pay(northside, 150_00, at=APRIL + 3 * DAY)
    assert _open(northside) == [0, 150_00]

    pay(northside, 200_00, at=APRIL + 4 * DAY)

    assert _open(northside) == [0, 0]
    assert credit_of(northside) == 50_00
    assert _books_hold(APRIL + 5 * DAY)


def test_a_payment_may_name_its_invoice(northside: Client, billed: list[Invoice]) -> None:
    pay(northside, 250_00, at=APRIL + 3 * DAY, invoice=billed[1])

    assert _open(northside) == [50_00, 0]


def test_credit_pays_for_the_next_invoice_as_it_is_issued(northside: Client) -> None:
    pay(northside, 150_00, at=APRIL)

    buy_hours(northside, 1, at=APRIL + DAY)
    buy_hours(northside, 1, at=APRIL + 2 * DAY)

    assert _open(northside) == [0, 50_00]
    assert [one.amount for one in Allocation.objects.order_by("pk")] == [100_00, 50_00]
    assert _books_hold(APRIL + 3 * DAY)


def test_a_credit_note_lowers_its_invoice_and_what_goes_beyond_settles_the_next(
    northside: Client, billed: list[Invoice]
) -> None:
    pay(northside, 60_00, at=APRIL + 2 * DAY, invoice=billed[0])

    note = credit(billed[0], 70_00, at=APRIL + 3 * DAY, why="One hour was too much")

    assert (str(note), note.lowers, note.over) == ("C2005-0001", 40_00, 30_00)
    assert _open(northside) == [0, 170_00]
    assert _books_hold(APRIL + 5 * DAY)


def test_crediting_a_deposit_takes_it_off_the_retainer(northside: Client) -> None:
    invoice = deposit(northside, 300_00, at=APRIL)
    assert invoice is not None

    note = credit(invoice, 100_00, at=APRIL + DAY, why="Typed wrong")

    assert note.from_retainer == 100_00
    assert load_account(northside).retainer == 200_00
    assert credit_of(northside) == 100_00
    assert _books_hold(APRIL + 5 * DAY)


def test_what_an_invoice_asked_for_counts_once_it_is_paid_in_full(northside: Client) -> None:
    sign(
        Agreement(client=northside, plan="retainer", starts=date(2005, 4, 5), low_at_amount=1_00, top_up_to=500_00),
        by=None, at=APRIL,
    )  # fmt: skip
    pull(datetime(2005, 5, 1, 15, tzinfo=UTC))
    pay(northside, 400_00, at=datetime(2005, 5, 3, 15, tzinfo=UTC))
    assert load_account(northside).retainer == 0

    pay(northside, 100_00, at=datetime(2005, 5, 4, 15, tzinfo=UTC))

    assert load_account(northside).retainer == 500_00
    assert load_account(northside).asked == 0
    assert _books_hold(datetime(2005, 5, 5, 15, tzinfo=UTC))


def test_a_payment_for_somebody_elses_invoice_is_refused(northside: Client, elm: Client, billed: list[Invoice]) -> None:
    with pytest.raises(Refused, match="not one of Elm St Law"):
        pay(elm, 1_00, at=APRIL, invoice=billed[0])

    assert not Payment.objects.exists()


@pytest.mark.parametrize("amount", [0, -5])
def test_a_payment_of_nothing_is_refused(northside: Client, amount: int) -> None:
    with pytest.raises(Refused):
        pay(northside, amount, at=APRIL)


def test_a_credit_note_needs_a_reason_and_an_amount(billed: list[Invoice]) -> None:
    with pytest.raises(Refused, match="say why"):
        credit(billed[0], 1_00, at=APRIL + DAY, why=" ")
    with pytest.raises(Refused, match="more than nothing"):
        credit(billed[0], 0, at=APRIL + DAY, why="a mistake")

    assert not CreditNote.objects.exists()
