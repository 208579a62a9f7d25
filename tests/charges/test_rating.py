"""Playing accounts: each fact is rated once, in the order of the rules, however often and whoever plays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from rounds.charges import buying, rating
from rounds.charges.accounts import load_account, load_position
from rounds.charges.models import Charge, Closing, Draw, Held, Notice, Rated, Standing
from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client, ShopTerms
from rounds.work.models import Answer, Approval, Order, Part, Proposal, Stint

APRIL = datetime(2005, 4, 4, 15, tzinfo=UTC)
MAY = datetime(2005, 5, 2, 15, tzinfo=UTC)


@pytest.fixture
def order(northside: Client) -> Order:
    return Order.objects.create(client=northside, title="A visit", opened_at=APRIL)


def _work(order: Order, at: datetime, minutes: int = 60, **more: object) -> Stint:
    return Stint.objects.create(order=order, started_at=at, minutes=minutes, recorded_at=at, **more)


def test_a_stint_is_rated_once_however_often_its_account_is_played(northside: Client, order: Order) -> None:
    _work(order, APRIL, minutes=50)

    for _ in range(3):
        rating.bring(northside, APRIL + timedelta(hours=1))

    (charge,) = Charge.objects.all()
    assert (charge.kind, charge.amount, charge.seconds) == ("labour", 100_00, 3600)
    assert charge.trace[0] == "50 min"
    assert Rated.objects.count() == 1


def test_nothing_is_played_before_its_moment(northside: Client, order: Order) -> None:
    _work(order, APRIL)

    rating.bring(northside, APRIL - timedelta(minutes=1))

    assert not Rated.objects.exists()


def test_business_hours_of_the_shop_decide_what_is_after_hours(northside: Client, order: Order) -> None:
    ShopTerms.objects.update(business_hours="Mon-Fri 08:00-18:00", holidays="US-NY, 2005-04-06")
    closing_time = datetime(2005, 4, 4, 21, 30, tzinfo=UTC)  # 17:30 in New York
    _work(order, closing_time, minutes=60)
    _work(order, datetime(2005, 7, 4, 15, tzinfo=UTC), minutes=60)
    _work(order, datetime(2005, 4, 6, 15, tzinfo=UTC), minutes=60)
    _work(order, datetime(2005, 4, 7, 15, tzinfo=UTC), minutes=60)

    rating.bring(northside, datetime(2005, 7, 5, tzinfo=UTC))

    found = {str(one.done_on): one for one in Rated.objects.all()}
    assert found["2005-04-04"].trace[1:3] == [
        "18:00–18:30 is after hours (open 08:00–18:00)",
        "30 of 60 min after hours, × 1.5: 1.25 h",
    ]
    assert {day: (one.billable_seconds or 0) // 60 for day, one in found.items()} == {
        "2005-04-04": 75, "2005-07-04": 90, "2005-04-06": 90, "2005-04-07": 60,
    }  # fmt: skip


def test_a_night_on_which_the_clock_is_put_back_is_billed_by_its_real_hours(northside: Client, order: Order) -> None:
    ShopTerms.objects.update(business_hours="Sun 00:00-02:00")
    _work(order, datetime(2005, 10, 30, 4, 30, tzinfo=UTC), minutes=180)  # 00:30 to 02:30 in New York

    rating.bring(northside, datetime(2005, 10, 31, tzinfo=UTC))

    (found,) = Rated.objects.all()
    assert found.billable_seconds == (150 + 45) * 60


def test_the_first_of_the_month_closes_what_was_left_to_bill(northside: Client, order: Order) -> None:
    _work(order, APRIL)
    Part.objects.create(order=order, name="Cable", quantity=2, price=9_50, used_at=APRIL, recorded_at=APRIL)

    closings = rating.bring(northside, MAY)

    (closing,) = closings
    assert (closing.on, closing.due, closing.reason) == (date(2005, 5, 1), date(2005, 5, 11), "month")
    assert [(line.kind, line.amount) for line in closing.lines.all()] == [("labour", 100_00), ("part", 19_00)]
    assert load_account(northside).unbilled == ()
    assert rating.bring(northside, MAY) == []


def test_the_day_is_the_shops(northside: Client, order: Order) -> None:
    evening = datetime(2005, 5, 1, 3, tzinfo=UTC)  # 23:00 on 30 April in New York
    _work(order, evening)

    rating.bring(northside, datetime(2005, 5, 1, 3, 59, tzinfo=UTC))
    assert not Closing.objects.exists()
    rating.bring(northside, datetime(2005, 5, 1, 4, 1, tzinfo=UTC))

    assert Rated.objects.get().done_on == date(2005, 4, 30)
    assert Closing.objects.get().lines.count() == 1


def test_work_recorded_for_a_closed_month_goes_on_the_next_invoice(northside: Client, order: Order) -> None:
    _work(order, APRIL)
    rating.bring(northside, MAY)
    Stint.objects.create(order=order, started_at=APRIL, minutes=30, recorded_at=APRIL)

    rating.bring(northside, MAY + timedelta(days=1))

    late = Charge.objects.latest("pk")
    assert late.rated is not None
    assert late.rated.done_on == date(2005, 4, 4)
    assert late.recorded_on >= date(2005, 5, 2)
    assert Charge.objects.unbilled().get() == late


def test_call_first_work_is_held_until_it_is_approved(northside: Client, order: Order) -> None:
    sign(Agreement(client=northside, plan="call-first", starts=date(2005, 4, 1)), by=None, at=APRIL - timedelta(days=9))
    stint = _work(order, APRIL)
    rating.bring(northside, APRIL)
    assert Held.objects.get().stint == stint
    assert Notice.objects.get().kind == "work-not-approved"
    assert not Rated.objects.exists()

    Approval.objects.create(stint=stint, who="Nora", channel="phone", at=MAY)
    rating.bring(northside, MAY)
    rating.bring(northside, MAY)

    rated = Rated.objects.get()
    assert (rated.done_on, rated.recorded_on) == (date(2005, 4, 4), date(2005, 5, 2))
    assert Notice.objects.count() == 1


def test_an_agreement_signed_on_a_day_that_was_opened_already_is_charged_at_once(
    northside: Client, order: Order
) -> None:
    _work(order, APRIL)
    rating.bring(northside, APRIL)
    value = Agreement(client=northside, plan="service-agreement", included_seconds=10 * 3600, starts=date(2005, 4, 4))
    sign(value, by=None, at=APRIL + timedelta(hours=1))

    closings = rating.bring(northside, APRIL + timedelta(hours=2))

    assert [line.kind for closing in closings for line in closing.lines.all()] == ["fee"]
    assert closings[0].on == date(2005, 4, 4)
    assert rating.bring(northside, APRIL + timedelta(hours=3)) == []


def test_hours_bought_count_before_the_closing_and_the_work_of_their_day(northside: Client, order: Order) -> None:
    terms = Agreement(client=northside, plan="block", starts=date(2005, 4, 4), monitoring="2 hours")
    sign(terms, by=None, at=APRIL - timedelta(days=3))
    _work(order, APRIL, minutes=60)

    list(rating.play_before_closing(northside, date(2005, 4, 4), APRIL))
    buying.buy_hours(northside, 5, at=APRIL + timedelta(hours=3))
    rating.bring(northside, APRIL + timedelta(hours=4))

    assert [draw.seconds for draw in Draw.objects.all()] == [6300, 3600]  # 27 of 30 days of monitoring first
    assert not Charge.objects.exists()


def test_who_steps_from_an_old_position_looks_again(northside: Client, order: Order) -> None:
    sign(
        Agreement(client=northside, plan="service-agreement", included_seconds=3600, starts=date(2005, 4, 1)),
        by=None, at=APRIL - timedelta(days=9),
    )  # fmt: skip
    _work(order, APRIL, minutes=120)
    playing = rating.play(northside, MAY)
    next(playing)  # the fee of April is closed; meanwhile somebody else plays on

    rating.bring(northside, MAY)
    rest = list(playing)

    assert rest == []
    assert Closing.objects.count() == 2
    assert Rated.objects.count() == 1
    assert sum(draw.seconds for draw in Draw.objects.all()) == 3600


def test_who_steps_from_an_old_position_looks_again_in_a_transaction_of_others_too(
    northside: Client, order: Order
) -> None:
    _work(order, APRIL)

    with transaction.atomic():
        (playing,) = rating.play_all([northside], APRIL + timedelta(hours=1), None)
        rating.bring(northside, APRIL + timedelta(hours=1))  # another, in between
        assert list(playing) == []
        assert Rated.objects.count() == 1


def test_a_client_with_nothing_to_play_is_not_begun(northside: Client) -> None:
    assert rating.bring(northside, MAY) == []

    assert Standing.objects.get().opened_through is None
    assert load_position(northside).account.unbilled == ()


@pytest.mark.parametrize(("channel", "is_held"), [("phone", False), ("agreement", True)])
def test_only_the_clients_own_yes_lets_call_first_work_be_billed(
    northside: Client, channel: str, *, is_held: bool
) -> None:
    Agreement.objects.create(client=northside, plan="call-first", starts=date(2005, 4, 1))
    proposal = Proposal.objects.create(client=northside, title="Clean the server", minutes=60, made_at=APRIL)
    Answer.objects.create(proposal=proposal, verdict="agree", who="Nora", channel=channel, at=APRIL)
    _work(Order.objects.create(client=northside, proposal=proposal, title="Clean the server"), APRIL)

    rating.bring(northside, APRIL + timedelta(hours=1))

    assert Held.objects.exists() == is_held
    assert Charge.objects.exists() != is_held
