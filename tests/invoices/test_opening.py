"""A shop starts in the middle of its life: files of the old books are checked, brought over once, and undone whole."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from rounds.charges.accounts import load_account
from rounds.charges.standing import holdings_of
from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client, Contact, ShopTerms
from rounds.core.money import Refused
from rounds.invoices import bringing, noting, opening, paying, selling
from rounds.invoices.auditing import prove
from rounds.invoices.importing import books_for
from rounds.invoices.issuing import bring
from rounds.invoices.mailing import pull as mail_pull
from rounds.invoices.models import BankLine, Invoice, Opening, OpeningDraft, Payment, Series
from rounds.invoices.opening_columns import COLUMNS
from rounds.invoices.reminding import pull as remind_pull
from rounds.invoices.reminding import set_steps
from rounds.invoices.reporting import open_on
from rounds.invoices.statements import statement_of
from rounds.invoices.tax_reporting import taxes, wrong_tax
from rounds.invoices.unpaying import take_back
from rounds.invoices.writing_off import write_off
from rounds.ledger import booking
from rounds.ledger.balancing import balances
from rounds.people.models import User
from rounds.people.shop import local_moment
from rounds.work.models import Order, Stint

type AsPerson = Callable[[User], Browser]
ON = date(2026, 11, 1)
NOW = datetime.fromisoformat("2026-11-02T10:00:00-05:00")
HOURS = "Client,Hours bought,Free hours,Hours left,Price paid\nNorthside Dental,20,2,5.5,2000.00\n"
INVOICES = (
    "Client;Number;Date;Due;Open amount;Tax in it;Client's order\n"
    "Northside Dental;INV/1043;01.10.2026;11.10.2026;1.121,00;21,00;PO-77\n"
)
MONEY = "Client,Retainer,Credit\nNorthside Dental,300.00,40.00\n"


def bring_text(kind: str, text: str, *, at: datetime = NOW) -> int:
    return opening.bring_file(OpeningDraft(kind=kind, on=ON, file_name=f"{kind}.csv", text=text), at=at, by=None)


def problems(kind: str, text: str, on: date = ON) -> list[tuple[int, str]]:
    checked = opening.check(kind, on, text, today=NOW.date())
    return [(one.line, one.what) for one in checked.sheet.problems]


def books(client: Client) -> dict[str, int]:
    """A client's accounts by their names without his number, with blocks folded."""
    found: dict[str, int] = {}
    for (account, unit), amount in balances().items():
        name = account.replace(f":{client.pk}", "", 1).rstrip("0123456789").rstrip(":")
        place = name if unit != "SEC" else f"{name} SEC"
        found[place] = found.get(place, 0) + amount
    return {place: amount for place, amount in found.items() if amount}


def test_everything_that_a_client_brings_stands_in_the_books_against_the_opening_account(northside: Client) -> None:
    for kind, text in (("hours", HOURS), ("invoices", INVOICES), ("money", MONEY)):
        assert bring_text(kind, text) == 1

    # 2,000.00 × 5.5 ÷ 22 is still deferred; what is owed less what is held comes from the opening
    assert books(northside) == {
        "assets:receivable": 1121_00,
        "liabilities:credit": -40_00,
        "liabilities:deferred:hours": -500_00,
        "liabilities:retainer": -300_00,
        "equity:opening": -(1121_00 - 40_00 - 500_00 - 300_00),
        "holdings:hours SEC": 19_800,
        "hours:opening SEC": -19_800,
    }
    assert prove(NOW) == []


def test_the_same_file_twice_changes_nothing(northside: Client) -> None:
    for kind, text in (
        ("hours", HOURS),
        ("invoices", INVOICES),
        ("money", MONEY),
        ("numbers", "Series,Next\n2026,9\n"),
    ):
        bring_text(kind, text)
        before = (Opening.objects.count(), balances())

        assert bring_text(kind, text) == 0
        assert (Opening.objects.count(), balances()) == before


