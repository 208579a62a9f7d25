"""Mails that are to come by an hour: when one is missing, when it is not, and which habit mails have."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.expecting import WORKDAYS, Expected, learn, missing, next_due
from rounds.core.money import Refused

NEW_YORK = ZoneInfo("America/New_York")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def local(day: int, hour: int, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK)


def lacks(expected: Expected, came: list[datetime], now: datetime, since: datetime = LONG_AGO) -> int:
    """The day of which the mail is missing; 0: none is."""
    found = missing(expected, came, since=since, now=now, zone=NEW_YORK)
    return found.day.day if found else 0


# A backup that reports every night: its mail is to be there by 7:00 and may be half an hour late. 14 April: Tuesday.
NIGHTLY = Expected()


@pytest.mark.parametrize(
    ("came", "now", "day"),
    [
        ([], local(14, 7, 30), 13),  # today's may still come
        ([], local(14, 7, 31), 14),
        ([local(14, 2)], local(14, 7, 31), 0),
        ([local(13, 17, 30)], local(14, 7, 31), 0),  # from 14 hours before on
        ([local(13, 16, 30)], local(14, 7, 31), 14),  # that was yesterday's
        ([local(14, 9)], local(14, 12), 0),  # late, but here
        ([local(14, 9)], local(15, 7, 31), 15),  # and yesterday's late one is not today's
        ([local(14, 9)], local(14, 8), 14),  # it is not nine yet
    ],
)
def test_a_nightly_mail_is_missing_or_has_come(came: list[datetime], now: datetime, day: int) -> None:
    assert lacks(NIGHTLY, came, now) == day


def test_on_days_on_which_none_is_to_come_none_is_missing() -> None:
    workdays = Expected(weekdays=WORKDAYS)
    friday = [local(17, 6)]

    assert [lacks(workdays, friday, local(day, 8)) for day in (18, 19, 20)] == [0, 0, 20]


def test_a_monthly_mail_comes_on_its_day_or_the_last_of_a_short_month() -> None:
    monthly = Expected(month_day=31, hours_before=48)

    assert lacks(monthly, [], local(30, 8)) == 30
    assert lacks(monthly, [local(29, 20)], local(30, 8)) == 0
    assert lacks(monthly, [local(29, 20)], local(31, 8, month=5)) == 31


def test_what_was_due_before_it_was_expected_is_not_missing() -> None:
    assert lacks(NIGHTLY, [], local(14, 8), since=local(14, 7, 30)) == 0
    assert lacks(NIGHTLY, [], local(15, 8), since=local(14, 7, 30)) == 15


def test_the_hour_is_the_clocks_also_when_it_is_changed() -> None:
    # On 8 March 2026 the clock went forward at 2:00: 7:00 is an hour earlier than the day before.
    for day in (7, 8, 9):
        assert lacks(NIGHTLY, [], local(day, 7, 29, month=3)) == day - 1
        assert lacks(NIGHTLY, [], local(day, 7, 31, month=3)) == day
    skipped = Expected(by_minute=2 * 60 + 30, grace_minutes=0)
    assert lacks(skipped, [], local(8, 12, month=3)) == 8


def test_the_next_hour_is_told() -> None:
    assert next_due(Expected(weekdays=WORKDAYS), now=local(17, 8), zone=NEW_YORK) == local(20, 7)


@pytest.mark.parametrize(
    "wrong",
    [{"weekdays": "-------"}, {"weekdays": "M"}, {"month_day": 32}, {"by_minute": 1440}, {"hours_before": 0},
     {"grace_minutes": 9999}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: dict[str, int | str]) -> None:
    with pytest.raises(Refused):
        Expected(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (Expected(), "every day by 07:00"),
        (Expected(weekdays=WORKDAYS, by_minute=630), "Mon to Fri by 10:30"),
        (Expected(weekdays="M-W----"), "Mon, Wed by 07:00"),
        (Expected(weekdays="M-WT-SS"), "Mon, Wed, Thu, Sat, Sun by 07:00"),
        (Expected(month_day=31), "on the last day of each month by 07:00"),
        (Expected(month_day=3), "on day 3 of each month by 07:00"),
    ],
)
def test_it_is_said_in_words(expected: Expected, words: str) -> None:
    assert str(expected) == words


def test_a_habit_is_learned_with_its_days_and_hour() -> None:
    nightly = learn([local(day, 2, day % 20) for day in range(1, 29)], zone=NEW_YORK)
    workdays = learn([local(day, 6, 40) for day in range(1, 29) if local(day, 1).weekday() < 5], zone=NEW_YORK)
    monthly = learn([local(3, 5, month=month) for month in range(1, 11)], zone=NEW_YORK)

    assert (str(nightly), str(workdays), str(monthly)) == (
        "every day by 03:30", "Mon to Fri by 07:30", "on day 3 of each month by 06:00",
    )  # fmt: skip


def test_without_a_habit_none_is_learned() -> None:
    assert learn([local(day, 2) for day in range(1, 5)], zone=NEW_YORK) is None
    assert learn([local(day, day * 7 % 24) for day in range(1, 29)], zone=NEW_YORK) is None


moments = st.lists(st.integers(0, 60 * 24 * 60), max_size=60).map(
    lambda minutes: sorted(local(1, 0, month=2) + timedelta(minutes=one) for one in minutes)
)


@given(moments, st.integers(0, 60 * 24 * 60))
def test_one_more_mail_never_makes_one_missing(came: list[datetime], now: int) -> None:
    at = local(1, 0, month=2) + timedelta(minutes=now)

    if not lacks(NIGHTLY, came, at):
        assert not lacks(NIGHTLY, [*came, at], at)
    assert not lacks(NIGHTLY, [*came, at], at) or lacks(NIGHTLY, came, at)


@given(moments)
def test_whatever_has_come_a_habit_is_one_that_can_be_expected(came: list[datetime]) -> None:
    habit = learn(came, zone=NEW_YORK)

    assert habit is None or next_due(habit, now=came[-1], zone=NEW_YORK) is not None
