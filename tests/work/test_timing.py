"""Timers and stints: one timer a person, whole minutes, nothing from the future."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.work.models import Order, Stint, Timer
from rounds.work.ordering import Call, order_for_call, take_order
from rounds.work.timing import (
    Worked,
    as_timed,
    discard,
    enter,
    is_forgotten,
    minutes_on,
    overlapping,
    start,
    stop,
    timer_of,
    whole_minutes,
)  # fmt: skip
from tests.work.conftest import AT

MINUTE = timedelta(minutes=1)


@pytest.fixture
def other(northside: Client, theo: User) -> Order:
    return take_order(Call(northside, "New mailbox"), by=theo, at=AT)


def test_a_timer_becomes_a_stint_of_whole_minutes(order: Order, theo: User) -> None:
    timer = start(order, who=theo, at=AT)

    stint = stop(timer, as_timed(timer, AT + timedelta(minutes=42, seconds=20)), at=AT + timedelta(minutes=43))

    assert (stint.order, stint.who, stint.minutes, stint.started_at) == (order, theo, 42, AT)
    assert timer_of(theo) is None


def test_even_a_moment_is_a_minute(order: Order, theo: User) -> None:
    timer = start(order, who=theo, at=AT)

    assert stop(timer, as_timed(timer, AT), at=AT).minutes == 1


def test_starting_twice_lets_it_run(order: Order, theo: User) -> None:
    first = start(order, who=theo, at=AT)

    again = start(order, who=theo, at=AT + MINUTE)

    assert (again, again.started_at) == (first, AT)


def test_starting_another_stops_the_first_into_a_stint(order: Order, other: Order, theo: User, olga: User) -> None:
    start(order, who=theo, at=AT)
    start(order, who=olga, at=AT)

    start(other, who=theo, at=AT + 25 * MINUTE)

    assert Stint.objects.values_list("order", "who", "minutes").get() == (order.pk, theo.pk, 25)
    assert {timer.order_id for timer in Timer.objects.all()} == {order.pk, other.pk}


def test_stopping_twice_keeps_one_stint(order: Order, theo: User) -> None:
    timer = start(order, who=theo, at=AT)
    worked = as_timed(timer, AT + MINUTE)
    stop(timer, worked, at=AT + MINUTE)

    with pytest.raises(Refused, match="stopped already"):
        stop(timer, worked, at=AT + MINUTE)

    assert Stint.objects.count() == 1


def test_a_stint_that_is_refused_leaves_the_timer_running(order: Order, theo: User) -> None:
    timer = start(order, who=theo, at=AT)

    with pytest.raises(Refused, match="in the future"):
        stop(timer, replace(as_timed(timer, AT), minutes=60), at=AT + MINUTE)

    assert timer_of(theo) == timer


def test_a_forgotten_timer_is_not_stopped_by_itself(order: Order, other: Order, theo: User) -> None:
    timer = start(order, who=theo, at=AT)
    tomorrow = AT + timedelta(hours=20)

    with pytest.raises(Refused, match="say first when that work ended"):
        start(other, who=theo, at=tomorrow)

    assert is_forgotten(timer, tomorrow)
    assert not is_forgotten(timer, AT + timedelta(hours=12))
    assert timer_of(theo) == timer


def test_discarding_records_nothing(order: Order, theo: User) -> None:
    timer = start(order, who=theo, at=AT)

    discard(timer, at=AT)
    discard(timer, at=AT)

    assert timer_of(theo) is None
    assert not Stint.objects.exists()


def test_time_can_be_entered_afterwards(order: Order, srv01: Machine, theo: User) -> None:
    Machine.objects.filter(pk=srv01.pk).update(is_protected=True)
    worked = Worked(AT - 90 * MINUTE, 80, "spyware", "onsite", is_after_hours=True, cause="user", note=" cleaned ")

    stint = enter(Order.objects.get(pk=order.pk), worked, who=theo, at=AT)

    kept = Stint.objects.get(pk=stint.pk)
    assert (kept.minutes, kept.category, kept.place, kept.cause) == (80, "spyware", "onsite", "user")
    assert (kept.is_after_hours, kept.is_no_charge, kept.is_protected, kept.note) == (True, False, True, "cleaned")
    assert kept.recorded_at == AT


def test_a_visit_without_time_is_kept_with_its_minutes(order: Order, theo: User) -> None:
    enter(order, Worked(AT, 0, place="onsite", note="nobody was there"), who=theo, at=AT)

    assert Stint.objects.get().minutes == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minutes": -1}, "no less than 0 minutes"),
        ({"minutes": 24 * 60 + 1}, "more than a day"),
        ({"started_at": AT + MINUTE}, "started in the future"),
        ({"minutes": 62}, "end in the future"),
        ({"category": " "}, "what kind of work"),
    ],
)
def test_what_is_wrong_with_a_stint_is_said(order: Order, theo: User, changes: dict[str, object], words: str) -> None:
    worked = replace(Worked(AT - 60 * MINUTE, 60), **changes)  # type: ignore[arg-type]

    with pytest.raises(Refused, match=words):
        enter(order, worked, who=theo, at=AT)

    assert not Stint.objects.exists()


def test_overlaps_are_found(order: Order, theo: User, olga: User) -> None:
    stint = enter(order, Worked(AT - 60 * MINUTE, 60), who=theo, at=AT)

    assert overlapping(theo, Worked(AT - MINUTE, 5)) == [stint]
    assert overlapping(theo, Worked(AT - 90 * MINUTE, 31)) == [stint]
    assert overlapping(theo, Worked(AT, 5)) == []
    assert overlapping(theo, Worked(AT - 90 * MINUTE, 30)) == []
    assert overlapping(olga, Worked(AT - MINUTE, 5)) == []


def test_the_day_is_the_shops(order: Order, theo: User) -> None:
    enter(order, Worked(AT - 15 * 60 * MINUTE, 60), who=theo, at=AT)  # 20:00 the evening before
    enter(order, Worked(AT - 60 * MINUTE, 35), who=theo, at=AT)

    assert minutes_on(theo, AT) == 35


def test_a_call_about_the_list_is_timed_on_one_order_and_costs_nothing(northside: Client, theo: User) -> None:
    call = order_for_call(northside, AT.date(), by=theo, at=AT)
    again = order_for_call(northside, AT.date() + timedelta(days=3), by=theo, at=AT + timedelta(days=3))
    timer = start(call, who=theo, at=AT)

    worked = as_timed(timer, AT + 12 * MINUTE)

    assert call == again
    assert worked.is_no_charge


def test_minutes_are_those_that_passed_not_those_that_the_hands_show() -> None:
    chicago = ZoneInfo("America/Chicago")
    forward, back = datetime(2026, 3, 8, 1, 30, tzinfo=chicago), datetime(2026, 11, 1, 0, 30, tzinfo=chicago)

    assert whole_minutes(forward, datetime(2026, 3, 8, 3, 30, tzinfo=chicago)) == 60
    assert whole_minutes(back, datetime(2026, 11, 1, 2, 30, tzinfo=chicago)) == 180