def test_a_row_that_was_brought_over_otherwise_is_refused_and_a_new_one_comes_over_alone(
    northside: Client, elm: Client
) -> None:
    bring_text("money", MONEY)

    changed = problems("money", MONEY.replace("300.00", "301.00"))
    count = bring_text("money", MONEY + "Elm St Law,10,\n")

    assert changed == [(2, "this was brought over with other figures: undo that file first")]
    assert count == 1
    assert holdings_of(northside, ON).retainer == 300_00
    assert holdings_of(elm, ON).retainer == 10_00


@pytest.mark.parametrize(
    ("kind", "row", "says"),
    [
        ("money", "Nobody Inc,5,", "there is no such client"),
        ("money", "Northside Dental,-5,", "negative"),
        ("money", "Northside Dental,1.005.5,", "not a number"),
        ("money", "Northside Dental,5.123456,", "more decimals"),
        ("money", 'Northside Dental,"1,234",', "thousands or three decimals"),
        ("money", "Northside Dental,,", "neither a retainer nor credit"),
        ("hours", "Northside Dental,,10,,12,100.00,,", "not more than were bought"),
        ("hours", "Northside Dental,2026-12-01,10,,5,100.00,,", "after the opening day"),
        ("hours", "Northside Dental,,10,,5,100.00,,2026-10-31", "lapsed by the opening day"),
        ("hours", "Northside Dental,,10,,5,100.00,60.00,", "50.00 is still deferred"),
        ("hours", "Northside Dental,,10,,0,100.00,,", "no hours are left"),
        ("included", "Northside Dental,2,2026-11-30", "none is in force"),
        ("invoices", "Northside Dental,A-1,2026-11-02,2026-11-12,5,,", "after the opening day"),
        ("invoices", "Northside Dental,A-1,2026-10-02,2026-09-12,5,,", "due before its date"),
        ("invoices", "Northside Dental,A-1,2026-10-02,2026-10-12,5,5,", "less than what is open"),
        ("invoices", "Northside Dental,A-1,03/04/2026,2026-10-12,5,,", "may be two days"),
        ("numbers", "26,9", "a series is a year"),
        ("numbers", "2026,0", "the number that is given next"),
    ],
)
def test_what_is_wrong_is_told_by_its_line_and_nothing_is_kept(
    northside: Client, kind: str, row: str, says: str
) -> None:
    headings = ",".join(column.heading for column in COLUMNS[kind])
    text = f"{headings}\n{row}\n"

    found = problems(kind, text)

    assert [line for line, _what in found] == [2]
    assert says in found[0][1]
    with pytest.raises(Refused, match="nothing was brought over"):
        bring_text(kind, text)
    assert not Opening.objects.exists()


def test_a_number_twice_and_one_of_our_own_are_refused(northside: Client) -> None:
    selling.buy_hours(northside, 1, at=NOW)
    row = "Northside Dental,{},2026-10-01,2026-10-11,5,,\n"
    headings = ",".join(column.heading for column in COLUMNS["invoices"]) + "\n"

    assert problems("invoices", headings + row.format("A-1") * 2) == [(3, "this stands in line 2 already")]
    assert problems("invoices", headings + row.format("2026-0001")) == [
        (2, "an invoice of this number was issued here")
    ]


def test_the_opening_day_has_come_and_is_one_for_all_files(northside: Client) -> None:
    assert "still to come" in problems("money", MONEY, date(2027, 1, 1))[0][1]
    bring_text("money", MONEY)

    assert "opened on 2026-11-01" in problems("hours", HOURS, date(2026, 10, 1))[0][1]


