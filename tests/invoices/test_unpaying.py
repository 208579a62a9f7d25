"""Payments taken back: what is open again, the retainer money that had come with them, a bounce with its fee."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rounds.charges.accounts import load_account
from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.debts import credit_of
from rounds.invoices.issuing import pull
from rounds.invoices.models import Invoice, Payment, Reversal
from rounds.invoices.noting import credit
from rounds.invoices.paying import pay
from rounds.invoices.printing import invoice_pdf
from rounds.invoices.selling import buy_hours, deposit
from rounds.invoices.statements import statement_of
from rounds.invoices.unpaying import bounce, take_back
from rounds.ledger import booking
from rounds.people.models import User
from tests.trade import agreed, worked

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


def _asked(northside: Client) -> Payment:
    """A payment in full of an invoice that asks for 500.00 of retainer money, which is on the retainer thereby."""
    sign(
        Agreement(client=northside, plan="retainer", starts=date(2005, 4, 5), low_at_amount=1_00, top_up_to=500_00),
        by=None, at=APRIL,
    )  # fmt: skip
    pull(datetime(2005, 5, 1, 15, tzinfo=UTC))
    made = pay(northside, 500_00, at=datetime(2005, 5, 3, 15, tzinfo=UTC))
    assert load_account(northside).retainer == 500_00
    return made


MAY = datetime(2005, 5, 4, 15, tzinfo=UTC)


def test_what_it_settled_is_open_again_and_its_rest_is_no_credit(northside: Client, billed: list[Invoice]) -> None:
    payment = pay(northside, 350_00, at=APRIL + 2 * DAY)
    assert (_open(northside), credit_of(northside)) == ([0, 0], 50_00)

    take_back(payment, at=APRIL + 3 * DAY, why="Somebody else’s")

    assert (_open(northside), credit_of(northside)) == ([100_00, 200_00], 0)
    assert statement_of(northside)[-1].owed == 300_00
    assert _books_hold(APRIL + 4 * DAY)


def test_it_can_then_be_recorded_for_the_right_client(northside: Client, elm: Client, billed: list[Invoice]) -> None:
    wrong = pay(elm, 100_00, at=APRIL + 2 * DAY)

    take_back(wrong, at=APRIL + 3 * DAY, why="It was Northside’s")
    pay(northside, 100_00, at=APRIL + 3 * DAY)

    assert (credit_of(elm), _open(northside)) == (0, [0, 200_00])
    assert _books_hold(APRIL + 4 * DAY)


def test_credit_that_had_paid_a_later_invoice_is_taken_back_as_well(northside: Client) -> None:
    payment = pay(northside, 150_00, at=APRIL)
    buy_hours(northside, 1, at=APRIL + DAY)
    assert (_open(northside), credit_of(northside)) == ([0], 50_00)

    take_back(payment, at=APRIL + 2 * DAY, why="Bounced")

    assert (_open(northside), credit_of(northside)) == ([100_00], 0)
    assert _books_hold(APRIL + 3 * DAY)


def test_other_credit_pays_for_what_is_open_again(northside: Client, billed: list[Invoice]) -> None:
    first = pay(northside, 300_00, at=APRIL + 2 * DAY)
    pay(northside, 120_00, at=APRIL + 3 * DAY)
    assert credit_of(northside) == 120_00

    take_back(first, at=APRIL + 4 * DAY, why="Bounced")

    assert (_open(northside), credit_of(northside)) == ([0, 180_00], 0)
    assert _books_hold(APRIL + 5 * DAY)


def test_retainer_money_that_came_with_it_goes_and_can_come_again(northside: Client) -> None:
    payment = _asked(northside)

    take_back(payment, at=MAY, why="Bounced")
    account = load_account(northside)
    assert (account.retainer, account.asked, _open(northside)) == (0, 500_00, [500_00])
    assert _books_hold(MAY + DAY)

    again = pay(northside, 500_00, at=MAY + 2 * DAY)
    assert load_account(northside).retainer == 500_00
    take_back(again, at=MAY + 3 * DAY, why="Bounced again")
    pay(northside, 500_00, at=MAY + 4 * DAY)

    assert (load_account(northside).retainer, load_account(northside).asked) == (500_00, 0)
    assert _books_hold(MAY + 5 * DAY)


def test_a_deposit_that_bounces_leaves_the_retainer_and_its_invoice_open(northside: Client) -> None:
    deposit(northside, 300_00, at=APRIL)

    take_back(Payment.objects.get(), at=APRIL + DAY, why="Bounced")

    assert (load_account(northside).retainer, _open(northside)) == (0, [300_00])
    assert _books_hold(APRIL + 2 * DAY)


def test_retainer_money_that_has_been_used_cannot_go(northside: Client, theo: User) -> None:
    agreed(northside, "retainer", date(2005, 4, 2))
    deposit(northside, 300_00, at=APRIL)
    worked(northside, date(2005, 4, 12), 60, by=theo)
    pull(datetime(2005, 5, 1, 15, tzinfo=UTC))

    with pytest.raises(Refused, match=r"brought 300\.00 onto the retainer, of which only 200\.00 is left"):
        take_back(Payment.objects.get(amount=300_00), at=MAY, why="Bounced")

    assert not Reversal.objects.exists()
    assert _books_hold(MAY)


def test_retainer_money_that_has_been_credited_cannot_go(northside: Client) -> None:
    deposit(northside, 300_00, at=APRIL)
    credit(Invoice.objects.get(), 100_00, at=APRIL, why="Typed wrong")

    with pytest.raises(Refused, match="credit note C2005-0001 has taken back"):
        take_back(Payment.objects.get(), at=APRIL + DAY, why="Bounced")

    assert load_account(northside).retainer == 200_00


def test_twice_or_without_a_reason_is_refused(northside: Client, billed: list[Invoice]) -> None:
    payment = pay(northside, 100_00, at=APRIL + DAY)
    with pytest.raises(Refused, match="say why"):
        take_back(payment, at=APRIL + DAY, why=" ")
    take_back(payment, at=APRIL + DAY, why="Wrong")

    with pytest.raises(Refused, match="already"):
        take_back(payment, at=APRIL + DAY, why="Wrong")

    assert _open(northside) == [100_00, 200_00]


def test_a_bounce_may_cost_a_fee_on_the_next_first(northside: Client, theo: User, billed: list[Invoice]) -> None:
    payment = pay(northside, 100_00, at=APRIL + 2 * DAY)

    bounce(payment, at=APRIL + 3 * DAY, why="No funds", by=theo, fee=25_00)
    pull(datetime(2005, 5, 1, 15, tzinfo=UTC))

    assert _open(northside) == [100_00, 200_00, 25_00]
    line = Invoice.objects.order_by("pk").last().lines.get()  # type: ignore[union-attr]
    assert (line.text, line.amount) == ("Returned payment of 6 April 2005", 25_00)
    assert _books_hold(datetime(2005, 5, 2, 15, tzinfo=UTC))


def test_the_printed_invoice_stays_as_it_was(northside: Client) -> None:
    payment = pay(northside, 100_00, at=APRIL)
    invoice = buy_hours(northside, 1, at=APRIL)
    assert invoice is not None
    before = invoice_pdf(invoice)

    take_back(payment, at=APRIL, why="Bounced")

    assert invoice_pdf(invoice) == before
