"""What is remembered of machines is taken up again as it was, also what was kept in an older way of writing."""

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.clients.models import Machine
from rounds.core.detecting import Memory
from rounds.core.examining import Chart
from rounds.findings import remembering
from rounds.findings.models import MachineMemory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))]))
FIGURES = st.floats(-1e18, 1e18)
NAMES = st.text(max_size=12)
MEMORIES = st.builds(
    Memory, st.none() | MOMENTS, st.booleans(), st.text("bc-", max_size=9), st.dictionaries(NAMES, MOMENTS, max_size=3)
)
CHARTS = st.builds(
    Chart,
    st.dictionaries(st.tuples(NAMES, NAMES), MEMORIES, max_size=4),
    st.none() | st.integers(1, 100_000),
    st.dictionaries(NAMES, st.dictionaries(st.dates(), FIGURES, max_size=3), max_size=3),
)


@given(CHARTS)
def test_a_chart_comes_back_as_it_was(chart: Chart) -> None:
    assert remembering.unpacked(msgspec.json.encode(remembering.packed(chart)).decode()) == chart


@pytest.mark.django_db
def test_charts_of_machines_are_kept_and_written_over(srv01: Machine) -> None:
    first = Chart({("disk-full", "/"): Memory(NOON, is_open=True, marks="b")}, 4, {"/": {date(2026, 3, 2): 93.5}})

    for chart in (first, Chart()):
        remembering.keep([(srv01.pk, chart)])
        assert remembering.charts_of([srv01.pk, srv01.pk + 1]) == {srv01.pk: chart}


@pytest.mark.django_db
def test_what_was_kept_by_an_older_version_is_read(srv01: Machine) -> None:
    memory = {
        "at": "2026-03-02T12:00:00+00:00",
        "open": False,
        "marks": "",
        "since": {"openssl": "2026-03-01T12:00:00.250+00:00"},
    }
    kept = {"cores": None, "rules": [["updates-late", "", memory]], "maxima": {"/": {"2026-03-02": 40}}}
    MachineMemory.objects.create(machine=srv01, chart=kept)

    chart = remembering.charts_of([srv01.pk])[srv01.pk]

    since = {"openssl": NOON - timedelta(days=1) + timedelta(milliseconds=250)}
    assert chart.memories == {("updates-late", ""): Memory(NOON, since=since)}
    assert chart.maxima == {"/": {date(2026, 3, 2): 40.0}}