def test_a_file_from_a_spreadsheet_of_elsewhere_is_read(northside: Client) -> None:
    raw = ("﻿" + INVOICES).encode("utf-16")
    draft = OpeningDraft(kind="invoices", on=ON, file_name="offen.csv", made_at=NOW)
    draft.made_by = User.objects.create(email="x@shop.example", name="X", role="bookkeeper")

    opening.keep_draft(draft, raw)

    assert opening.confirm(draft, at=NOW, by=draft.made_by) == 1
    assert Invoice.objects.with_open().get().open == 1121_00
    with pytest.raises(Refused, match="already"):
        opening.confirm(draft, at=NOW, by=draft.made_by)


def test_an_old_invoice_is_aged_reminded_of_stated_found_paid_and_credited_like_our_own(northside: Client) -> None:
    Contact.objects.filter(client=northside).update(gets_invoices=True)
    set_steps([(5, "Please pay.", 0)])
    bring_text("invoices", INVOICES)
    invoice = Invoice.objects.get()

    assert [(one.number, one.cents) for one in open_on(ON)] == [("INV-1043", 1121_00)]
    assert open_on(date(2026, 10, 31)) == []
    assert mail_pull(NOW) == 0  # its paper is in the old books
    assert remind_pull(NOW) == 1
    assert statement_of(northside)[0].what == "Invoice INV-1043, brought over"
    line = BankLine(amount=1121_00, on=NOW.date(), name="N D", text="inv 1043 thanks")
    suggested = books_for([line]).suggest(line)
    assert suggested is not None
    assert suggested.invoice == invoice.pk

    paying.pay(northside, 1000_00, at=NOW)
    noting.credit(invoice, 60_00, at=NOW, why="agreed")
    write_off(invoice, 61_00, at=NOW, why="gone")

    assert Invoice.objects.with_open().get().open == 0
    assert mail_pull(NOW) == 1  # the credit note is ours
    assert prove(NOW) == []
    # 21.00 of 1,121.00 are tax, told of in the old books: 60.00 credited take 60 × 21 ÷ 1121 = 1.12 of it back
    assert [(one.tax, one.tax_credited) for one in taxes(date.min, date.max).values()] == [(0, 1_12)]
    assert list(wrong_tax()) == []


def test_what_was_paid_too_much_pays_the_next_invoice_and_cannot_bounce(northside: Client) -> None:
    bring_text("money", MONEY)
    payment = Payment.objects.get()

    with pytest.raises(Refused, match="undo that file"):
        take_back(payment, at=NOW, why="bounced")
    invoice = Invoice.objects.get(closing=selling.buy_hours(northside, 1, at=NOW).closing)  # type: ignore[union-attr]

    assert Invoice.objects.with_open().get(pk=invoice.pk).open == 60_00
    assert prove(NOW) == []


def test_a_file_is_undone_as_a_whole_and_can_be_brought_over_again(northside: Client) -> None:
    agreement = Agreement(
        client=northside, plan="service-agreement", starts=ON, included_seconds=14_400, roll_months=1
    )  # fmt: skip
    sign(agreement, by=None, at=local_moment(ON, time(1)))
    texts = {
        "hours": HOURS,
        "included": "Client,Hours left,Usable through\nNorthside Dental,2,2026-11-30\n",
        "invoices": INVOICES,
        "money": MONEY,
        "numbers": "Series,Next number\n2026,108\n",
    }
    for kind, text in texts.items():
        bring_text(kind, text)

    for one in Opening.objects.all():
        bringing.undo(one, at=NOW, by=None)

    held = holdings_of(northside, ON)
    assert (held.block_seconds, held.granted_seconds, held.retainer) == (0, 0, 0)
    assert books(northside) == {}
    assert open_on(date(2026, 11, 30)) == []
    assert statement_of(northside) == []
    assert prove(NOW) == []
    with pytest.raises(Refused, match="already"):
        bringing.undo(Opening.objects.all()[0], at=NOW, by=None)

    for kind, text in texts.items():
        assert bring_text(kind, text) == 1
    bring(northside, NOW)
    booking.pull(NOW)

    held = holdings_of(northside, ON)
    assert (held.block_seconds, held.granted_seconds, held.retainer) == (19_800, 7_200 + 14_400, 0)
    assert Invoice.objects.get(old_number="").full_number == "2026-0108"  # the fee of November, from the retainer
    assert prove(NOW) == []


