"""After hours by the clock: stints over closing time, midnight, holidays, and nights on which clocks are changed."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.calendars import Calendar, after_hours, later, read_week, show_week
from rounds.core.money import Refused
from rounds.core.rating import billable_seconds, rate_work
from rounds.core.terms import Shop
from tests.core.accounts import account, agreement, work

WEEK = read_week("Mon-Fri 08:00-18:00, Sat 09:00-12:00")
CHICAGO = ZoneInfo("America/Chicago")
SHOP = Shop(hourly_rate=10_000, week=WEEK, days_off=frozenset({date(2005, 7, 4)}))
assert WEEK is not None
OPEN = Calendar(WEEK, SHOP.days_off)


def _late(started: datetime, minutes: int, calendar: Calendar = OPEN) -> int:
    return sum(span.minutes for span in after_hours(calendar, started, minutes))


def _at(text: str, zone: ZoneInfo | None = None) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("started", "minutes", "late"),
    [
        ("2005-04-05 09:00", 60, 0),
        ("2005-04-05 17:00", 60, 0),  # ends as the shop closes
        ("2005-04-05 17:30", 70, 40),
        ("2005-04-05 07:50", 30, 10),
        ("2005-04-05 18:00", 60, 60),
        ("2005-04-05 07:00", 12 * 60, 2 * 60),  # an hour before opening, one after closing
        ("2005-04-09 11:30", 60, 30),  # Saturday
        ("2005-04-10 10:00", 60, 60),  # Sunday
        ("2005-04-08 23:30", 60, 60),  # Friday into Saturday
        ("2005-07-03 23:00", 120, 120),  # Sunday into a holiday
        ("2005-07-04 09:00", 60, 60),  # a Monday, but a holiday
        ("2005-07-04 23:00", 10 * 60, 9 * 60),  # from the holiday into Tuesday, open from eight
    ],
)
def test_minutes_outside_of_business_hours_are_after_hours(started: str, minutes: int, late: int) -> None:
    assert _late(_at(started), minutes) == late


def test_a_stint_over_the_night_on_which_the_clock_is_put_forward_has_its_real_minutes() -> None:
    """3 April 2005 in Chicago: 01:59 is followed by 03:00. Business hours until 03:00, to make the hour matter."""
    night = read_week("Sun 00:00-03:00")
    assert night is not None

    # 01:30 to 03:30 by the clock is one hour of work; its first half hour is within business hours.
    assert later(_at("2005-04-03 01:30", CHICAGO), 60) == _at("2005-04-03 03:30", CHICAGO)
    assert _late(_at("2005-04-03 01:30", CHICAGO), 60, Calendar(night)) == 30


def test_a_stint_over_the_night_on_which_the_clock_is_put_back_has_its_real_minutes() -> None:
    """30 October 2005 in Chicago: 01:00 to 01:59 comes twice; from 00:30 to 02:30 by the clock are three hours."""
    night = read_week("Sun 00:00-02:00")
    assert night is not None

    assert _late(_at("2005-10-30 00:30", CHICAGO), 180, Calendar(night)) == 30
    assert _late(_at("2005-10-30 01:30", CHICAGO).replace(fold=1), 60, Calendar(night)) == 30


def test_only_the_time_after_hours_is_multiplied_and_the_stint_stays_one() -> None:
    seconds, trace = billable_seconds(work(minutes=70, started=_at("2005-04-05 17:30")), SHOP, OPEN)

    assert seconds == (35 + 40 * Fraction(3, 2)) * 60
    assert trace == (
        "70 min",
        "rounded up to 75 min (by 15)",
        "18:00–18:40 is after hours (open 08:00–18:00)",
        "40 of 75 min after hours, × 1.5: 1.5833 h",
    )


def test_what_a_minimum_adds_to_work_that_was_all_after_hours_is_after_hours() -> None:
    shop = Shop(hourly_rate=10_000, minimum_remote_minutes=60, week=WEEK)

    assert billable_seconds(work(minutes=10, started=_at("2005-04-05 20:00")), shop, OPEN)[0] == 90 * 60
    assert billable_seconds(work(minutes=10, started=_at("2005-04-05 17:55")), shop, OPEN)[0] == (55 + 7.5) * 60


def test_the_moment_of_a_visit_without_time_decides_on_its_minimum() -> None:
    shop = Shop(hourly_rate=10_000, minimum_remote_minutes=60, week=WEEK)

    assert billable_seconds(work(minutes=0, started=_at("2005-04-05 20:00")), shop, OPEN)[0] == 90 * 60
    assert billable_seconds(work(minutes=0, started=_at("2005-04-05 12:00")), shop, OPEN)[0] == 60 * 60
    assert billable_seconds(work(minutes=0, started=_at("2005-04-05 20:00")), SHOP, OPEN)[0] == 0


def test_grace_is_taken_off_the_time_after_hours() -> None:
    shop = Shop(hourly_rate=10_000, grace_minutes=5, week=WEEK)

    assert billable_seconds(work(minutes=34, started=_at("2005-04-05 17:30")), shop, OPEN)[0] == 30 * 60


@pytest.mark.parametrize(("said", "seconds"), [(True, 5400), (False, 3600), (None, 5400)])
def test_what_the_technician_says_goes_before_the_clock(said: Any, seconds: int) -> None:
    on_sunday = work("2005-04-10", minutes=60, started=_at("2005-04-10 10:00"), is_after_hours=said)

    assert billable_seconds(on_sunday, SHOP, OPEN)[0] == seconds


def test_an_agreement_has_business_hours_of_its_own() -> None:
    always = agreement("reactive", week=read_week("Mon-Sun 00:00-24:00"), days_off=frozenset())
    on_sunday = work("2005-04-10", minutes=60, started=_at("2005-04-10 10:00"))

    assert rate_work(account(always, shop=SHOP), on_sunday).billable_seconds == 3600
    assert rate_work(account(shop=SHOP), on_sunday).billable_seconds == 5400


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("weekdays", "write it like Mon-Fri 08:00-18:00"),
        ("Mon-Fri 08:00-18:00, Wed 08:00-12:00", "Wed stands twice"),
        ("Fri-Mon 08:00-18:00", "runs past Sunday"),
        ("Mon 18:00-02:00", "closes before it opens"),
        ("Mon 08:00-25:00", "no time of day"),
        ("Mon-Xyz 08:00-18:00", "none of Mon"),
    ],
)
def test_business_hours_that_make_no_sense_are_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_week(text)


@pytest.mark.parametrize("text", ["Mon-Fri 08:00-18:00, Sat 09:00-12:00", "Tue 00:00-24:00", ""])
def test_business_hours_are_written_as_they_are_read(text: str) -> None:
    assert show_week(read_week(text)) == text


@given(
    start=st.integers(0, 365 * 24 * 60),
    minutes=st.integers(0, 24 * 60),
    zone=st.sampled_from([None, CHICAGO, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]),
)
def test_the_minutes_after_hours_are_those_whose_time_is_outside(
    start: int, minutes: int, zone: ZoneInfo | None
) -> None:
    began = later(datetime(2005, 1, 1, tzinfo=zone), start)

    assert _late(began, minutes) == sum(bool(OPEN.why_closed(later(began, n))) for n in range(minutes))


@given(start=st.integers(0, 10 * 24 * 60), first=st.integers(0, 600), second=st.integers(0, 600))
def test_splitting_a_stint_in_two_changes_no_minute(start: int, first: int, second: int) -> None:
    began = datetime(2005, 7, 1) + timedelta(minutes=start)  # noqa: DTZ001 - the shop's clock

    assert _late(began, first + second) == _late(began, first) + _late(later(began, first), second)
