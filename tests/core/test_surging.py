"""Far more mails than usual, counted against a source's own past."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.surging import PAST, WINDOW, count

NOW = datetime(2026, 4, 14, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def day_of(days_ago: int, mails: int) -> list[datetime]:
    """So many mails, a minute apart, on a day."""
    return [NOW - days_ago * DAY - number * MINUTE for number in range(mails)]


def test_an_outbreak_is_ten_mails_from_a_source_that_sends_one_a_week() -> None:
    past = [moment for week in (7, 14, 21) for moment in day_of(week, 1)]

    nine, ten = (count(sorted(past + day_of(0, mails)), NOW, since=LONG_AGO) for mails in (9, 10))

    assert (nine.is_surge, ten.is_surge, ten.usual) == (False, True, 1)


def test_a_busy_source_must_send_three_times_its_busiest_day() -> None:
    past = day_of(3, 8) + day_of(10, 5)

    less, more = (count(sorted(past + day_of(0, mails)), NOW, since=LONG_AGO) for mails in (23, 24))

    assert (less.is_surge, more.is_surge, more.limit) == (False, True, 24)


def test_a_new_source_may_send_up_to_nineteen_while_it_is_set_up() -> None:
    new = NOW - 2 * DAY

    assert not count(sorted(day_of(0, 19)), NOW, since=new).is_surge
    assert count(sorted(day_of(0, 20)), NOW, since=new).is_surge


def test_it_is_over_when_less_than_half_is_left_of_what_began_it() -> None:
    came = sorted(day_of(0, 30))

    day_later = count(came, NOW + DAY, since=LONG_AGO)

    assert not count(came, NOW, since=LONG_AGO).is_over
    assert (day_later.latest, day_later.is_over) == (0, True)


@given(st.lists(st.integers(0, 60 * 24 * 40), max_size=80))
def test_no_source_surges_and_is_over_at_once_and_the_count_is_that_of_the_window(minutes: list[int]) -> None:
    came = sorted(NOW - minute * MINUTE for minute in minutes)

    counted = count(came, NOW, since=LONG_AGO)

    assert not (counted.is_surge and counted.is_over)
    assert counted.latest == sum(NOW - WINDOW < one <= NOW for one in came)
    past = [one for one in came if NOW - WINDOW - PAST <= one <= NOW - WINDOW]
    most = max((sum(one <= other < one + WINDOW for other in past) for one in past), default=0)
    assert counted.usual == most
