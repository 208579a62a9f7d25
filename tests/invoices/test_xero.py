"""Invoices and credit notes of some days go to Xero by its sales invoice template, and add up to what they say."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.test import Client as Browser

from rounds.clients.models import Client
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice
from rounds.invoices.noting import credit
from rounds.invoices.selling import deposit
from rounds.invoices.xero import HEADER, credit_rows, invoice_rows
from rounds.people.models import User
from tests.invoices.test_opening import INVOICES, bring_text
from tests.trade import moment, taxed, used, worked

type AsPerson = Callable[[User], Browser]
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 31)


def _made(client: Client, theo: User) -> Invoice:
    """March: an hour and two parts of 33.33, all but the hour taxed with 10 %, 50.00 of it from the retainer."""
    taxed("10%", "part")
    deposit(client, 50_00, at=moment(2026, 3, 2))
    worked(client, date(2026, 3, 12), 60, by=theo, note="Profile rebuilt")
    for _ in range(2):
        used(client, date(2026, 3, 13), 33_33, by=theo, name="=SUM, a cable")
    bring(client, moment(2026, 4, 1))
    return Invoice.objects.get(closing__reason="month")


def _asked(told: list[dict[str, object]]) -> int:
    """Cents that the rows add up to, tax included."""
    return sum(int(Decimal(str(row[name])) * 100) for row in told for name in ("*UnitAmount", "TaxAmount"))


def test_the_lines_and_their_tax_add_up_to_what_the_invoice_asks_for(northside: Client, theo: User) -> None:
    invoice = _made(northside, theo)

    header, *rows = invoice_rows(date(2026, 4, 1), MAY)

    assert header == HEADER
    assert {len(row) for row in rows} == {29}
    told = [dict(zip(HEADER, row, strict=True)) for row in rows]
    assert [(row["*AccountCode"], row["*TaxType"]) for row in told] == [
        ("204", "Tax Exempt"), ("205", "Tax on Sales"), ("205", "Tax on Sales"), ("801", "Tax Exempt"),
    ]  # fmt: skip
    # 66.66 × 10 % = 6.67: half of it, 3.34, on the first part, the rest on the second
    assert [str(row["TaxAmount"]) for row in told] == ["0.00", "3.34", "3.33", "0.00"]
    asked = _asked(told)
    assert asked == Invoice.objects.with_open().get(pk=invoice.pk).open == 100_00 + 66_66 + 6_67 - 50_00
    assert {row["*InvoiceNumber"] for row in told} == {"2026-0002"}
    assert (told[0]["*InvoiceDate"], told[0]["*DueDate"], told[0]["Currency"]) == ("01/04/2026", "11/04/2026", "USD")


def test_a_credit_note_is_negative_and_names_its_invoice(northside: Client, theo: User) -> None:
    note = credit(_made(northside, theo), 50_00, at=moment(2026, 5, 4), why="a mistake")

    _header, *rows = credit_rows(MARCH, MAY)

    told = [dict(zip(HEADER, row, strict=True)) for row in rows]
    assert {(row["*InvoiceNumber"], row["Reference"]) for row in told} == {(note.full_number, "2026-0002")}
    asked = _asked(told)
    assert asked == -50_00
    assert [*credit_rows(MARCH, date(2026, 5, 3))] == [HEADER]


def test_invoices_of_the_old_books_and_of_other_days_are_left_out(northside: Client, theo: User) -> None:
    _made(northside, theo)
    bring_text("invoices", INVOICES)

    assert [*invoice_rows(date(2026, 10, 1), date(2026, 10, 31))] == [HEADER]


def test_the_page_gives_both_files_and_no_formula(
    northside: Client, theo: User, bea: User, as_person: AsPerson
) -> None:
    _made(northside, theo)
    browser, days = as_person(bea), "?from=2026-03-01&to=2026-05-31"

    assert "sales-invoices.csv" in browser.get(f"/money/xero{days}").content.decode()
    text = browser.get(f"/money/xero/sales-invoices.csv{days}").getvalue().decode()
    rows = list(csv.reader(io.StringIO(text)))

    assert tuple(rows[0]) == HEADER
    assert not [cell for row in rows[1:] for cell in row if cell.startswith("=")]
    assert browser.get("/money/xero/bills.csv").status_code == 404


def test_a_stranger_gets_no_invoices_for_xero(theo: User, nora: User, as_person: AsPerson) -> None:
    for stranger in (theo, nora):
        for place in ("/money/xero", "/money/xero/sales-invoices.csv", "/money/xero/credit-notes.csv"):
            assert as_person(stranger).get(place).status_code == 404
