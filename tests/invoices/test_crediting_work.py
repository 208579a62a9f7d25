"""Credit notes on work give back the hours that it drew; voids and write-offs beside them give nothing back twice."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client as Browser

from rounds.charges.accounts import load_account
from rounds.charges.models import Forgone, Rated, Returned
from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.debts import credit_of
from rounds.invoices.foreseeing import foresee_credit
from rounds.invoices.hours_back import hours_with
from rounds.invoices.issuing import bring, pull
from rounds.invoices.models import CreditNote, Invoice
from rounds.invoices.noting import credit, credit_lines, decide, decide_lines, standing_of
from rounds.invoices.papers import credit_note_pdf
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours, deposit
from rounds.invoices.writing_off import take_up, write_off, written_off
from rounds.ledger import booking
from rounds.people.models import User
from rounds.work.models import Stint
from rounds.work.voiding import void
from tests.trade import used, worked

APRIL = datetime(2005, 4, 1, 15, tzinfo=UTC)
MAY = datetime(2005, 5, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = 3600

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def stint(northside: Client, theo: User) -> Stint:
    """Three hours, two of them off a block of 2 h, one at 100.00 on an invoice of 1 May; all is paid."""
    buy_hours(northside, 2, at=APRIL)
    pay(northside, 200_00, at=APRIL)
    made = worked(northside, date(2005, 4, 4), 180, by=theo)
    pull(MAY)
    pay(northside, 100_00, at=MAY)
    return made


@pytest.fixture
def invoice(stint: Stint) -> Invoice:
    """The one of 1 May."""
    return Invoice.objects.get(closing__reason="month")


def held(client: Client) -> int:
    return load_account(client).block_seconds


def right(client: Client, at: datetime) -> bool:
    bring(client, at)
    booking.pull(at + DAY)
    return differences() == []


def test_a_line_gives_its_money_back_first_and_its_hours_with_the_last_of_it(
    northside: Client, invoice: Invoice
) -> None:
    line = invoice.lines.get()

    part = credit_lines(invoice, {line.pk: 40_00}, at=MAY + DAY, why="an hour was 24 minutes too long")
    assert (held(northside), hours_with(part)) == (0, [])

    rest = credit_lines(invoice, {line.pk: 60_00}, at=MAY + 2 * DAY, why="it was not theirs")
    assert held(northside) == 2 * HOUR
    assert hours_with(rest) == [("back to the block of 1 April 2005", "2 h")]
    assert Returned.objects.get().trace == ["2 h given back"]
    assert credit_of(northside) == 100_00
    assert right(northside, MAY + 3 * DAY)


def test_what_is_foreseen_is_what_then_happens_and_nothing_is_written_before(
    northside: Client, invoice: Invoice
) -> None:
    deed = decide_lines(invoice, {invoice.lines.get().pk: 100_00})

    words = list(foresee_credit(invoice, deed, date(2005, 5, 2)).words())

    assert "2 h that this work drew go back to the block of 1 April 2005." in words
    assert (held(northside), Forgone.objects.count(), CreditNote.objects.count()) == (0, 0, 0)
    stay = decide_lines(invoice, {invoice.lines.get().pk: 100_00}, do_hours_stay=True)
    assert not any("go back" in one for one in foresee_credit(invoice, stay, date(2005, 5, 2)).words())


def test_hours_stay_used_where_only_the_money_is_forgiven(northside: Client, invoice: Invoice) -> None:
    credit(invoice, None, at=MAY + DAY, why="goodwill", do_hours_stay=True)

    assert (held(northside), credit_of(northside)) == (0, 100_00)
    assert right(northside, MAY + 2 * DAY)


def test_an_amount_leaves_hours_as_they_are_and_the_rest_gives_them_back(northside: Client, invoice: Invoice) -> None:
    credit(invoice, 99_99, at=MAY + DAY, why="goodwill")
    assert held(northside) == 0

    credit(invoice, 1, at=MAY + 2 * DAY, why="all of it")
    assert held(northside) == 2 * HOUR
    assert right(northside, MAY + 3 * DAY)


def test_a_void_after_a_credit_note_gives_nothing_back_twice(
    northside: Client, stint: Stint, invoice: Invoice, bea: User
) -> None:
    credit_lines(invoice, {invoice.lines.get().pk: 100_00}, at=MAY + DAY, why="it was not theirs")

    void(stint, why="entered for the wrong client", by=bea, at=MAY + 2 * DAY)
    bring(northside, MAY + 3 * DAY)

    account = load_account(northside)
    assert (account.block_seconds, account.unbilled_amount(), credit_of(northside)) == (2 * HOUR, 0, 100_00)
    assert right(northside, MAY + 3 * DAY)


def test_a_void_after_an_amount_was_credited_charges_back_the_rest_of_the_stint(
    northside: Client, theo: User, bea: User
) -> None:
    wrong = worked(northside, date(2005, 4, 4), 60, by=theo)
    used(northside, date(2005, 4, 5), 300_00, by=theo)
    pull(MAY)
    invoice = Invoice.objects.get()
    credit(invoice, 100_00, at=MAY + DAY, why="goodwill")  # 25.00 of 100.00, 75.00 of 300.00

    void(wrong, why="entered for the wrong client", by=bea, at=MAY + 2 * DAY)
    bring(northside, MAY + 3 * DAY)

    assert load_account(northside).unbilled_amount() == -75_00
    assert right(northside, MAY + 3 * DAY)


def test_what_was_charged_back_on_an_invoice_is_not_credited_as_well(
    northside: Client, stint: Stint, invoice: Invoice, theo: User, bea: User
) -> None:
    void(stint, why="entered for the wrong client", by=bea, at=MAY + DAY)
    used(northside, date(2005, 5, 9), 150_00, by=theo)
    pull(MAY + 31 * DAY)

    assert standing_of(invoice).most == 0
    assert [left for _line, left in standing_of(invoice).named] == [0]
    with pytest.raises(Refused, match=r"0\.00 of the invoice is left to credit"):
        credit(invoice, 1, at=MAY + 32 * DAY, why="again")
    with pytest.raises(Refused, match=r"has 0\.00 left to credit"):
        credit_lines(invoice, {invoice.lines.get().pk: 1}, at=MAY + 32 * DAY, why="again")


def test_what_waits_to_be_charged_back_may_be_credited_instead(
    northside: Client, stint: Stint, invoice: Invoice, bea: User
) -> None:
    void(stint, why="entered for the wrong client", by=bea, at=MAY + DAY)
    bring(northside, MAY + DAY)
    words = foresee_credit(invoice, decide(invoice, None), date(2005, 5, 3)).words()
    assert "100.00 was to be charged back on the next invoice: it is credited instead." in list(words)

    credit(invoice, None, at=MAY + 2 * DAY, why="no more invoices")
    pull(MAY + 31 * DAY)

    assert (credit_of(northside), load_account(northside).unbilled_amount()) == (100_00, 0)
    assert Invoice.objects.count() == 2  # what comes to nothing is not billed
    assert right(northside, MAY + 31 * DAY)


def test_a_void_after_its_block_was_credited_gives_no_hours_that_were_paid_back(
    northside: Client, stint: Stint, bea: User
) -> None:
    sold = Invoice.objects.get(closing__reason="purchase")
    credit(sold, None, at=MAY + DAY, why="goodwill")

    void(stint, why="entered for the wrong client", by=bea, at=MAY + 2 * DAY)
    bring(northside, MAY + 3 * DAY)

    assert (held(northside), credit_of(northside)) == (0, 200_00)
    assert "2 h of them had been credited with their block: they are gone" in Rated.objects.get().voided.trace
    assert right(northside, MAY + 3 * DAY)


def test_a_credit_of_what_was_written_off_is_no_credit_of_the_clients(northside: Client, theo: User) -> None:
    worked(northside, date(2005, 4, 4), 180, by=theo)
    pull(MAY)
    invoice = Invoice.objects.get()
    pay(northside, 100_00, at=MAY)
    write_off(invoice, None, at=MAY + DAY, why="gone")

    words = foresee_credit(invoice, decide(invoice, 150_00), date(2005, 5, 3)).words()
    assert "150.00 had been written off: no loss any more, and not his credit." in list(words)
    credit(invoice, 150_00, at=MAY + 2 * DAY, why="half a day was typed twice")

    assert (credit_of(northside), written_off(invoice)) == (0, 50_00)
    assert right(northside, MAY + 3 * DAY)
    credit(invoice, None, at=MAY + 4 * DAY, why="all of it")
    assert (credit_of(northside), written_off(invoice)) == (100_00, 0)
    assert right(northside, MAY + 5 * DAY)


def test_a_void_charges_back_nothing_that_was_written_off_unless_it_is_expected_again(
    northside: Client, theo: User, bea: User
) -> None:
    stints = [worked(northside, date(2005, 4, 4 + number), 60, by=theo) for number in range(2)]
    pull(MAY)
    invoice = Invoice.objects.get()
    write_off(invoice, None, at=MAY + DAY, why="gone")
    void(stints[0], why="entered for the wrong client", by=bea, at=MAY + 2 * DAY)
    bring(northside, MAY + 2 * DAY)
    assert load_account(northside).unbilled_amount() == 0

    take_up(invoice, at=MAY + 3 * DAY, why="he pays after all")
    void(stints[1], why="entered for the wrong client", by=bea, at=MAY + 4 * DAY)
    bring(northside, MAY + 4 * DAY)

    assert load_account(northside).unbilled_amount() == -100_00
    assert right(northside, MAY + 5 * DAY)


def test_a_deposit_is_credited_by_the_verb_only_as_far_as_it_is_held(northside: Client, theo: User) -> None:
    deposit(northside, 500_00, at=APRIL)
    worked(northside, date(2005, 4, 4), 120, by=theo)
    pull(MAY)
    paid_in = Invoice.objects.get(closing__reason="deposit")

    with pytest.raises(Refused, match=r"300\.00 of the invoice is left to credit"):
        credit(paid_in, 300_01, at=MAY + DAY, why="a mistake")

    credit(paid_in, None, at=MAY + DAY, why="he moves away")
    assert (load_account(northside).retainer, credit_of(northside)) == (0, 300_00)


def test_the_page_asks_with_the_hours_and_the_note_tells_of_them(
    northside: Client, stint: Stint, invoice: Invoice, bea: User, stranger: User, as_person: AsPerson
) -> None:
    browser, page = as_person(bea), f"/invoices/{invoice}/credit-notes/lines"
    told = {"seen": "0", f"line_{invoice.lines.get().pk}": "100.00", "why": "it was not theirs"}
    assert "2 h of it were paid by hours held" in browser.get(page).text
    assert "2 h that this work drew go back" in browser.post(page, told).text
    stays = browser.post(page, told | {"stay": "on"}).text
    assert ("go back to" in stays, 'name="stay" value="on"' in stays) == (False, True)

    assert browser.post(page, told | {"is_certain": "on"}).status_code == 302

    assert "2 h back to the block of 1 April 2005" in browser.get(f"/invoices/{invoice}").text
    why = browser.get(f"/charges/{Rated.objects.get().pk}").text
    assert "100.00 taken back by a credit note" in why
    assert "2 h given back" in why
    assert credit_note_pdf(CreditNote.objects.get()).startswith(b"%PDF")
    assert as_person(stranger).get(page).status_code == 404
