"""A run of check-ins is looked at as one by one: the same is remembered, and the same opens and closes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.detecting import Level
from rounds.core.examining import Chart, Decided, examine
from rounds.core.latest import Sight
from rounds.core.runs import examine_run
from rounds.core.watching import LIMITS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHARES = st.one_of(st.floats(0, 100), st.sampled_from([84.0, 86.0, 91.0, 95.0, float("nan"), float("inf"), 1e19]))
FIGURES = st.fixed_dictionaries({}, optional={"used_percent": SHARES, "inodes_percent": SHARES, "free_bytes": SHARES})
FACTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {},
        {},
        {},
        {"hardware": {"cores": 2}},
        {"updates": {"pending": 1, "security": 1}},
        {"reboot": {"needed": True}},
        {"expected": {"service a": True}},
        {"expected": {"service a": False}},
        {"smart": {"disks": [{"device": "/dev/sda", "passed": False}]}},
    ]
)
CALM = st.fixed_dictionaries({"memory.used_percent": st.floats(0, 80), "load.5": st.floats(0, 1)})
SAMPLES = st.fixed_dictionaries({}, optional={"memory.used_percent": SHARES, "load.5": st.floats(0, 30)})
MINUTES = st.one_of(st.just(1), st.just(1), st.integers(-3, 90), st.sampled_from([0, 700, 1440, 20_000]))


@st.composite
def runs(draw: st.DrawFn, *, calm: bool = False) -> list[Sight]:
    at, sights = NOON, []
    places = draw(st.sets(st.sampled_from(["/", "/srv", "/var"]), max_size=3))
    for _ in range(draw(st.integers(1, 25))):
        at += timedelta(minutes=1 if calm else draw(MINUTES))
        if calm:
            disks = {place: {"used_percent": draw(st.floats(0, 84)), "inodes_percent": 3.0} for place in places}
            sights.append(Sight(at, draw(CALM), disks, {}))
        else:
            disks = {place: draw(FIGURES) for place in places if draw(st.integers(0, 9))}
            sights.append(Sight(at, draw(SAMPLES), disks, draw(FACTS)))
    return sights


def one_by_one(chart: Chart, sights: list[Sight]) -> tuple[Chart, list[Decided]]:
    told: list[Decided] = []
    for sight in sights:
        chart, decided = examine(chart, sight, LIMITS)
        told += decided
    return chart, told


@given(st.lists(st.one_of(runs(), runs(calm=True)), max_size=4))
def test_a_run_leaves_and_tells_the_same_as_its_check_ins_one_by_one(portions: list[list[Sight]]) -> None:
    at_once, singly = Chart(), Chart()
    for sights in portions:
        at_once, told = examine_run(at_once, sights, LIMITS)
        singly, told_singly = one_by_one(singly, sights)

        assert repr(told) == repr(told_singly)  # as text, in which a figure that is none equals itself
        assert at_once == singly


def test_a_limit_for_low_figures_is_held_against_the_lowest() -> None:
    low = {"memory-short": Level(open_at=10, clear_at=20)}
    sights = [Sight(NOON + timedelta(minutes=n), {"memory.used_percent": 50.0 - n}, {"/": {"used_percent": 1.0}})
              for n in range(45)]  # fmt: skip
    chart, _ = examine_run(Chart(), sights[:1], low)

    _, told = examine_run(chart, sights[1:], low)

    assert [(one.event.at, one.event.is_opening) for one in told] == [(NOON + timedelta(minutes=40), True)]


def test_a_limit_that_was_taken_away_closes_what_is_open_in_a_run_too() -> None:
    sights = [Sight(NOON + timedelta(minutes=n), {}, {"/": {"used_percent": 99.0}}) for n in range(6)]
    chart, opened = examine_run(Chart(), sights[:5], LIMITS)

    _, told = examine_run(chart, sights[5:], {})

    assert [one.event.is_opening for one in opened + told] == [True, False]
