"""Credit notes by line with their tax, and write-offs: what they take back, to the cent, and that the books follow."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.charges.accounts import load_account
from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client
from rounds.core.books import Chart
from rounds.core.crediting import Creditable, Parts, Taxed
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.crediting import creditable, parts_kept
from rounds.invoices.debts import credit_of
from rounds.invoices.issuing import pull
from rounds.invoices.models import CreditNote, Invoice, InvoiceLine
from rounds.invoices.noting import credit, credit_lines
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours
from rounds.invoices.statements import statement_of
from rounds.invoices.writing_off import take_up, write_off, written_off
from rounds.ledger import booking
from rounds.ledger.balancing import balances
from rounds.people.models import User
from tests.trade import taxed as taxes
from tests.trade import used, worked

MAY = datetime(2005, 5, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def taxed(northside: Client, theo: User) -> Invoice:
    """An hour of labour at 100.00, untaxed, and two parts of 30.00 and 20.00, with 10 % tax: 155.00."""
    taxes("10%", "part")
    worked(northside, date(2005, 4, 4), 60, by=theo)
    used(northside, date(2005, 4, 5), 30_00, by=theo)
    used(northside, date(2005, 4, 6), 20_00, by=theo, name="Cable")
    pull(MAY)
    return Invoice.objects.get()


def line(invoice: Invoice, text: str) -> InvoiceLine:
    return invoice.lines.get(text__contains=text)


def opened(invoice: Invoice) -> int:
    return Invoice.objects.with_open().get(pk=invoice.pk).open


def books(account: str, at: datetime) -> int:
    booking.pull(at)
    assert differences() == []
    return balances().get((account, "USD"), 0)


def test_crediting_a_line_takes_the_tax_on_it(taxed: Invoice) -> None:
    note = credit_lines(taxed, {line(taxed, "SSD").pk: 30_00}, at=MAY + DAY, why="Sent back")

    assert (note.amount, note.tax, note.untaxed) == (33_00, 3_00, 0)
    assert [(one.line.text, one.amount) for one in note.lines.select_related("line")] == [("SSD", 30_00)]
    assert opened(taxed) == 122_00
    assert books("liabilities:tax", MAY + 2 * DAY) == -2_00


def test_over_two_rates_a_line_takes_its_own_tax_and_an_amount_a_share_of_each(northside: Client, theo: User) -> None:
    taxes("20%", "labour", code="services")
    taxes("5%", "part", code="goods")
    worked(northside, date(2005, 4, 4), 60, by=theo)
    used(northside, date(2005, 4, 5), 60_00, by=theo)
    pull(MAY)
    invoice = Invoice.objects.get()

    by_line = credit_lines(invoice, {line(invoice, "SSD").pk: 20_00}, at=MAY + DAY, why="Dearer than agreed")
    by_amount = credit(invoice, 54_00, at=MAY + 2 * DAY, why="Goodwill")

    assert [(one.row.code, one.base, one.tax) for one in by_line.taxes.select_related("row")] == [
        ("goods", 20_00, 1_00)
    ]
    assert [(one.row.code, one.tax) for one in by_amount.taxes.select_related("row")] == [
        ("services", 6_67), ("goods", 67),
    ]  # fmt: skip
    assert books("liabilities:tax:services", MAY + 3 * DAY) == -(20_00 - 6_67)
    assert books("liabilities:tax:goods", MAY + 3 * DAY) == -(3_00 - 1_00 - 67)

    credit(invoice, opened(invoice), at=MAY + 4 * DAY, why="All of it")

    assert creditable(invoice).left.total == 0
    assert [books(f"liabilities:tax:{code}", MAY + 5 * DAY) for code in ("services", "goods")] == [0, 0]


def test_crediting_work_that_is_not_taxed_takes_no_tax(taxed: Invoice) -> None:
    labour = taxed.lines.get(kind="labour")

    note = credit_lines(taxed, {labour.pk: 40_00}, at=MAY + DAY, why="Took too long")

    assert (note.amount, note.tax, note.untaxed) == (40_00, 0, 40_00)
    assert books("liabilities:tax", MAY + 2 * DAY) == -5_00


def test_lines_then_the_rest_by_amount_leave_nothing(taxed: Invoice) -> None:
    credit_lines(taxed, {line(taxed, "SSD").pk: 7_77}, at=MAY + DAY, why="Dearer than agreed")
    credit(taxed, 20_00, at=MAY + 2 * DAY, why="Goodwill")

    credit(taxed, opened(taxed), at=MAY + 3 * DAY, why="All of it")

    assert creditable(taxed).left == Parts(0, (Taxed(),))
    assert sum(parts_kept(note).tax for note in taxed.credit_notes.all()) == 5_00
    assert books("liabilities:tax", MAY + 4 * DAY) == 0


def test_more_than_a_line_has_left_is_refused(taxed: Invoice) -> None:
    ssd = line(taxed, "SSD").pk
    credit_lines(taxed, {ssd: 20_00}, at=MAY + DAY, why="Dearer than agreed")

    with pytest.raises(Refused, match=r"“SSD” has 10\.00 left to credit"):
        credit_lines(taxed, {ssd: 10_01}, at=MAY + DAY, why="again")
    with pytest.raises(Refused, match="at least one line"):
        credit_lines(taxed, {}, at=MAY + DAY, why="nothing")
    with pytest.raises(Refused, match="say why"):
        credit_lines(taxed, {ssd: 1}, at=MAY + DAY, why=" ")

    assert CreditNote.objects.count() == 1


def test_crediting_a_paid_line_is_the_clients_credit(northside: Client, taxed: Invoice) -> None:
    pay(northside, 155_00, at=MAY + DAY)

    credit_lines(taxed, {line(taxed, "Cable").pk: 20_00}, at=MAY + 2 * DAY, why="Sent back")

    assert credit_of(northside) == 22_00
    assert books("liabilities:tax", MAY + 3 * DAY) == -3_00


def test_an_invoice_that_asks_for_retainer_money_is_credited_by_amount(northside: Client) -> None:
    sign(Agreement(client=northside, plan="retainer", starts=date(2005, 4, 5), low_at_amount=1, top_up_to=500_00),
         by=None, at=datetime(2005, 4, 5, 15, tzinfo=UTC))  # fmt: skip
    pull(MAY)
    invoice = Invoice.objects.get()

    with pytest.raises(Refused, match="by an amount"):
        credit_lines(invoice, {invoice.lines.get().pk: 1_00}, at=MAY + DAY, why="a mistake")


def test_a_write_off_is_bad_debt_and_no_credit_of_the_client(northside: Client, taxed: Invoice) -> None:
    pay(northside, 100_00, at=MAY + DAY)

    write_off(taxed, 55_00, at=MAY + 90 * DAY, why="Out of business")

    assert opened(taxed) == 0
    assert credit_of(northside) == 0
    assert statement_of(northside)[-1].owed == 0
    assert books("expenses:bad-debt", MAY + 91 * DAY) == 55_00
    assert books(Chart(str(northside.pk)).receivable, MAY + 91 * DAY) == 0


def test_what_was_written_off_can_be_paid_after_all(northside: Client, taxed: Invoice) -> None:
    write_off(taxed, 155_00, at=MAY + 90 * DAY, why="Out of business")

    take_up(taxed, at=MAY + 95 * DAY, why="The receiver pays")
    pay(northside, 155_00, at=MAY + 96 * DAY)

    assert (opened(taxed), written_off(taxed), credit_of(northside)) == (0, 0, 0)
    assert books("expenses:bad-debt", MAY + 97 * DAY) == 0
    with pytest.raises(Refused, match="nothing of invoice"):
        take_up(taxed, at=MAY + 98 * DAY, why="again")


@pytest.mark.parametrize("amount", [0, -1, 155_01])
def test_nothing_or_more_than_is_open_is_not_written_off(taxed: Invoice, amount: int) -> None:
    with pytest.raises(Refused, match=r"155\.00 is open"):
        write_off(taxed, amount, at=MAY + DAY, why="a mistake")


def test_writing_off_what_was_asked_for_the_retainer_is_no_loss(northside: Client) -> None:
    sign(Agreement(client=northside, plan="retainer", starts=date(2005, 4, 5), low_at_amount=1, top_up_to=500_00),
         by=None, at=datetime(2005, 4, 5, 15, tzinfo=UTC))  # fmt: skip
    pull(MAY)
    pay(northside, 200_00, at=MAY + DAY)

    write_off(Invoice.objects.get(), 300_00, at=MAY + 60 * DAY, why="He pays no more")

    account = load_account(northside)
    assert (account.retainer, account.asked) == (200_00, 0)
    assert books("expenses:bad-debt", MAY + 61 * DAY) == 0


def test_a_bought_block_can_be_credited_by_its_line(northside: Client) -> None:
    invoice = buy_hours(northside, 2, at=MAY)
    assert invoice is not None

    note = credit_lines(invoice, {invoice.lines.get().pk: 200_00}, at=MAY + DAY, why="Typed wrong")

    assert (note.amount, opened(invoice)) == (200_00, 0)


cents = st.integers(0, 10_000_00)
rows = st.builds(lambda base, tax: Taxed(base, min(base, tax)), st.integers(1, 10_000_00), cents)


@given(rows=st.lists(rows, max_size=4), untaxed=cents, pieces=st.lists(cents, max_size=8), data=st.data())
def test_crediting_piece_by_piece_and_then_all_leaves_nothing_and_never_more(
    rows: list[Taxed], untaxed: int, pieces: list[int], data: st.DataObject
) -> None:
    left = Creditable.of(Parts(untaxed, tuple(rows)))
    for piece in pieces:
        is_by_lines = data.draw(st.booleans())
        if is_by_lines:
            bases = [min(piece // number, row.base) for number, row in enumerate(left.left.rows, start=1)]
            taken = left.by_lines(min(piece // 2, left.left.untaxed), bases)
        else:
            taken = left.by_amount(min(piece, left.left.total))
            assert taken.total == min(piece, left.left.total)
        left = left.after(taken, is_by_lines=is_by_lines)
        assert min([left.left.untaxed, *(min(row.base, row.tax) for row in left.left.rows)]) >= 0

    rest = left.after(left.by_amount(left.left.total), is_by_lines=False)

    assert rest.left == Parts(0, tuple(Taxed() for _row in rows))


@given(rows=st.lists(rows, min_size=1, max_size=4), untaxed=cents, pieces=st.lists(st.integers(1, 500_00), max_size=8))
def test_each_tax_is_credited_in_proportion_to_a_cent_however_many_credits_there_are(
    rows: list[Taxed], untaxed: int, pieces: list[int]
) -> None:
    whole = Parts(untaxed, tuple(rows))
    left = Creditable.of(whole)
    for piece in pieces:
        left = left.after(left.by_amount(min(piece, left.left.total)), is_by_lines=False)
        gone = whole.total - left.left.total
        for row, now in zip(rows, left.left.rows, strict=True):
            assert abs((row.tax - now.tax) - Fraction(row.tax * gone, whole.total)) <= 1


def test_what_is_credited_beyond_an_invoice_has_no_tax() -> None:
    left = Creditable.of(Parts(0, (Taxed(100_00, 20_00),)))

    taken = left.by_amount(150_00)

    assert taken == Parts(30_00, (Taxed(100_00, 20_00),))
