"""The next block is bought by itself, once a crossing, in the transaction of the draw; letters say so, or why not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from rounds.charges import keeping, rating, telling
from rounds.charges.changing import next_block_in_words
from rounds.charges.models import Block, Notice, Purchase
from rounds.charges.standing import holdings_of
from rounds.clients import agreeing, drafting
from rounds.clients.models import Agreement, Client
from rounds.core.money import SECONDS_PER_HOUR
from rounds.invoices import mailing
from rounds.invoices.checking import differences
from rounds.invoices.issuing import bring, pull
from rounds.invoices.models import Invoice
from rounds.invoices.outlook import outlook
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours
from rounds.ledger import booking
from rounds.mail.models import Letter
from rounds.people.models import Shop, User
from rounds.work.models import Order, Stint
from tests.trade import agreed

type SignIn = Callable[[User], Browser]
AT = datetime(2026, 6, 10, 16, tzinfo=UTC)
TERMS: dict[str, Any] = {"low_at_seconds": 2 * SECONDS_PER_HOUR, "next_block_hours": 10}


@pytest.fixture
def agreement(northside: Client) -> Agreement:
    """A block agreement that buys the next ten hours below two; three are held."""
    row = agreed(northside, "block", date(2026, 6, 1), **TERMS)
    buy_hours(northside, 3, at=datetime(2026, 6, 1, 16, tzinfo=UTC))
    return row


def record(client: Client, minutes: int, at: datetime = AT) -> Stint:
    order, _new = Order.objects.get_or_create(client=client, title="Work", defaults={"opened_at": at})
    return Stint.objects.create(order=order, started_at=at, minutes=minutes, recorded_at=at)


def bought(client: Client) -> list[tuple[date, int]]:
    return list(Purchase.objects.filter(client=client, cause__isnull=False).values_list("on", "hours"))


def test_the_ticker_buys_one_block_and_issues_its_invoice_however_often_it_runs(agreement: Agreement) -> None:
    client = agreement.client
    record(client, 4 * 60)

    pull(AT)
    pull(AT)
    bring(client, AT + timedelta(hours=1))

    purchase = Purchase.objects.get(client=client, cause__isnull=False)
    assert (purchase.on, purchase.hours, purchase.agreement) == (date(2026, 6, 10), 10, agreement)
    assert Invoice.objects.get(closing__purchase=purchase).total == 1_000_00
    assert holdings_of(client, AT.date()).block_seconds == 9 * SECONDS_PER_HOUR
    assert [(one.kind, one.on) for one in Notice.objects.all()] == [("block-bought", date(2026, 6, 10))]
    booking.pull(AT)
    assert differences() == []


def test_a_kill_between_the_purchase_and_the_draw_leaves_neither(
    agreement: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = agreement.client
    record(client, 4 * 60)

    def killed(*_what: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_keep_rated", killed)
        with pytest.raises(KeyboardInterrupt):
            bring(client, AT)
    assert bought(client) == []
    bring(client, AT)

    assert bought(client) == [(date(2026, 6, 10), 10)]
    assert holdings_of(client, AT.date()).block_seconds == 9 * SECONDS_PER_HOUR


def test_a_kill_before_the_invoice_issues_it_with_the_next_run_and_buys_nothing_more(agreement: Agreement) -> None:
    client = agreement.client
    record(client, 4 * 60)
    assert len(rating.bring(client, AT)) == 1  # as a ticker that is killed before it issues what it was given

    issued = bring(client, AT)

    assert [invoice.total for invoice in issued] == [1_000_00]
    assert bought(client) == [(date(2026, 6, 10), 10)]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_four_tickers_at_once_buy_one_block(agreement: Agreement) -> None:
    record(agreement.client, 4 * 60)

    def tick(_number: int) -> int:
        try:
            return pull(AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(tick, range(4)))

    assert bought(agreement.client) == [(date(2026, 6, 10), 10)]
    assert Invoice.objects.filter(client=agreement.client).count() == 2


def test_shop_and_client_are_told_what_was_bought_under_which_agreement_and_for_how_much(agreement: Agreement) -> None:
    Shop.objects.update(email="office@shop.example")
    agreement.client.contacts.update(gets_invoices=True)
    record(agreement.client, 4 * 60)
    bring(agreement.client, AT)

    assert telling.pull(AT) == 2
    assert telling.pull(AT) == 0
    mailing.pull(AT)

    told = Letter.objects.filter(key__startswith="notice:")
    assert {tuple(letter.to) for letter in told} == {("office@shop.example",), ("nora@northside.example",)}
    for letter in told:
        assert letter.subject == "Northside Dental: the next block of hours was bought"
        assert "10 h were bought by themselves for USD 1000.00, as the agreement from 1 June 2026 says" in letter.body
        assert "9 h are left" in letter.body
    invoice = Invoice.objects.get(closing__purchase__cause__isnull=False)
    assert Letter.objects.filter(key=f"invoice:{invoice.pk}").exists()


def test_an_invoice_that_is_late_stops_it_says_so_once_and_its_payment_lets_it_go_on(agreement: Agreement) -> None:
    client, late = agreement.client, AT + timedelta(days=20)  # the 3 h are due since 11 June, 19 days late
    record(client, 90, at=late)
    record(client, 15, at=late + timedelta(minutes=1))
    bring(client, late + timedelta(minutes=2))

    assert bought(client) == []
    assert [one.kind for one in Notice.objects.order_by("pk")] == ["not-bought-late", "low-hours"]
    assert "an invoice is later than it allows" in telling.body_of(
        Notice.objects.order_by("pk")[0], holdings_of(client, late.date()), Shop.objects.get(), is_for_shop=True
    )
    shown = [row.warnings for row in outlook(date(2026, 7, 1)).rows if row.client == client]
    assert ["the next block is not bought by itself" in one[0] for one in shown] == [True]

    pay(client, 300_00, at=late + timedelta(hours=1))
    record(client, 15, at=late + timedelta(hours=2))
    bring(client, late + timedelta(hours=2))

    assert bought(client) == [(late.date(), 10)]


def test_notice_stops_it_and_a_change_to_another_block_agreement_does_not(agreement: Agreement) -> None:
    client, later = agreement.client, AT + timedelta(days=1)
    changed = drafting.copy_of(agreement)
    changed.starts, changed.next_block_hours = date(2026, 6, 20), 5
    agreeing.change(agreement, changed, by=None, at=AT)
    record(client, 2 * 60, at=later)
    bring(client, later)
    assert bought(client) == [(later.date(), 10)]

    agreeing.end(changed, date(2026, 6, 30), by=None, at=datetime(2026, 6, 22, 12, tzinfo=UTC))
    pay(client, 1_300_00, at=datetime(2026, 6, 22, 13, tzinfo=UTC))
    record(client, 10 * 60, at=datetime(2026, 6, 23, 12, tzinfo=UTC))
    bring(client, datetime(2026, 6, 23, 13, tzinfo=UTC))

    assert len(bought(client)) == 1
    assert [one.kind for one in Notice.objects.order_by("pk")] == ["block-bought", "not-bought-ending", "low-hours"]


def test_its_own_price_comes_without_free_hours(northside: Client) -> None:
    agreed(northside, "block", date(2026, 6, 1), **TERMS, next_block_rate=90_00)
    record(northside, 60)

    bring(northside, AT)

    assert list(Block.objects.values_list("seconds", "price")) == [(10 * SECONDS_PER_HOUR, 900_00)]


def test_an_edit_says_when_the_next_block_would_be_bought(northside: Client) -> None:
    typed = Agreement(client=northside, plan="block", starts=date(2026, 6, 11), **TERMS)
    assert next_block_in_words(typed, AT.date()).startswith("0 h are held now: the next work buys 10 h by itself")

    buy_hours(northside, 5, at=AT)

    told = next_block_in_words(typed, AT.date())
    assert told == "5 h are held now: once more than 3 h of them are used, 10 h are bought, for 1000.00 with tax."
    typed.next_block_hours = None
    assert next_block_in_words(typed, AT.date()) == ""


def test_the_clients_page_says_what_is_bought_by_itself(agreement: Agreement, as_person: SignIn, bea: User) -> None:
    page = as_person(bea).get(f"/clients/{agreement.client_id}/money")

    assert "The next 10 h are bought by themselves once work would leave fewer than 2 h." in page.text
