"""Planned work waits while nothing is available on a retainer; it goes on with money, or when the owner says so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges import holding
from rounds.clients.agreeing import end
from rounds.clients.models import Agreement, Client
from rounds.core.money import Refused
from rounds.invoices.selling import deposit
from rounds.mail.models import Letter
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work import timing
from rounds.work.models import Hold, Order
from rounds.work.ordering import Call, call_off, take_order
from rounds.work.timing import Worked
from tests.trade import agreed

type AsPerson = Callable[[User], Browser]
AT = timezone.now().replace(microsecond=0)
LATER = AT + timedelta(minutes=1)


@pytest.fixture
def planned(northside: Client) -> Order:
    """Agreed work for a client whose retainer is empty."""
    agreed(northside, "retainer", local_day(AT) - timedelta(days=1), low_at_amount=100_00, top_up_to=500_00)
    return Order.objects.create(client=northside, title="More memory for SRV01", is_planned=True, opened_at=AT)


def _is_held(order: Order) -> bool:
    return Order.objects.with_hold().get(pk=order.pk).is_on_hold


def test_planned_work_waits_while_nothing_is_available(planned: Order, theo: User) -> None:
    # given planned work, and a call of the same client
    called = take_order(Call(planned.client, "Printer does not answer"), by=theo, at=AT)

    # when the step runs, twice
    assert holding.pull(AT) == 1
    assert holding.pull(LATER) == 0

    # then the planned order waits, the call does not
    assert (_is_held(planned), _is_held(called)) == (True, False)
    with pytest.raises(Refused, match="on hold: nothing is available on the retainer"):
        timing.start(planned, who=theo, at=LATER)
    timing.start(called, who=theo, at=LATER)


def test_the_client_is_told_once_what_waits_and_what_to_pay(planned: Order) -> None:
    Order.objects.create(client=planned.client, title="New backup disk", is_planned=True, opened_at=AT)

    holding.pull(AT)
    holding.pull(LATER)

    letter = Letter.objects.get(key__startswith="hold:")
    assert "- More memory for SRV01\n- New backup disk" in letter.body
    assert "To bring it back to USD 500.00, please pay USD 500.00." in letter.body


def test_money_lets_it_go_on_and_its_end_holds_the_next(planned: Order, theo: User) -> None:
    # given an order on hold
    holding.pull(AT)

    # when the client pays
    deposit(planned.client, 100_00, at=LATER)
    assert holding.pull(LATER) == 1

    # then work can begin, and what has begun is not held when the money is used up
    timing.start(planned, who=theo, at=LATER)
    timing.enter(planned, Worked(LATER - timedelta(hours=2), 120), who=theo, at=LATER + timedelta(hours=3))
    assert holding.pull(LATER + timedelta(hours=3)) == 0
    assert [hold.reason for hold in planned.holds.all()] == ["money is available again"]


def test_the_owner_lets_it_go_on_with_a_reason(
    planned: Order, olga: User, theo: User, stranger: User, as_person: AsPerson
) -> None:
    # given an order on hold
    holding.pull(AT)
    page = f"/work/orders/{planned.pk}/release"

    # when a technician or a stranger tries, there is nothing there; without a reason it stays
    for person in (theo, stranger):
        assert as_person(person).post(page, {"reason": "He is good for it"}).status_code == 404
    browser = as_person(olga)
    assert "Say why it goes on all the same" in browser.post(page, {"reason": " "}, follow=True).text
    assert _is_held(planned)

    # when the owner gives one
    told = browser.post(page, {"reason": "He is good for it"}, follow=True).text

    # then it goes on for good, and the order says who and why
    assert "let go on by Olga: He is good for it" in told
    assert holding.pull(LATER) == 0
    assert not _is_held(planned)
    assert "not on hold any more" in browser.post(page, {"reason": "Again"}, follow=True).text


def test_another_plan_ends_the_hold(planned: Order) -> None:
    holding.pull(AT)
    tomorrow = AT + timedelta(days=1)
    end(Agreement.objects.get(client=planned.client), ends=local_day(AT), by=None, at=AT)

    assert holding.pull(tomorrow) == 1

    assert not _is_held(planned)


def test_lists_and_the_front_page_show_what_waits(planned: Order, theo: User, as_person: AsPerson) -> None:
    holding.pull(AT)
    browser = as_person(theo)

    for page in ("/work/orders?state=on-hold", f"/work/orders/{planned.pk}", "/work/"):
        assert "on hold" in browser.get(page).text, page
    assert "More memory for SRV01" in browser.get("/").text
    assert "▶ Start the timer" not in browser.get(f"/work/orders/{planned.pk}").text

    call_off(planned, at=LATER)
    assert "More memory for SRV01" not in browser.get("/work/orders?state=on-hold").text
    assert Hold.objects.count() == 1
