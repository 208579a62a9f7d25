"""Invoices: issued once for a closing, with numbers without a gap and copies of everything printed on them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rounds.charges import rating
from rounds.charges.accounts import load_account
from rounds.charges.models import Closing
from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client, ShopTerms
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.issuing import bring, due_clients, pull
from rounds.invoices.models import Invoice
from rounds.invoices.selling import buy_hours, deposit
from rounds.ledger import booking
from rounds.people.models import Shop, User
from rounds.work.models import Order, Stint
from tests import trade
from tests.trade import agreed, moment, taxed

APRIL = datetime(2005, 4, 4, 15, tzinfo=UTC)
MAY = datetime(2005, 5, 1, 15, tzinfo=UTC)


@pytest.fixture
def worked(northside: Client, elm: Client) -> tuple[Client, Client]:
    for client in (northside, elm):
        order = Order.objects.create(client=client, title="New printer", opened_at=APRIL)
        Stint.objects.create(order=order, started_at=APRIL, minutes=60, recorded_at=APRIL, place="onsite")
    return northside, elm


def test_the_first_of_the_month_issues_one_invoice_for_each_client_and_a_second_run_none(
    worked: tuple[Client, Client],
) -> None:
    assert pull(MAY) == 2
    assert pull(MAY) == 0
    assert pull(MAY + timedelta(hours=1)) == 0

    assert [str(invoice) for invoice in Invoice.objects.order_by("pk")] == ["2005-0001", "2005-0002"]
    assert {invoice.issued_on for invoice in Invoice.objects.all()} == {date(2005, 5, 1)}


def test_nobody_is_due_when_all_was_played(worked: tuple[Client, Client]) -> None:
    assert due_clients(MAY).count() == 2

    pull(MAY)

    assert not due_clients(MAY).exists()
    assert due_clients(MAY + timedelta(days=1)).count() == 2


def test_a_line_says_what_was_done(worked: tuple[Client, Client]) -> None:
    pull(MAY)

    line = Invoice.objects.get(client=worked[0]).lines.get()
    assert line.text == "Support, on site: New printer"
    assert (line.seconds, line.rate, line.done_on) == (3600, 100_00, date(2005, 4, 4))


def test_an_issued_invoice_keeps_the_names_and_rates_of_its_day(worked: tuple[Client, Client], shop: Shop) -> None:
    pull(MAY)

    Client.objects.filter(pk=worked[0].pk).update(name="Northside Dental Group", billing_address="Elsewhere")
    Shop.objects.update(name="Another name")
    ShopTerms.objects.create(since=date(2005, 4, 1), hourly_rate=200_00)
    taxed("10%", "labour", since=date(2005, 4, 1))
    pull(MAY + timedelta(days=1))

    invoice = Invoice.objects.get(client=worked[0])
    assert (invoice.client_name, invoice.shop_name) == ("Northside Dental", "Mill Street Computing")
    assert (invoice.total, invoice.taxes) == (100_00, [])


def test_a_closing_without_an_invoice_is_issued_by_the_next_run(worked: tuple[Client, Client]) -> None:
    rating.bring(worked[0], MAY)  # as if the process had been killed between closing and invoice
    assert not Invoice.objects.exists()

    assert pull(MAY) == 2


def test_hours_bought_are_invoiced_on_their_day_and_can_be_used_at_once(northside: Client) -> None:
    ShopTerms.objects.create(since=date(2005, 2, 1), bonus_hours=[[10, 1]])

    invoice = buy_hours(northside, 10, at=APRIL)

    assert invoice is not None
    assert (invoice.total, invoice.issued_on, invoice.due_on) == (1_000_00, date(2005, 4, 4), date(2005, 4, 14))
    assert invoice.lines.get().text == "Block of 10 hours, and 1 free"
    assert load_account(northside).block_seconds == 11 * 3600


def test_a_deposit_is_invoiced_and_paid_at_once(northside: Client) -> None:
    invoice = deposit(northside, 500_00, at=APRIL)

    assert invoice is not None
    assert Invoice.objects.with_open().get().open == 0
    assert load_account(northside).retainer == 500_00


@pytest.mark.parametrize("hours", [0, -1])
def test_hours_must_be_bought_in_whole_positive_numbers(northside: Client, hours: int) -> None:
    with pytest.raises(Refused, match="at least one hour"):
        buy_hours(northside, hours, at=APRIL)


def test_a_retainer_pays_for_the_month_and_is_topped_up_when_the_invoice_that_asks_is_paid(northside: Client) -> None:
    terms = Agreement(
        client=northside, plan="retainer", starts=date(2005, 4, 4), low_at_amount=300_00, top_up_to=500_00
    )
    sign(terms, by=None, at=APRIL - timedelta(days=2))
    deposit(northside, 310_00, at=APRIL)
    order = Order.objects.create(client=northside, title="New printer", opened_at=APRIL)
    Stint.objects.create(order=order, started_at=APRIL, minutes=60, recorded_at=APRIL)

    pull(MAY)
    booking.pull(MAY)

    invoice = Invoice.objects.with_open().get(issued_on=date(2005, 5, 1))
    assert (invoice.from_retainer, invoice.asked, invoice.open) == (100_00, 290_00, 290_00)
    assert load_account(northside).retainer == 210_00
    assert differences() == []


def test_a_shop_that_moves_to_another_clock_bills_no_day_twice_and_leaves_none_out(
    northside: Client, theo: User
) -> None:
    agreed(northside, "service-agreement", date(2026, 3, 1), included_seconds=3600)
    trade.worked(northside, date(2026, 3, 31), 120, by=theo)
    bring(northside, moment(2026, 4, 1, 6))  # two in the morning in New York

    Shop.objects.update(time_zone="Pacific/Honolulu")  # where it is the evening of 31 March
    bring(northside, moment(2026, 4, 1, 7))
    trade.worked(northside, date(2026, 3, 31), 60, by=theo)
    bring(northside, moment(2026, 4, 2, 20))
    Shop.objects.update(time_zone="Pacific/Auckland")
    bring(northside, moment(2026, 4, 30, 14))  # two in the morning of 1 May there
    bring(northside, moment(2026, 5, 1, 20))

    closings = Closing.objects.filter(client=northside).order_by("on")
    assert [str(one.on) for one in closings] == ["2026-03-01", "2026-04-01", "2026-05-01"]
    lines = [(line.kind, line.seconds) for one in closings for line in one.lines.all() if line.kind == "overage"]
    assert lines == [("overage", 3600), ("overage", 3600)]
