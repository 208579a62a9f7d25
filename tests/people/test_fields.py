"""Days and moments as typed into forms, on the shop's calendar and clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from rounds.core.money import Refused
from rounds.people.fields import LocalDayField, LocalMomentField
from rounds.people.models import Shop
from rounds.people.shop import local_day, local_moment, told_twice

NEW_YORK = ZoneInfo("America/New_York")


def test_a_moment_is_read_on_the_shops_clock(shop: Shop) -> None:
    assert LocalMomentField().clean("2026-07-01T09:30") == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)
    assert LocalMomentField().clean("2026-01-01 09:30") == datetime(2026, 1, 1, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2026-03-08T02:00", "2026-03-08T02:30", "2026-03-08 2:59"])
def test_a_time_that_the_clock_skips_is_refused_with_the_next_one(shop: Shop, typed: str) -> None:
    with pytest.raises(ValidationError, match=r"does not exist on 2026-03-08.*the next is 03:00"):
        LocalMomentField().clean(typed)


def test_the_minutes_beside_the_gap_are_taken(shop: Shop) -> None:
    assert LocalMomentField().clean("2026-03-08T01:59") == datetime(2026, 3, 8, 6, 59, tzinfo=UTC)
    assert LocalMomentField().clean("2026-03-08T03:00") == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_of_a_time_that_comes_twice_the_first_is_taken_and_that_is_told(shop: Shop) -> None:
    moment = LocalMomentField().clean("2026-11-01T01:30")

    assert moment == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert told_twice(moment) == "01:30 comes twice on 2026-11-01, as the clock is put back; the first one is meant"
    assert told_twice(datetime(2026, 11, 1, 12, 0, tzinfo=UTC)) == ""


def test_a_gap_of_half_an_hour_and_a_skipped_day_are_found() -> None:
    with pytest.raises(Refused, match="the next is 02:30"):
        local_moment(date(2026, 10, 4), time(2, 10), ZoneInfo("Australia/Lord_Howe"))
    with pytest.raises(Refused, match="the next is 00:00 on 2011-12-31"):
        local_moment(date(2011, 12, 30), time(10), ZoneInfo("Pacific/Apia"))


def test_a_day_that_the_shops_zone_skipped_is_refused(shop: Shop) -> None:
    Shop.objects.update(time_zone="Pacific/Apia")

    with pytest.raises(ValidationError, match="there was no 2011-12-30 in Pacific/Apia"):
        LocalDayField().clean("2011-12-30")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-02-30", "the last day of that month is 2026-02-28"),
        ("2026-13-01", "there is no month 13"),
        ("0026-03-01", "the year 26 is out of range"),
        ("tomorrow", "write it like 2026-03-29"),
    ],
)
def test_a_day_that_does_not_exist_is_refused_with_the_correction(shop: Shop, typed: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        LocalDayField().clean(typed)
    with pytest.raises(ValidationError):
        LocalMomentField().clean(f"{typed}T10:00")


@pytest.mark.parametrize("typed", ["2026-03-01T24:00", "2026-03-01T10:60", "2026-03-01", "ten"])
def test_what_is_no_time_is_refused(shop: Shop, typed: str) -> None:
    with pytest.raises(ValidationError, match="write it like"):
        LocalMomentField().clean(typed)


def test_a_moment_is_shown_as_the_clock_showed_it(shop: Shop) -> None:
    field = LocalMomentField()

    shown = field.prepare_value(datetime(2026, 7, 1, 13, 30, tzinfo=UTC))

    assert field.widget.format_value(shown) == "2026-07-01T09:30"
    assert field.prepare_value("2026-99") == "2026-99"


def test_the_shops_day_begins_at_its_own_midnight(shop: Shop) -> None:
    assert local_day(datetime(2026, 7, 1, 3, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert local_day(datetime(2026, 7, 1, 4, 0, tzinfo=UTC)) == date(2026, 7, 1)
