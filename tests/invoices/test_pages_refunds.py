"""The pages on which money is given back: what there is, what would come of it, once, and who may."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges.accounts import load_account
from rounds.charges.models import Block
from rounds.clients.models import Client
from rounds.invoices.debts import credit_of
from rounds.invoices.issuing import bring
from rounds.invoices.models import CreditNote, Invoice, Payout
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours, deposit
from rounds.people.models import User
from rounds.work import ordering, timing
from tests.trade import moment, worked

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def block(northside: Client) -> Block:
    """Ten hours, paid."""
    invoice = buy_hours(northside, 10, at=moment(2026, 3, 2))
    assert invoice is not None
    pay(northside, invoice.total, at=moment(2026, 3, 3))
    return Block.objects.get()


def hours(**more: str) -> dict[str, str]:
    return {"seen": "0", "hours": "4", "how": "transfer", "reference": "R-7", "why": "moves away"} | more


def test_the_page_lists_what_can_be_given_back(northside: Client, block: Block, bea: User, as_person: AsPerson) -> None:
    deposit(northside, 300_00, at=moment(2026, 3, 4))
    pay(northside, 20_00, at=moment(2026, 3, 5))

    shown = as_person(bea).get(f"/clients/{northside.pk}/refunds").content.decode()

    assert "10 h" in shown
    assert "300.00" in shown
    assert "20.00" in shown


def test_a_client_who_has_nothing_gets_nothing_back(northside: Client, bea: User, as_person: AsPerson) -> None:
    shown = as_person(bea).get(f"/clients/{northside.pk}/refunds").content.decode()

    assert "no credit, no money on a retainer and no unused hours" in shown


def test_hours_go_back_after_the_person_has_seen_what_comes_of_it_and_once(
    northside: Client, block: Block, bea: User, as_person: AsPerson
) -> None:
    browser, address = as_person(bea), f"/clients/{northside.pk}/refunds/blocks/{block.pk}"
    asked = browser.post(address, hours()).content.decode()
    assert "4 h that were bought go back" in asked
    assert "6 h of the block stay" in asked
    assert not CreditNote.objects.exists()

    done = browser.post(address, hours(is_certain="on"), follow=True)
    again = browser.post(address, hours(is_certain="on"))

    assert "Done." in done.content.decode()
    note = CreditNote.objects.get()
    payout = Payout.objects.get()
    assert (note.why, payout.amount, payout.reference, payout.recorded_by) == ("moves away", note.amount, "R-7", bea)
    assert load_account(northside).block_seconds == 6 * 3600
    assert again.status_code == 422
    assert "recorded already" in again.content.decode()
    assert "4 h given back" in browser.get(f"/clients/{northside.pk}/money").content.decode()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"hours": "11"}, "10 h of the block are unused"),
        ({"hours": "-1"}, "greater than or equal"),
        ({"hours": "x"}, "Enter a number"),
        ({"why": ""}, "This field is required"),
        ({"how": "gold"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_given_back_is_told_and_changes_nothing(
    told: dict[str, str], why: str, northside: Client, block: Block, bea: User, as_person: AsPerson
) -> None:
    reply = as_person(bea).post(f"/clients/{northside.pk}/refunds/blocks/{block.pk}", hours(is_certain="on") | told)

    assert reply.status_code == 422
    assert why in reply.content.decode()
    assert not CreditNote.objects.exists()


def test_only_the_owner_gives_back_what_is_needed_for_work_not_billed_yet(
    northside: Client, bea: User, olga: User, theo: User, as_person: AsPerson
) -> None:
    now = timezone.now()
    deposit(northside, 100_00, at=now)
    order = ordering.take_order(ordering.Call(northside, "Mail does not arrive"), by=theo, at=now)
    timing.enter(order, timing.Worked(now - timedelta(hours=1), 15), who=theo, at=now)
    bring(northside, now)
    address = f"/clients/{northside.pk}/refunds/retainer"
    told = {
        "seen": "0", "amount": "100.00", "how": "credit", "reference": "", "why": "as agreed", "is_certain": "on",
        "even_if_needed": "on",
    }  # fmt: skip

    refused = as_person(bea).post(address, told)
    done = as_person(olga).post(address, told)

    assert "more is needed for what is not billed yet" in refused.content.decode()
    assert done.status_code == 302
    assert load_account(northside).retainer == 0


def test_credit_is_paid_back_and_taken_back_when_the_money_returns(
    northside: Client, bea: User, as_person: AsPerson
) -> None:
    pay(northside, 80_00, at=moment(2026, 3, 2))
    browser, told = as_person(bea), {"seen": "0", "amount": "50", "how": "cheque", "reference": "17", "why": "too much"}
    browser.post(f"/clients/{northside.pk}/refunds/credit", told | {"is_certain": "on"})
    payout = Payout.objects.get()
    assert (payout.amount, payout.how, credit_of(northside)) == (50_00, "cheque", 30_00)

    browser.post(f"/payouts/{payout.pk}/return", {"why": "the cheque was never cashed"})

    assert credit_of(northside) == 80_00
    shown = browser.get(f"/clients/{northside.pk}/refunds").content.decode()
    assert "the cheque was never cashed" in shown
    assert "was taken back" in browser.get(f"/payouts/{payout.pk}/return").content.decode()


def test_a_technician_a_contact_and_another_clients_block_are_refused(
    northside: Client, elm: Client, block: Block, bea: User, theo: User, as_person: AsPerson
) -> None:
    paths = [
        f"/clients/{northside.pk}/refunds", f"/clients/{northside.pk}/refunds/credit",
        f"/clients/{northside.pk}/refunds/retainer", f"/clients/{northside.pk}/refunds/blocks/{block.pk}",
    ]  # fmt: skip

    assert {as_person(theo).get(path).status_code for path in paths} == {404}
    assert {Browser().get(path).status_code for path in paths} == {302}
    assert as_person(bea).get(f"/clients/{elm.pk}/refunds/blocks/{block.pk}").status_code == 404
    assert as_person(theo).post("/payouts/1/return", {"why": "x"}).status_code == 404


def test_crediting_a_blocks_invoice_says_which_hours_go_back_before_it_is_kept(
    northside: Client, block: Block, bea: User, as_person: AsPerson
) -> None:
    invoice = Invoice.objects.get()
    told = {"seen": "0", "amount": str(invoice.total // 200), "why": "half of it"}

    asked = as_person(bea).post(f"/invoices/{invoice}/credit-notes", told).content.decode()

    assert "5 h that were bought go back" in asked
    assert "is left over, as his credit" in asked


def test_a_deposit_is_credited_as_far_as_the_retainer_holds_it(
    northside: Client, theo: User, bea: User, as_person: AsPerson
) -> None:
    deposit(northside, 100_00, at=moment(2026, 3, 2))
    worked(northside, date(2026, 3, 3), 15, by=theo)
    deposit(northside, 1_00, at=moment(2026, 4, 2))
    invoice = Invoice.objects.order_by("pk")[0]
    spent = Invoice.objects.get(from_retainer__gt=0).from_retainer
    told = {"seen": "0", "amount": "100.00", "why": "wrong client"}

    reply = as_person(bea).post(f"/invoices/{invoice}/credit-notes", told)

    assert f"{(100_00 + 1_00 - spent) / 100:.2f} left to credit" in reply.content.decode()
