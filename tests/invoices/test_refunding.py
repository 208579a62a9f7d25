"""Money given back: hours by a credit note with their tax, the retainer, credit; paid out, and taken back again."""

from datetime import UTC, datetime, timedelta

import pytest

from rounds.charges.accounts import load_account
from rounds.charges.models import Block
from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client, ShopTerms
from rounds.core.books import HOURS, Chart, balance
from rounds.core.money import Refused
from rounds.invoices import refunding
from rounds.invoices.checking import differences
from rounds.invoices.debts import credit_of
from rounds.invoices.models import CreditNote, Invoice, Payout
from rounds.invoices.noting import credit
from rounds.invoices.paying import pay
from rounds.invoices.refund_models import How
from rounds.invoices.refunding import Giving
from rounds.invoices.selling import buy_hours, deposit
from rounds.invoices.statements import statement_of
from rounds.invoices.tax_reporting import taxes, wrong_tax
from rounds.invoices.unpaying import take_back as take_payment_back
from rounds.ledger import booking
from rounds.ledger.balancing import balances
from rounds.people.shop import local_day
from tests.trade import taxed

AT = datetime(2026, 4, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def client(db: None) -> Client:
    ShopTerms.objects.create(since=local_day(AT) - 30 * DAY, hourly_rate=100_00, bonus_hours=[[10, "1"]])
    taxed("8.25%", "hours", since=local_day(AT) - 30 * DAY)
    return Client.objects.create(name="Elm St Law", since=AT - 30 * DAY)


def giving(days: int, **more: object) -> Giving:
    return Giving("moves away", AT + days * DAY, **more)  # type: ignore[arg-type]


def prove(days: int) -> dict[tuple[str, str], int]:
    booking.pull(AT + days * DAY)
    assert [*differences(), *wrong_tax()] == []
    return balances()


def test_unused_hours_go_back_with_their_tax_and_are_paid_out(client: Client) -> None:
    invoice = buy_hours(client, 10, at=AT)
    assert invoice is not None
    pay(client, 1082_50, at=AT + DAY)

    note = refunding.refund_hours(Block.objects.get(), 5 * 3600 + 1800, giving(2, reference="R-1"))

    assert (note.amount, note.tax, note.over) == (541_25, 41_25, 541_25)
    assert load_account(client).block_seconds == 5 * 3600 + 1800
    payout = Payout.objects.get()
    assert (payout.amount, payout.how, payout.reference) == (541_25, How.TRANSFER, "R-1")
    assert credit_of(client) == 0
    assert statement_of(client)[-1].owed == 0
    one = next(iter(taxes(local_day(AT), local_day(AT + 5 * DAY)).values()))
    assert (one.base_credited, one.tax_credited) == (500_00, 41_25)
    totals, chart = prove(3), Chart(str(client.pk))
    assert balance(totals, chart.bank, "USD") == 1082_50 - 541_25
    assert balance(totals, "income", "USD") == 0
    assert balance(totals, chart.hours("refunded"), HOURS) == 5 * 3600 + 1800


def test_an_unpaid_block_that_goes_back_lowers_what_is_owed_and_nothing_is_paid_out(client: Client) -> None:
    invoice = buy_hours(client, 10, at=AT)

    note = refunding.refund_hours(Block.objects.get(), None, giving(2))

    assert (note.invoice, note.lowers, note.over) == (invoice, 1082_50, 0)
    assert not Payout.objects.exists()
    assert Invoice.objects.with_open().get().open == 0
    prove(3)


def test_a_payout_that_came_back_is_credit_again_and_pays_what_is_open_meanwhile(client: Client) -> None:
    deposit(client, 900_00, at=AT)
    refunding.refund_retainer(client, 900_00, giving(1))
    payout = Payout.objects.get()
    buy_hours(client, 5, at=AT + 2 * DAY)

    refunding.take_back(payout, at=AT + 3 * DAY, why="the account is closed")

    assert credit_of(client) == 900_00 - 541_25
    assert Invoice.objects.with_open().order_by("pk").last().open == 0  # type: ignore[union-attr]
    with pytest.raises(Refused, match="already"):
        refunding.take_back(payout, at=AT + 3 * DAY, why="again")
    totals = prove(4)
    assert balance(totals, "assets:bank", "USD") == 900_00
    assert statement_of(client)[-1].owed == -credit_of(client)


def test_retainer_money_kept_as_credit_goes_back_onto_the_retainer_by_taking_it_back(client: Client) -> None:
    deposit(client, 500_00, at=AT)
    payment = refunding.refund_retainer(client, 200_00, giving(1, how=None))
    assert (load_account(client).retainer, credit_of(client)) == (300_00, 200_00)

    take_payment_back(payment, at=AT + 2 * DAY, why="he wants it on the retainer")

    assert (load_account(client).retainer, credit_of(client)) == (500_00, 0)
    prove(3)


def test_money_that_was_paid_out_is_taken_back_before_the_payment_that_it_came_with(client: Client) -> None:
    payment = pay(client, 100_00, at=AT)
    payout = refunding.pay_out(client, 60_00, giving(1))

    with pytest.raises(Refused, match="take that back first"):
        take_payment_back(payment, at=AT + 2 * DAY, why="bounced")

    refunding.take_back(payout, at=AT + 3 * DAY, why="was never sent")
    take_payment_back(payment, at=AT + 3 * DAY, why="bounced")
    assert credit_of(client) == 0
    prove(4)


def test_what_is_not_there_is_not_given_back_and_nothing_changes(client: Client) -> None:
    deposit(client, 100_00, at=AT)
    buy_hours(client, 1, at=AT)
    block = Block.objects.get()

    for refused in (
        lambda: refunding.pay_out(client, 1, giving(1)),
        lambda: refunding.refund_retainer(client, 100_01, giving(1)),
        lambda: refunding.refund_retainer(client, 0, giving(1)),
        lambda: refunding.refund_hours(block, 3601, giving(1)),
        lambda: refunding.refund_retainer(client, 50_00, Giving(" ", AT + DAY)),
    ):
        with pytest.raises(Refused):
            refused()

    assert (Payout.objects.count(), CreditNote.objects.count()) == (0, 0)
    assert load_account(client).retainer == 100_00
    prove(2)


def test_a_credit_note_on_what_the_retainer_paid_goes_back_onto_it(client: Client) -> None:
    deposit(client, 500_00, at=AT - DAY)
    starts = local_day(AT)
    sign(
        Agreement(client=client, plan="service-agreement", starts=starts, included_seconds=3600, fee=300_00),
        by=None, at=AT,
    )  # fmt: skip
    deposit(client, 1_00, at=AT + DAY)
    invoice = Invoice.objects.get(from_retainer__gt=0)

    note = credit(invoice, 120_00, at=AT + 2 * DAY, why="agreed at 180")

    assert (note.lowers, note.over, note.to_retainer) == (0, 0, 120_00)
    assert load_account(client).retainer == 501_00 - 300_00 + 120_00
    assert credit_of(client) == 0
    assert statement_of(client)[-1].owed == 0
    prove(3)