def test_what_something_was_built_on_is_not_undone(northside: Client) -> None:
    bring_text("hours", HOURS)
    bring_text("money", MONEY)
    bring_text("invoices", INVOICES)
    bring_text("numbers", "Series,Next number\n2026,108\n")
    order = Order.objects.create(client=northside, title="Work", opened_at=NOW)
    Stint.objects.create(order=order, started_at=NOW, minutes=60, recorded_at=NOW, is_after_hours=False)
    bring(northside, NOW)
    paying.pay(northside, 5_00, at=NOW)
    selling.buy_hours(northside, 1, at=NOW)
    selling.deposit(northside, 5_00, at=NOW)
    before = balances()

    for one in Opening.objects.all():
        with pytest.raises(Refused, match="since"):
            bringing.undo(one, at=NOW, by=None)

    assert balances() == before
    assert Opening.objects.standing().count() == 4


def test_whoever_comes_late_is_told_whose_work_was_rated_without_it(northside: Client) -> None:
    order = Order.objects.create(client=northside, title="Work", opened_at=NOW)
    Stint.objects.create(order=order, started_at=NOW, minutes=60, recorded_at=NOW, is_after_hours=False)
    before = opening.check("hours", ON, HOURS, today=NOW.date()).sheet.notes
    bring(northside, NOW)

    after = opening.check("hours", ON, HOURS, today=NOW.date()).sheet.notes

    assert before == []
    assert after == ["Work since 2026-11-01 is rated already for Northside Dental: there it counts from now on."]
    assert bring_text("hours", HOURS) == 1
    assert holdings_of(northside, ON).block_seconds == 19_800
    assert prove(NOW) == []


def test_the_first_number_is_refused_below_what_is_issued(northside: Client) -> None:
    bringing.set_first_number("2026", 100)
    bringing.set_first_number("2026", 108)  # nothing is issued yet
    selling.buy_hours(northside, 1, at=NOW)

    with pytest.raises(Refused, match="2026-0108 is issued"):
        bringing.set_first_number("2026", 200)

    assert Invoice.objects.get().full_number == "2026-0108"
    assert Series.objects.get().first == 108
    assert prove(NOW) == []


def test_an_agreement_of_the_old_books_is_not_charged_again_whichever_file_comes_first(northside: Client) -> None:
    agreement = Agreement(client=northside, plan="service-agreement", starts=date(2026, 9, 1), included_seconds=7_200,
                          roll_months=1)  # fmt: skip
    sign(agreement, by=None, at=local_moment(date(2026, 9, 1), time(1)))
    bring_text("hours", HOURS)
    bring_text("included", "Client,Hours left,Usable through\nNorthside Dental,0.5,2026-11-30\n")

    bring(northside, NOW)

    assert [invoice.issued_on for invoice in Invoice.objects.all()] == [ON]
    account = load_account(northside)
    assert account.included_seconds(ON) == 1_800 + 7_200
    assert sorted(grant.seconds for grant in account.grants) == [0, 1_800, 7_200]


def test_the_command_previews_and_brings_over(northside: Client, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "money.csv"
    file.write_text(MONEY)
    ShopTerms.objects.update(since=date(2005, 1, 1))

    call_command("opening", "money", str(file), "--on", "2026-11-01", "--preview")
    assert "Retainers: 300.00" in capsys.readouterr().out
    assert not Opening.objects.exists()
    call_command("opening", "money", str(file), "--on", "2026-11-01")
    call_command("opening", "money", str(file))

    assert Opening.objects.count() == 1
    file.write_text(MONEY.replace("Northside", "Southside"))
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("opening", "money", str(file))
