"""A baseline learns what is usual from the series alone: levels, hours of the day, restlessness."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.baseline import CALM, FEWEST_HOURS, Hour, Learning, detect, norm

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=5)
type Series = list[tuple[datetime, float]]


def office(days: int, noise: int = 3) -> Series:
    """A server that works from 8 to 18 on working days, and makes its backup at 2 in the night."""
    series = []
    for number in range(days * 288):
        at = MONDAY + number * STEP
        is_working = at.weekday() < 5 and 8 <= at.hour < 18
        level = 70 if at.hour == 2 else 40 if is_working else 5
        series.append((at, float(level + number % noise)))
    return series


def raised(series: Series, since: datetime, until: datetime, value: float) -> Series:
    """The same series, at `value` for a while."""
    return [(at, value if since <= at < until else usual) for at, usual in series]


def test_a_week_like_the_one_before_is_usual() -> None:
    assert list(detect(office(21))) == []


def test_nothing_is_unusual_before_two_days_are_known() -> None:
    # given a series that jumps about in its first two days
    restless = [(MONDAY + number * STEP, float(number * 7919 % 100)) for number in range(FEWEST_HOURS * 12)]

    # then nothing is said
    assert list(detect(restless)) == []


def test_a_figure_beyond_all_that_was_seen_opens_at_once_and_closes_after_a_calm_time() -> None:
    # given a quarter of an hour at 100 % where 72 % was the most
    since = MONDAY + timedelta(days=9, hours=12)
    series = raised(office(14), since, since + timedelta(minutes=15), 100.0)

    # when the series is run over
    (stray,) = detect(series)

    # then it opened with its first sample, and closed six hours after its last
    assert (stray.opened, stray.view, stray.value) == (since, "figure", 100.0)
    assert stray.closed == since + timedelta(minutes=10) + CALM
    assert (stray.expected.lowest, stray.expected.highest) == (5.0, 72.0)


def test_the_backups_load_is_unusual_on_a_sunday_afternoon() -> None:
    # given three weeks in which 70 % was usual at two in the night, and an afternoon of it on a Sunday
    since = MONDAY + timedelta(days=20, hours=14)
    series = raised(office(21), since, since + timedelta(hours=3), 70.0)

    # when the series is run over
    (stray,) = detect(series)

    # then it is seen within the hour, though the figure itself is one of every night
    assert stray.view == "daytime"
    assert since < stray.opened < since + timedelta(hours=1)


def test_a_new_level_that_stays_is_reported_once_and_learnt() -> None:
    # given a service that needs 90 % from one day on, for a month
    since = MONDAY + timedelta(days=14, hours=12)
    series = [(at, 90.0 + usual % 2 if at >= since else usual) for at, usual in office(42)]

    # when the series is run over
    strays = list(detect(series))

    # then it was told on that day, and never again
    assert [stray.opened for stray in strays] == [since]


def test_a_sample_out_of_order_changes_nothing() -> None:
    series = raised(office(14), MONDAY + timedelta(days=9), MONDAY + timedelta(days=9, hours=1), 100.0)
    shuffled = [*series[:3000], series[10], *series[3000:]]
    assert list(detect(shuffled)) == list(detect(series))


@given(st.lists(st.floats(-1e6, 1e6), min_size=FEWEST_HOURS, max_size=120), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_what_is_usual_does_not_depend_on_the_unit(values: list[float], factor: float, offset: float) -> None:
    # given the same hours in another unit
    hours = [Hour(MONDAY + number * timedelta(hours=1), v - 1, v, v + 1) for number, v in enumerate(values)]
    other = [Hour(hour.start, *(x * factor + offset for x in (hour.lowest, hour.mean, hour.highest))) for hour in hours]
    start = MONDAY + len(hours) * timedelta(hours=1)

    # when both are asked
    one, two = norm(hours, start), norm(other, start)

    # then the range is the same, in its unit
    assert one is not None
    assert two is not None
    assert two.figure.lowest == pytest.approx(one.figure.lowest * factor + offset)
    assert two.figure.highest == pytest.approx(one.figure.highest * factor + offset)
    assert two.figure.margin == pytest.approx(one.figure.margin * factor)


@given(
    st.lists(st.tuples(st.integers(0, 10 * 288 - 1), st.floats(-100, 1000)), max_size=20),
    st.integers(3 * 288, 10 * 288),
)
def test_each_sample_is_judged_by_those_before_it_alone(odd: list[tuple[int, float]], cut: int) -> None:
    # given a series with odd samples in it, and the same cut off
    series = office(10)
    for number, value in odd:
        series[number] = (series[number][0], value)
    known = series[:cut]

    # then what opened before the cut opened in both
    assert [stray.opened for stray in detect(known)] == [
        stray.opened for stray in detect(series) if stray.opened <= known[-1][0]
    ]


def test_what_is_remembered_is_bounded() -> None:
    # given half a year
    learning = Learning()
    for at, value in office(180):
        learning.take(at, value)

    # then four weeks of hours are kept, and an hour of samples
    assert len(learning.hours) == 28 * 24
    assert len(learning.recent) == 12


def test_the_command_prints_one_object_a_line(tmp_path: Path) -> None:
    # given a file with an hour of trouble
    since = MONDAY + timedelta(days=9, hours=12)
    file = tmp_path / "series.csv"
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["timestamp", "value"])
        rows = raised(office(14), since, since + timedelta(hours=1), 100.0)
        writer.writerows((at.replace(tzinfo=None), value) for at, value in rows)

    # when the command is given it
    said = StringIO()
    call_command("detect", str(file), stdout=said)

    # then it says when it opened and closed
    (told,) = [json.loads(line) for line in said.getvalue().splitlines()]
    assert told["opened"] == "2026-03-11 12:00:00"
    assert told["closed"] == "2026-03-11 18:55:00"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must name the columns"),
        ("time,figure\n", "must name the columns"),
        ("timestamp,value\nyesterday,1\n", "line 2 is not"),
        ("timestamp,value\n2026-03-02 00:00:00\n", "line 2 is not"),
        ("timestamp,value\n2026-03-02T00:00:00+00:00,1\n", "local time"),
        ("\xff\xfe\x00", "not a text file"),
    ],
)
def test_a_file_that_is_no_series_is_refused_with_the_line(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "series.csv"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(CommandError, match=problem):
        call_command("detect", str(file), stdout=StringIO())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("detect", str(tmp_path / "none.csv"), stdout=StringIO())
