"""Interest on late invoices in the stored shop: charged once, shown where it is asked for, none where none is due."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges import rating
from rounds.charges.models import Closing
from rounds.clients.agreeing import sign
from rounds.clients.keeping import leave
from rounds.clients.models import Agreement, Client, ShopTerms
from rounds.invoices.importing import link
from rounds.invoices.issuing import bring
from rounds.invoices.models import BankFile, BankLine, Interest, Invoice
from rounds.invoices.noting import credit_lines
from rounds.invoices.paying import Came, pay
from rounds.invoices.printing import data_of
from rounds.invoices.reminding import pause, resume
from rounds.invoices.selling import buy_hours
from rounds.invoices.writing_off import take_up, write_off
from rounds.people.models import User
from tests.trade import moment

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def late(northside: Client) -> Invoice:
    """200.00 of 1 March, due the 11th; 12 % a year."""
    ShopTerms.objects.create(since=date(2005, 1, 2), interest_rate="12% a year")
    made = buy_hours(northside, 2, at=moment(2005, 3, 1, 9))
    assert made is not None
    return made


def test_a_first_charges_it_once_and_leads_it_to_its_invoice(northside: Client, late: Invoice) -> None:
    bring(northside, moment(2005, 4, 1, 9))
    bring(northside, moment(2005, 4, 1, 9))

    row = Interest.objects.get()
    line = Invoice.objects.latest("pk").lines.get()
    assert (row.invoice, row.first_day, row.last_day, row.amount) == (late, date(2005, 3, 12), date(2005, 3, 31), 132)
    assert (line.charge_id, line.kind, line.amount) == (row.charge_id, "interest", 132)
    assert line.text == f"Interest on late invoice {late}"
    assert (line.first_day, line.last_day) == (row.first_day, row.last_day)
    said: dict[str, Any] = data_of(line.invoice)
    assert said["lines"][0]["note"] == "200.00 open for 20 days from 2005-03-12 at 12 % a year"


def test_an_invoice_that_somebody_else_is_about_to_issue_is_not_overlooked(
    northside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ShopTerms.objects.create(since=date(2005, 1, 2), interest_rate="12% a year")
    sign(Agreement(client=northside, plan="retainer", starts=date(2005, 3, 1), monitoring="100.00"), by=None,
         at=moment(2005, 2, 20, 9))  # fmt: skip
    load = rating.load

    def load_after_another(*asked: Any) -> list[rating.Waiting]:
        monkeypatch.setattr(rating, "load", load)
        next(rating.play(northside, moment(2005, 3, 1, 9)))  # closed, and not issued yet
        return load(*asked)

    monkeypatch.setattr(rating, "load", load_after_another)
    bring(northside, moment(2005, 4, 1, 9))

    assert _charged() == [(date(2005, 3, 12), date(2005, 3, 31), 66)]


def test_days_on_which_reminders_are_paused_bear_none(northside: Client, late: Invoice) -> None:
    pause(at=moment(2005, 3, 1, 10), invoice=late, by=None)

    bring(northside, moment(2005, 5, 1, 9))

    assert not Interest.objects.exists()


def test_money_that_the_bank_had_earlier_gives_it_back(northside: Client, late: Invoice) -> None:
    bring(northside, moment(2005, 4, 1, 9))

    pay(northside, 200_00, at=moment(2005, 4, 5, 9), invoice=late, came=Came(on=date(2005, 3, 10)))
    bring(northside, moment(2005, 5, 1, 9))

    assert sum(Interest.objects.values_list("amount", flat=True)) == 0


def _charged() -> list[tuple[date, date, int]]:
    return [(row.first_day, row.last_day, row.amount) for row in Interest.objects.order_by("pk")]


def test_what_is_written_off_bears_none_from_its_day_on_and_again_once_it_is_expected(
    northside: Client, late: Invoice
) -> None:
    write_off(late, 100_00, at=moment(2005, 3, 22, 9), why="half is lost")
    bring(northside, moment(2005, 4, 1, 9))
    take_up(late, at=moment(2005, 4, 16, 9), why="he pays after all")
    bring(northside, moment(2005, 5, 1, 9))
    bring(northside, moment(2005, 5, 1, 9))

    # 200.00 for the ten days from 12 March, 100.00 for ten; in April 15 days at 100.00, 15 at 200.00, rounded together.
    assert _charged() == [
        (date(2005, 3, 12), date(2005, 3, 31), 99),
        (date(2005, 4, 1), date(2005, 4, 30), 148),
    ]


def test_a_payment_that_is_linked_to_its_line_of_the_bank_counts_from_the_banks_day(
    northside: Client, late: Invoice
) -> None:
    payment = pay(northside, 200_00, at=moment(2005, 4, 4, 9), invoice=late)
    bring(northside, moment(2005, 5, 1, 9))
    assert sum(amount for *_days, amount in _charged()) == 151  # 23 days

    read_at = moment(2005, 5, 2, 9)
    file = BankFile.objects.create(name="march.xml", fingerprint="0" * 64, account="DE89", read_at=read_at)
    line = BankLine.objects.create(file=file, account="DE89", key="1", on=date(2005, 3, 16), amount=200_00)
    link(line, payment, at=moment(2005, 5, 2, 9))
    bring(northside, moment(2005, 6, 1, 9))

    assert sum(amount for *_days, amount in _charged()) == 26  # 12 to 15 March


def test_a_pause_of_the_client_is_a_pause_of_the_interest_of_all_his_invoices(
    northside: Client, elm: Client, late: Invoice
) -> None:
    other = buy_hours(elm, 2, at=moment(2005, 3, 1, 9))
    pause(at=moment(2005, 3, 21, 9), client=northside, by=None)
    resume(at=moment(2005, 4, 10, 9), client=northside)

    for client in (northside, elm):
        bring(client, moment(2005, 5, 1, 9))

    # 12 to 20 March, then 10 to 30 April: 30 days of 50.
    assert sum(row.amount for row in Interest.objects.filter(invoice=late)) == 197
    assert sum(row.amount for row in Interest.objects.filter(invoice=other)) == 329


def test_a_client_who_has_left_is_charged_none_from_his_last_day_on(northside: Client, late: Invoice) -> None:
    leave(northside, at=moment(2005, 3, 22, 9))

    bring(northside, moment(2005, 5, 1, 9))

    assert sum(amount for *_days, amount in _charged()) == 66  # 12 to 21 March


def test_interest_that_was_credited_is_not_given_back_a_second_time(northside: Client, late: Invoice) -> None:
    bring(northside, moment(2005, 4, 1, 9))
    line = Invoice.objects.latest("pk").lines.get()
    credit_lines(line.invoice, {line.pk: 100}, at=moment(2005, 4, 2, 9), why="a favour")

    pay(northside, 200_00, at=moment(2005, 4, 5, 9), invoice=late, came=Came(on=date(2005, 3, 10)))
    bring(northside, moment(2005, 5, 1, 9))

    assert [amount for *_days, amount in _charged()] == [132, -32]


@pytest.mark.parametrize("table", ["charges_closing", "invoices_invoice", "invoices_invoiceline"])
def test_a_first_that_is_interrupted_charges_and_bills_nothing_and_once_when_it_comes_again(
    northside: Client, late: Invoice, table: str
) -> None:
    with pytest.raises(OSError, match="pulled out"), pulled_out_before(table):
        bring(northside, moment(2005, 4, 1, 9))
    assert (Interest.objects.count(), Closing.objects.count(), Invoice.objects.count()) == (0, 1, 1)

    bring(northside, moment(2005, 4, 1, 9))

    assert Interest.objects.count() == 1
    assert [row.total for row in Invoice.objects.order_by("pk")] == [200_00, 132]


@contextmanager
def pulled_out_before(table: str) -> Iterator[None]:
    """The plug is pulled as the first row of a table is written."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's order
        if sql.startswith("INSERT") and f'"{table}"' in sql:
            raise OSError("pulled out")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_pages_show_it_to_the_office_and_to_the_client_and_to_no_stranger(
    northside: Client, bea: User, nora: User, stranger: User, as_person: AsPerson
) -> None:
    ShopTerms.objects.create(since=date(2005, 1, 2), interest_rate="12% a year")
    late = buy_hours(northside, 2, at=timezone.now() - timedelta(days=75))
    assert late is not None
    bring(northside, timezone.now())
    bill, ours = Invoice.objects.latest("pk"), f"/portal/invoices/{late.full_number}"

    office = as_person(bea)
    assert f"Interest on late invoice {late}" in office.get(f"/invoices/{bill.full_number}").text
    assert 'id="interest"' in office.get(f"/invoices/{late.full_number}").text
    assert "Interest on late invoices" in office.get(f"/clients/{northside.pk}/money").text
    assert "Interest, as it is late" in as_person(nora).get(ours).text
    for page in (ours, f"/invoices/{late.full_number}", f"/clients/{northside.pk}/money"):
        assert as_person(stranger).get(page).status_code == 404, page
