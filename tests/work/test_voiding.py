"""Time and parts that were recorded by mistake: who may take them back, what then becomes of them."""

from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges import rating
from rounds.charges.accounts import load_account
from rounds.charges.models import Charge, Rated, Voided
from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.invoices.e_invoicing import CII, UBL, e_invoice, paper_of
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice, InvoiceLine
from rounds.invoices.official_rules import ask
from rounds.ledger import booking
from rounds.ledger.checking import differences
from rounds.people.models import Shop, User
from rounds.work.answering import approve
from rounds.work.models import Channel, Order, Part, Stint, Void
from rounds.work.ordering import use_part
from rounds.work.timing import Worked, enter, minutes_on, overlapping
from rounds.work.voiding import void
from tests.trade import moment, taxed, used, worked
from tests.work.conftest import AT, AsPerson, Sign, text_of

LATER = AT + timedelta(hours=3)
WHY = "Entered twice"


@pytest.fixture
def stint(order: Order, theo: User) -> Stint:
    return enter(order, Worked(AT, 50), who=theo, at=AT + timedelta(hours=1))


@pytest.fixture
def stint_of_today(order: Order, theo: User) -> Stint:
    now = timezone.now()
    return enter(order, Worked(now - timedelta(minutes=60), 50), who=theo, at=now)


def test_what_is_taken_back_is_charged_back_once_however_often_it_is_played(northside: Client, stint: Stint) -> None:
    rating.bring(northside, AT + timedelta(hours=2))

    void(stint, why=WHY, by=None, at=LATER)
    for _ in range(3):
        rating.bring(northside, LATER)

    assert [charge.amount for charge in Charge.objects.all()] == [100_00, -100_00]
    assert load_account(northside).unbilled_amount() == 0
    (played,) = Voided.objects.all()
    assert played.trace == ["100.00 charged back"]


def test_the_client_finds_it_on_his_next_invoice_and_the_books_agree(
    northside: Client, order: Order, stint: Stint, theo: User
) -> None:
    bring(northside, AT + timedelta(days=30))
    void(stint, why=WHY, by=None, at=AT + timedelta(days=31))
    enter(order, Worked(AT + timedelta(days=32), 120), who=theo, at=AT + timedelta(days=33))

    bring(northside, AT + timedelta(days=60))
    booking.pull(AT + timedelta(days=60))

    first, second = Invoice.objects.order_by("pk")
    assert (first.total, second.total) == (100_00, 100_00)
    back = InvoiceLine.objects.get(invoice=second, amount__lt=0)
    assert (back.amount, back.seconds, back.rate) == (-100_00, -3600, 100_00)
    assert back.text.startswith("Charged back: Support")
    assert differences() == []


def test_taking_it_back_twice_keeps_the_first_reason(stint: Stint) -> None:
    first = void(stint, why=WHY, by=None, at=LATER)

    assert void(stint, why="Somebody else's", by=None, at=LATER) == first
    assert Void.objects.get().why == WHY


def test_nothing_is_taken_back_without_a_reason_or_before_it_was_recorded(stint: Stint) -> None:
    with pytest.raises(Refused, match="say why"):
        void(stint, why=" ", by=None, at=LATER)
    with pytest.raises(Refused, match="not recorded yet"):
        void(stint, why=WHY, by=None, at=AT)


def test_what_waits_for_approval_waits_no_more(sign: Sign, northside: Client, order: Order, theo: User) -> None:
    sign("call-first")
    stint = enter(order, Worked(AT, 50), who=theo, at=AT + timedelta(hours=1))
    rating.bring(northside, AT + timedelta(hours=2))
    assert Stint.objects.unapproved().count() == 1

    void(stint, why=WHY, by=None, at=LATER)
    rating.bring(northside, LATER)

    assert Stint.objects.unapproved().count() == 0
    with pytest.raises(Refused, match="is void"):
        approve(stint, who="Nora", channel=Channel.PHONE, by=theo, at=LATER)
    assert not Rated.objects.exists()


def test_time_that_was_taken_back_is_no_time_worked(stint: Stint, order: Order, theo: User) -> None:
    void(stint, why=WHY, by=theo, at=LATER)

    assert minutes_on(theo, LATER) == 0
    assert overlapping(theo, Worked(AT, 50)) == []
    assert order.minutes_worked == 0


def test_the_page_names_the_thing_and_takes_it_back(office: Browser, stint_of_today: Stint, theo: User) -> None:
    address = f"/work/stints/{stint_of_today.pk}/void"
    assert "Take back 50 minutes of" in text_of(office, address)

    office.post(address, {"why": ""})
    assert not Void.objects.exists()
    reply = office.post(address, {"why": WHY})

    assert reply.status_code == 302
    assert (Void.objects.get().why, Void.objects.get().by) == (WHY, theo)
    shown = text_of(office, f"/work/orders/{stint_of_today.order_id}")
    assert "taken back</strong> by Theo: Entered twice" in shown


def test_a_technician_takes_back_only_what_was_recorded_today_and_the_bookkeeper_anything(
    as_person: AsPerson, stint: Stint, theo: User, bea: User, nora: User, stranger: User
) -> None:
    order = stint.order
    part = use_part(order, Part(order=order, name="Cable", quantity=2, price=9_00, used_at=AT), by=theo, at=AT)
    addresses = (f"/work/stints/{stint.pk}/void", f"/work/parts/{part.pk}/void")

    for address in addresses:
        for person in (theo, nora, stranger):
            assert as_person(person).get(address).status_code == 404
            assert as_person(person).post(address, {"why": WHY}).status_code == 404
        assert Browser().post(address, {"why": WHY}).status_code == 302
    assert not Void.objects.exists()
    for address in addresses:
        assert as_person(bea).post(address, {"why": WHY}).status_code == 302
    assert Void.objects.count() == 2


@pytest.mark.parametrize("flavor", [CII, UBL])
def test_an_invoice_that_charges_time_and_parts_back_keeps_the_official_rules(
    northside: Client, theo: User, flavor: str
) -> None:
    Shop.objects.update(
        address="Gasse 1\n1010 Wien", country="AT", tax_number="ATU12345678", currency="EUR",
        bank_details="First Bank\nIBAN AT61 1904 3002 3457 3201",
    )  # fmt: skip
    taxed("20%", "part", "labour")
    Client.objects.update(billing_address="Weg 2\n10115 Berlin", country="DE", tax_number="DE123456789")
    northside.refresh_from_db()
    wrong = worked(northside, date(2026, 3, 12), 157, by=theo)
    part = used(northside, date(2026, 3, 13), 80_05, by=theo)
    worked(northside, date(2026, 3, 14), 300, by=theo)
    void(wrong, why=WHY, by=theo, at=moment(2026, 3, 16))
    void(part, why=WHY, by=theo, at=moment(2026, 3, 17))

    bring(northside, moment(2026, 4, 1))

    invoice = Invoice.objects.get()
    assert [line.amount for line in invoice.lines.all()] == [275_00, 80_05, 500_00, -275_00, -80_05]
    assert ask(e_invoice(paper_of(invoice), flavor), flavor).broken == ()
