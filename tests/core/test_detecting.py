"""When findings open and close, as a technician would tell it: figures in a row, and what becomes of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.detecting import Event, Level, Memory, Sample, Wait, observe
from rounds.core.examining import Chart, Decided, examine
from rounds.core.forecasting import Span, forecast, in_words
from rounds.core.latest import Sight
from rounds.core.listening import Heard, is_deaf, silent
from rounds.core.money import Refused
from rounds.core.watching import LIMITS, RULES, Grace, as_values, changed, title

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DISK = Level(open_at=90, clear_at=85, times=3, of=5)


def told(figures: str, level: Level = DISK) -> str:
    """One figure a minute; the answer has O where a finding opens, C where it closes, a dot where nothing happens."""
    memory, answer = Memory(), ""
    for number, figure in enumerate(figures.split()):
        value = None if figure == "gone" else float(figure)
        memory, event = observe(memory, Sample(NOON + number * MINUTE, value), level)
        memory = Memory.from_json(memory.as_json())
        answer += "." if event is None else "O" if event.is_opening else "C"
    return answer


@pytest.mark.parametrize(
    ("figures", "answer"),
    [
        ("91 91 91 91 91", "..O.."),  # three of five are enough, and it opens once
        ("91 91 84 91 91", "...O."),  # one good figure between does not start it anew
        ("91 84 84 91 84 84", "......"),  # two of five are not
        ("91 91 91 88 88 88 88 88", "..O....."),  # between the levels nothing closes
        ("91 91 91 84 84 84", "..O..C"),  # three of five under the clear level close it
        ("91 91 91 84 91 84 91 84", "..O....C"),  # and it was open all the time
        ("95 95 95 gone gone gone", "..O..C"),  # a disk that is gone is not full
        ("89.9 89.9 89.9 89.9", "...."),
    ],
)
def test_a_level_opens_and_closes(figures: str, answer: str) -> None:
    assert told(figures) == answer


def test_a_level_below_which_it_is_bad() -> None:
    days_left = Level(open_at=14, clear_at=21)

    assert told("30 15 14 18 21 22", days_left) == "..O..C"


def test_a_pause_starts_the_counting_anew() -> None:
    memory = Memory()
    for minute in (0, 1, 62, 63):  # an hour of silence between the second and the third
        memory, event = observe(memory, Sample(NOON + minute * MINUTE, 99.0), DISK)
        assert event is None

    memory, event = observe(memory, Sample(NOON + 64 * MINUTE, 99.0), DISK)

    assert event is not None
    assert event.is_opening


def test_what_was_measured_before_the_last_sample_changes_nothing() -> None:
    memory, _ = observe(Memory(), Sample(NOON, 99.0), Level(open_at=90, clear_at=85))

    late, event = observe(memory, Sample(NOON - MINUTE, 10.0), Level(open_at=90, clear_at=85))

    assert late == memory
    assert event is None


def test_the_evidence_says_what_was_measured_and_against_what() -> None:
    _, event = observe(Memory(), Sample(NOON, 93.0, {"free_bytes": 7}), Level(open_at=90, clear_at=85))

    assert event == Event(NOON, True, {"value": 93.0, "limit": 90, "times": 1, "of": 1, "free_bytes": 7})


def test_updates_are_late_by_the_oldest_one_and_well_when_none_is_late() -> None:
    wait, memory, said = Wait(longest=30 * DAY), Memory(), []
    pending = {
        0: ("openssl",),
        20: ("openssl", "nginx"),
        29: ("openssl", "nginx"),
        30: ("openssl", "nginx"),
        31: ("nginx",),
    }
    for day, names in pending.items():
        memory, event = observe(memory, Sample(NOON + day * DAY, names), wait)
        said.append(event and (event.is_opening, event.evidence.get("names")))

    assert said == [None, None, None, (True, ["openssl"]), (False, None)]


def test_a_restart_that_has_been_done_is_forgotten() -> None:
    wait, memory = Wait(longest=DAY), Memory()
    for hours, names in ((0, ("restart",)), (12, ()), (13, ("restart",)), (36, ("restart",))):
        memory, event = observe(memory, Sample(NOON + timedelta(hours=hours), names), wait)
        assert event is None

    _, event = observe(memory, Sample(NOON + timedelta(hours=37), ("restart",)), wait)

    assert event is not None
    assert event.evidence["since"] == (NOON + timedelta(hours=13)).isoformat()


@pytest.mark.parametrize(("times", "of"), [(0, 1), (3, 2), (1, 241)])
def test_a_level_that_could_never_be_told_is_refused(times: int, of: int) -> None:
    with pytest.raises(Refused, match="samples"):
        Level(open_at=90, clear_at=85, times=times, of=of)


levels = st.builds(
    lambda open_at, clear_at, of, share: Level(
        open_at=open_at, clear_at=clear_at, times=max(1, of * share // 10), of=of
    ),
    st.integers(0, 100), st.integers(0, 100), st.integers(1, 10), st.integers(1, 10),
)  # fmt: skip
samples = st.lists(st.tuples(st.integers(0, 500), st.one_of(st.none(), st.floats(-10, 200))), max_size=60)


@given(levels, samples)
def test_openings_and_closings_take_turns_and_a_replay_changes_nothing(
    level: Level, measured: Sequence[tuple[int, float | None]]
) -> None:
    memory, events = Memory(), []
    for minute, value in measured:
        sample = Sample(NOON + minute * MINUTE, value)
        memory, event = observe(memory, sample, level)
        events += [event] if event else []
        assert observe(memory, sample, level) == (memory, None)  # the same sample again

    turns = [event.is_opening for event in events]
    assert turns == [number % 2 == 0 for number in range(len(turns))]
    assert memory.is_open == (len(turns) % 2 == 1)


def test_a_disk_that_fills_evenly_is_told_as_a_span() -> None:
    grows = {date(2026, 1, 1) + number * DAY: 60 + 2.0 * number + (number % 3) * 0.4 for number in range(14)}

    span = forecast(grows)

    assert span is not None
    assert in_words(span) == "in 6–7 days"


@pytest.mark.parametrize(
    "maxima",
    [
        [70.0] * 30,  # still
        [70, 75, 70, 76, 71, 75, 70, 74, 71, 76, 70, 75],  # a nightly backup comes and goes
        [70] * 10 + [85] * 10,  # one large file, once
        [50, 55, 60, 65, 70, 75],  # six days are too few
        [90, 88, 86, 84, 82, 80, 78, 76],  # it empties
    ],
)
def test_no_forecast_where_growth_is_not_sure(maxima: Sequence[float]) -> None:
    days = {date(2026, 1, 1) + number * DAY: value for number, value in enumerate(maxima)}

    assert forecast(days) is None


def test_one_clean_up_does_not_hide_that_a_disk_fills() -> None:
    days = {date(2026, 1, 1) + number * DAY: 50 + 1.5 * number - (20 if number == 9 else 0) for number in range(20)}

    span = forecast(days)

    assert span is not None
    assert span.earliest <= (100 - 50 - 1.5 * 19) / 1.5 <= span.latest


@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 4, 1)), st.floats(0, 100), max_size=70))
def test_a_forecast_is_a_span_whatever_was_measured(maxima: dict[date, float]) -> None:
    span = forecast(maxima)

    assert span is None or 0 <= span.earliest <= span.latest
    assert in_words(span or Span(0.2, 3650.0))


def sight(minute: int, used: float = 50.0, **more: object) -> Sight:
    facts = {"hardware": {"cores": 2}} | dict(more)
    samples = {"memory.used_percent": 40.0, "load.5": 0.2}
    return Sight(NOON + minute * MINUTE, samples, {"/var": {"used_percent": used, "inodes_percent": 3.0}}, facts)


def replayed(sights: Sequence[Sight]) -> tuple[Chart, list[Decided]]:
    chart, decided = Chart(), []
    for one in sights:
        chart, more = examine(chart, one, LIMITS)
        decided += more
    return chart, decided


def test_a_machine_is_examined_disk_by_disk() -> None:
    _, decided = replayed([sight(0, 93), sight(1, 93), sight(2, 93)])

    assert [(one.rule, one.subject, one.event.is_opening) for one in decided] == [("disk-full", "/var", True)]
    assert title("disk-full", "/var", decided[0].event.evidence) == "/var is 93 % full"


def test_load_is_told_by_processor_and_only_when_it_lasts() -> None:
    busy = [Sight(NOON + minute * MINUTE, {"load.5": 4.2}, {}, {"hardware": {"cores": 2}}) for minute in range(25)]

    assert replayed(busy[:24])[1] == []
    _, decided = replayed(busy)
    assert [one.rule for one in decided] == ["load-high"]
    assert decided[0].event.evidence["processors"] == 2


def test_load_means_nothing_as_long_as_the_processors_are_not_known() -> None:
    assert replayed([Sight(NOON + minute * MINUTE, {"load.5": 90.0}) for minute in range(40)])[1] == []


def test_what_is_not_measured_neither_opens_nor_closes() -> None:
    full = [sight(minute, 95) for minute in range(3)]
    silent_about_disks = [
        Sight(NOON + minute * MINUTE, {}, {}, {}, {"disks": "error: timed out"}) for minute in range(3, 30)
    ]

    chart, decided = replayed([*full, *silent_about_disks])

    assert [one.event.is_opening for one in decided] == [True]
    assert chart.memories["disk-full", "/var"].is_open


def test_a_disk_that_is_taken_away_closes_its_finding_and_is_forgotten() -> None:
    full = [sight(minute, 95) for minute in range(3)]
    others = [Sight(NOON + minute * MINUTE, {}, {"/": {"used_percent": 10.0}}) for minute in range(3, 8)]

    chart, decided = replayed([*full, *others])

    assert [one.event.is_opening for one in decided] == [True, False]
    assert decided[1].event.evidence["why"] == "/var is no longer there"
    assert not chart.memories["disk-full", "/var"].is_open


def test_a_rule_that_is_turned_off_closes_what_it_had_opened() -> None:
    chart, _ = replayed([sight(minute, 95) for minute in range(3)])

    chart, decided = examine(
        chart, sight(3, 95), {name: limit for name, limit in LIMITS.items() if name != "disk-full"}
    )

    assert [(one.rule, one.event.is_opening) for one in decided] == [("disk-full", False)]
    assert ("disk-full", "/var") not in chart.memories


def test_a_filling_disk_is_told_on_the_first_check_in_of_a_day() -> None:
    a_day = 24 * 60
    days = [sight(day * a_day + hour * 60, 50 + 3.0 * day) for day in range(9) for hour in (0, 12)]

    chart, decided = replayed(days)

    # Seven days are known at the midnight after: 68 % at the last noon, three more each day.
    assert [(one.rule, one.event.at) for one in decided] == [("disk-filling", NOON + 6.5 * DAY)]
    assert title("disk-filling", "/var", decided[0].event.evidence) == "/var is full in 10–11 days"
    assert len(chart.maxima["/var"]) == 10


scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3), st.floats(allow_nan=True))
facts = st.dictionaries(
    st.sampled_from(["updates", "reboot", "hardware"]),
    st.one_of(
        scalars,
        st.dictionaries(
            st.sampled_from(["pending", "security", "names", "needed", "why", "cores"]),
            st.one_of(scalars, st.lists(scalars, max_size=2)),
        ),
    ),
)
figures = st.dictionaries(st.sampled_from(["used_percent", "inodes_percent", "free_bytes"]), st.floats(allow_nan=True))
sights = st.builds(
    Sight,
    st.integers(0, 60 * 24 * 7).map(lambda minutes: NOON + minutes * MINUTE),
    st.dictionaries(st.sampled_from(["memory.used_percent", "load.5", "x"]), st.floats(allow_nan=True)),
    st.dictionaries(st.sampled_from(["/", "/var", "C:"]), figures),
    facts,
)


@given(st.lists(sights, max_size=12))
def test_whatever_a_machine_tells_there_is_one_open_finding_of_a_cause_and_a_replay_adds_none(
    told_by: list[Sight],
) -> None:
    chart, decided = replayed(told_by)

    open_now: set[tuple[str, str]] = set()
    for one in decided:
        assert ((one.rule, one.subject) in open_now) != one.event.is_opening
        open_now ^= {(one.rule, one.subject)}
        assert not one.event.is_opening or title(one.rule, one.subject, one.event.evidence)
    assert {key for key, memory in chart.memories.items() if memory.is_open} == open_now
    assert [examine(chart, one, LIMITS)[1] for one in told_by] == [[] for _ in told_by]


def heard(site: int, minutes_ago: float, grace: timedelta = 10 * MINUTE) -> Heard:
    return Heard(site, NOON - minutes_ago * MINUTE, grace)


def test_a_server_is_silent_after_its_grace_and_a_workstation_much_later() -> None:
    grace = RULES["silent"].limit
    assert isinstance(grace, Grace)
    machines = {1: heard(1, 10.5, grace.of("server")), 2: heard(1, 700, grace.of("workstation")), 3: heard(2, 0.5)}

    assert silent(machines, NOON, listening_since=NOON - DAY) == {1}
    assert not is_deaf(machines, NOON)


def test_when_two_sites_fall_silent_together_the_ear_is_deaf() -> None:
    machines = {1: heard(1, 12), 2: heard(2, 11.5), 3: heard(3, 4000, 3 * DAY)}

    assert is_deaf(machines, NOON)


def test_one_site_that_falls_silent_is_that_site() -> None:
    machines = {1: heard(1, 12), 2: heard(1, 11.5), 3: heard(2, 400)}

    assert not is_deaf(machines, NOON)


def test_after_we_were_deaf_every_machine_gets_its_grace_again() -> None:
    machines = {1: heard(1, 300), 2: heard(2, 0.2)}

    assert silent(machines, NOON, listening_since=NOON - 9 * MINUTE) == set()
    assert silent(machines, NOON, listening_since=NOON - 10 * MINUTE) == {1}


def test_a_shop_changes_a_limit_in_numbers() -> None:
    assert as_values(RULES["disk-full"].limit) == {"open_at": 90, "clear_at": 85, "times": 3, "of": 5}
    assert changed("disk-full", {"open_at": 95, "clear_at": 90}) == Level(open_at=95, clear_at=90, times=3, of=5)
    assert changed("updates-late", {"longest": 14}) == Wait(longest=14 * DAY)
    with pytest.raises(Refused, match="2 minutes"):
        changed("silent", {"server": 1})
    with pytest.raises(Refused, match="has no “longest”"):
        changed("disk-full", {"longest": 3})
