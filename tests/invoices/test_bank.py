"""The bank's lines: each kept once, what a person decides about them, and their pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.test import Client as Browser

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.invoices import importing
from rounds.invoices.checking import differences
from rounds.invoices.debts import credit_of
from rounds.invoices.importing import keep_file
from rounds.invoices.models import BankFile, BankLine, Fate, Invoice, Payment, Reversal
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours
from rounds.invoices.unpaying import take_back
from rounds.ledger import booking
from rounds.people.models import Shop, User
from tests.invoices.bank_files import Told, camt, ofx

APRIL = datetime(2026, 4, 2, 15, tzinfo=UTC)
DAY = timedelta(days=1)
AsPerson = Callable[[User], Browser]
FIRST = Told(100_00, "Northside Dental", "2026-0001", "B1", "DE89370400440532013000")
RENT = Told(-900_00, "The landlord", "April", "B2")


@pytest.fixture
def billed(northside: Client) -> list[Invoice]:
    """Two invoices of 100.00 and 200.00."""
    invoices = [buy_hours(northside, 1, at=APRIL - 2 * DAY), buy_hours(northside, 2, at=APRIL - DAY)]
    return [invoice for invoice in invoices if invoice is not None]


def _keep(*lines: Told) -> list[BankLine]:
    keep_file(camt(*lines), "april.xml", at=APRIL, by=None)
    return list(BankLine.objects.order_by("pk"))


def _fates() -> list[str]:
    return [line.fate for line in BankLine.objects.with_fate().order_by("pk")]


def _open(client: Client) -> list[int]:
    return [invoice.open for invoice in Invoice.objects.filter(client=client).with_open().order_by("pk")]


def _books_hold() -> bool:
    booking.pull(APRIL + 5 * DAY)
    return differences() == []


def test_the_same_file_twice_changes_nothing(shop: Shop) -> None:
    raw = camt(FIRST, RENT)

    first = keep_file(raw, "april.xml", at=APRIL, by=None)
    again = keep_file(raw, "april (1).xml", at=APRIL + DAY, by=None)

    assert (first, again) == (importing.Kept(2, 0), importing.Kept(0, 2))
    assert (BankFile.objects.count(), BankLine.objects.count()) == (1, 2)


def test_a_line_in_overlapping_files_is_kept_once_and_stays_decided(northside: Client, billed: list[Invoice]) -> None:
    (line,) = _keep(FIRST)
    importing.confirm(line, northside, billed[0], at=APRIL)

    kept = keep_file(camt(RENT, FIRST), "more.xml", at=APRIL + DAY, by=None)

    assert kept == importing.Kept(1, 1)
    assert _fates() == [Fate.MATCHED, ""]
    assert Payment.objects.count() == 1


def test_another_accounts_file_is_refused_until_somebody_says_that_it_is_ours(shop: Shop) -> None:
    keep_file(camt(FIRST), "april.xml", at=APRIL, by=None)

    with pytest.raises(Refused, match="is of account 000123456, the shop’s is AT61"):
        keep_file(ofx(RENT), "card.ofx", at=APRIL, by=None)
    assert BankLine.objects.count() == 1
    keep_file(ofx(RENT), "card.ofx", at=APRIL, by=None, is_ours=True)
    keep_file(ofx(RENT, FIRST), "card.ofx", at=APRIL, by=None)

    assert BankLine.objects.count() == 3


def test_the_first_file_must_be_of_the_account_in_the_shops_bank_details(shop: Shop) -> None:
    Shop.objects.update(bank_details="IBAN DE89 3704 0044 0532 0130 00")

    with pytest.raises(Refused, match="by the shop’s bank details"):
        keep_file(camt(FIRST), "april.xml", at=APRIL, by=None)
    keep_file(camt(FIRST, account="DE89370400440532013000"), "april.xml", at=APRIL, by=None)

    assert BankLine.objects.get().account == "DE89370400440532013000"


def test_another_currency_and_an_empty_file_are_refused_and_keep_nothing(shop: Shop) -> None:
    with pytest.raises(Refused, match="the file is in CHF, the shop’s books are in USD"):
        keep_file(camt(FIRST, currency="CHF"), "april.xml", at=APRIL, by=None)
    with pytest.raises(Refused, match="no statement"):
        keep_file(b"<OFX></OFX>", "april.ofx", at=APRIL, by=None)

    assert not BankFile.objects.exists()


def test_a_confirmed_line_is_a_payment_and_cannot_be_confirmed_again(northside: Client, billed: list[Invoice]) -> None:
    (line,) = _keep(FIRST)

    payment = importing.confirm(line, northside, billed[0], at=APRIL)
    with pytest.raises(Refused, match="decided already"):
        importing.confirm(line, northside, billed[1], at=APRIL)

    assert (payment.amount, payment.invoice, payment.note) == (
        100_00,
        billed[0],
        "Bank, 2 April 2026: Northside Dental",
    )
    assert _open(northside) == [0, 200_00]
    assert _books_hold()


def test_partial_and_over_payments_settle_what_they_can(northside: Client, billed: list[Invoice]) -> None:
    part, over = _keep(Told(40_00, ref="1"), Told(300_00, ref="2"))

    importing.confirm(part, northside, billed[1], at=APRIL)
    assert _open(northside) == [100_00, 160_00]
    importing.confirm(over, northside, None, at=APRIL + DAY)

    assert (_open(northside), credit_of(northside)) == ([0, 0], 40_00)
    assert _books_hold()


def test_all_sure_ones_at_once_and_no_invoice_twice(northside: Client, elm: Client, billed: list[Invoice]) -> None:
    buy_hours(elm, 3, at=APRIL - DAY)
    lines = _keep(
        FIRST, Told(100_00, "Northside Dental", "2026-0001 once more", "B9"), Told(300_00, "ELM ST LAW", ref="B3"),
        Told(200_00, "Somebody", ref="B4"), RENT,
    )  # fmt: skip

    made = list(importing.confirm_sure(lines, at=APRIL))
    again = list(importing.confirm_sure(BankLine.objects.with_fate().filter(Q(fate="")), at=APRIL))

    assert [one.amount for one in made if isinstance(one, Payment)] == [100_00, 300_00]
    assert again == []
    assert sorted(_fates()) == ["", "", "", Fate.MATCHED, Fate.MATCHED]
    assert (_open(northside), _open(elm)) == ([0, 200_00], [0])


def test_an_account_from_which_a_client_has_paid_is_known_from_then_on(elm: Client, billed: list[Invoice]) -> None:
    first, later = _keep(Told(1_00, "B. Smith", ref="1", account="GB1"), Told(2_00, "B. Smith", ref="2", account="GB1"))
    assert importing.books_for([later]).suggest(later) is None

    importing.confirm(first, elm, None, at=APRIL)

    suggested = importing.books_for([later]).suggest(later)
    assert suggested is not None
    assert suggested.client == elm.pk


def test_undoing_takes_the_payment_back_and_the_line_can_go_to_the_right_client(
    northside: Client, elm: Client, billed: list[Invoice]
) -> None:
    (line,) = _keep(FIRST)
    importing.confirm(line, elm, None, at=APRIL)

    importing.reopen(line, at=APRIL + DAY)
    assert (_fates(), credit_of(elm)) == ([""], 0)
    importing.confirm(line, northside, billed[0], at=APRIL + 2 * DAY)

    assert (_fates(), _open(northside)) == ([Fate.MATCHED], [0, 200_00])
    assert _books_hold()


def test_a_payment_taken_back_elsewhere_makes_its_line_new(northside: Client, billed: list[Invoice]) -> None:
    (line,) = _keep(FIRST)
    payment = importing.confirm(line, northside, billed[0], at=APRIL)

    take_back(payment, at=APRIL + DAY, why="Wrong")

    assert _fates() == [""]
    importing.confirm(line, northside, billed[1], at=APRIL + 2 * DAY)
    assert _open(northside) == [100_00, 100_00]


def test_a_line_left_aside_can_be_taken_up_again(shop: Shop) -> None:
    (line,) = _keep(RENT)
    importing.ignore(line, at=APRIL)
    with pytest.raises(Refused, match="decided already"):
        importing.ignore(line, at=APRIL)

    importing.reopen(line, at=APRIL)
    with pytest.raises(Refused, match="nothing was decided"):
        importing.reopen(line, at=APRIL)

    assert _fates() == [""]


def test_a_line_may_be_a_payment_that_was_recorded_by_hand(northside: Client, billed: list[Invoice]) -> None:
    payment = pay(northside, 100_00, at=APRIL - DAY, invoice=billed[0])
    line, twin = _keep(FIRST, Told(100_00, "Northside Dental", "again", "B7"))
    assert importing.recorded_before(line) == [payment]

    importing.link(line, payment, at=APRIL)

    assert (Payment.objects.count(), _fates()) == (1, [Fate.MATCHED, ""])
    with pytest.raises(Refused, match="stands for another line"):
        importing.link(twin, payment, at=APRIL)
    importing.reopen(line, at=APRIL)
    assert not Reversal.objects.exists()
    importing.link(twin, payment, at=APRIL)
    assert _fates() == ["", Fate.MATCHED]


def test_money_that_goes_out_again_is_the_return_of_a_payment(northside: Client, billed: list[Invoice]) -> None:
    came, went, rent = _keep(FIRST, Told(-100_00, "Northside Dental", "no funds", "B5"), RENT)
    payment = importing.confirm(came, northside, billed[0], at=APRIL)
    assert (importing.returned_by(went), importing.returned_by(rent)) == ([payment], [])
    with pytest.raises(Refused, match="pays no invoice"):
        importing.confirm(went, northside, None, at=APRIL)

    importing.confirm_return(went, payment, at=APRIL + DAY)

    assert (_open(northside), Reversal.objects.get().has_bounced) == ([100_00, 200_00], True)
    with pytest.raises(Refused, match="the bank has returned"):
        importing.reopen(went, at=APRIL + DAY)
    assert BankLine.objects.with_fate().get(pk=went.pk).fate == Fate.MATCHED
    assert _books_hold()


def test_the_order_in_which_payments_are_imported_does_not_matter(northside: Client, elm: Client, shop: Shop) -> None:
    """Named, partial, over- and unnamed payments, in every order: the same open amounts and the same credit."""
    told = [(150_00, 0), (90_00, 1), (20_00, None), (130_00, 2)]
    ends = set()
    for order in permutations(told):
        client = Client.objects.create(name=f"{order}")
        invoices = [buy_hours(client, hours, at=APRIL) for hours in (1, 2, 1)]
        for amount, named in order:
            pay(client, amount, at=APRIL, invoice=invoices[named] if named is not None else None)
        ends.add((*_open(client), credit_of(client)))

    assert ends == {(0, 10_00, 0, 0)}


# The pages.


def _upload(browser: Browser, raw: bytes, **more: str) -> str:
    file = SimpleUploadedFile("april.xml", raw)
    return browser.post("/money/bank/files", {"file": file, **more}, follow=True).content.decode()


def test_a_file_is_read_and_its_sure_payments_recorded_at_once(
    northside: Client, billed: list[Invoice], bea: User, as_person: AsPerson
) -> None:
    browser = as_person(bea)

    page = _upload(browser, camt(FIRST, RENT))
    assert "2 new lines." in page
    assert "Record the 1 sure payment" in page
    assert "money out" in page
    done = browser.post("/money/bank/payments", follow=True).content.decode()

    assert "1 payment recorded, 100.00 in all." in done
    assert _open(northside) == [0, 200_00]
    assert Payment.objects.get().recorded_by == bea
    assert "Nothing in it is new." in _upload(browser, camt(FIRST, RENT))


def test_a_file_that_is_refused_says_why_and_keeps_nothing(shop: Shop, bea: User, as_person: AsPerson) -> None:
    page = _upload(as_person(bea), b"Date;Amount")

    assert "neither a CAMT.053 nor an OFX file" in page
    assert not BankFile.objects.exists()


def test_a_line_is_confirmed_chosen_ignored_and_undone(
    northside: Client, elm: Client, billed: list[Invoice], bea: User, as_person: AsPerson
) -> None:
    line, rent = _keep(FIRST, RENT)
    browser = as_person(bea)

    form = browser.get(f"/money/bank/lines/{line.pk}").content.decode()
    assert f'value="invoice:{billed[0].pk}" selected' in form
    assert browser.post(f"/money/bank/lines/{line.pk}", {"choice": "client:99"}).status_code == 422
    browser.post(f"/money/bank/lines/{line.pk}", {"choice": f"client:{elm.pk}"})
    assert credit_of(elm) == 100_00
    matched = browser.get("/money/bank?state=matched").content.decode()
    assert "Elm St Law" in matched
    assert "Undo" in matched
    browser.post(f"/money/bank/lines/{line.pk}/reopened")
    assert credit_of(elm) == 0
    browser.post(f"/money/bank/lines/{rent.pk}/ignored")

    assert _fates() == ["", Fate.IGNORED]
    assert "left aside" in browser.get("/money/bank?state=ignored").content.decode()
    assert b"-900.00" in b"".join(browser.get("/money/bank?state=all&format=csv").streaming_content)  # type: ignore[attr-defined]


def test_a_return_is_taken_back_with_its_fee(
    northside: Client, billed: list[Invoice], bea: User, as_person: AsPerson
) -> None:
    payment = pay(northside, 100_00, at=APRIL)
    (went,) = _keep(Told(-100_00, "Northside Dental", "no funds", "B5"))

    page = as_person(bea).post(
        f"/money/bank/lines/{went.pk}", {"choice": f"payment:{payment.pk}", "fee": "15.00"}, follow=True
    )

    assert "is taken back; what it had settled is open again" in page.content.decode()
    assert _open(northside) == [100_00, 200_00]
    assert Reversal.objects.get().recorded_by == bea


def test_a_payment_is_taken_back_from_its_own_page(
    northside: Client, billed: list[Invoice], bea: User, as_person: AsPerson
) -> None:
    payment = pay(northside, 100_00, at=APRIL)
    browser, address = as_person(bea), f"/payments/{payment.pk}/reversal"

    assert address in browser.get(f"/clients/{northside.pk}/money").content.decode()
    assert "Take back 100.00 from Northside Dental" in browser.get(address).content.decode()
    assert browser.post(address, {"why": ""}).status_code == 422
    assert browser.post(address, {"why": "x", "fee": "5.00"}).status_code == 422
    browser.post(address, {"why": "Recorded twice"})

    assert _open(northside) == [100_00, 200_00]
    assert "was taken back on" in browser.get(address).content.decode()
    assert browser.post(address, {"why": "Recorded twice"}).status_code == 422
    assert "as a payment of 100.00 was taken back" in browser.get(f"/invoices/{billed[0]}").content.decode()
    assert "Payment taken back, Recorded twice" in browser.get(f"/clients/{northside.pk}/statement").content.decode()


PAGES = ["/money/bank", "/money/bank/lines/{line}", "/payments/{payment}/reversal"]
DEEDS = ["/money/bank/files", "/money/bank/payments", "/money/bank/lines/{line}/ignored",
         "/money/bank/lines/{line}/reopened", "/money/bank/lines/{line}", "/payments/{payment}/reversal"]  # fmt: skip


@pytest.mark.parametrize("who", ["theo", "stranger", "nora"])
def test_a_technician_and_a_stranger_find_no_bank(
    request: pytest.FixtureRequest, billed: list[Invoice], northside: Client, as_person: AsPerson, who: str
) -> None:
    payment, browser = pay(northside, 1_00, at=APRIL), as_person(request.getfixturevalue(who))
    (line,) = _keep(FIRST)
    about = {"line": line.pk, "payment": payment.pk}

    assert {browser.get(page.format(**about)).status_code for page in PAGES} == {404}
    assert {browser.post(deed.format(**about), {"why": "x"}).status_code for deed in DEEDS} == {404}
    assert _fates() == [""]
    assert Browser().get("/money/bank").status_code == 302


def test_what_does_not_exist_is_not_found(shop: Shop, bea: User, as_person: AsPerson) -> None:
    browser = as_person(bea)

    assert browser.get("/money/bank/lines/9").status_code == 404
    assert browser.get("/payments/9/reversal").status_code == 404
    assert browser.get("/money/bank/files").status_code == 405
