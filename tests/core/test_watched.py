"""What a watch gave, held against limits: of the thing itself and of its parts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.detecting import Limit
from rounds.core.watched import Decided, Gave, Memories, as_json, examine, from_json, title
from rounds.core.watching import WATCH_RULES

NOON = datetime(2026, 4, 14, 12, tzinfo=UTC)
LIMITS: dict[str, Limit] = {name: rule.limit for name, rule in WATCH_RULES.items()}  # type: ignore[misc]


def after(*looks: tuple[bool | None, dict[str, float], dict[str, Any]]) -> list[Decided]:
    """All that is decided after looks a minute apart."""
    memories: Memories = {}
    decided: list[Decided] = []
    for minute, (is_ok, figures, facts) in enumerate(looks):
        gave = Gave(NOON + timedelta(minutes=minute), is_ok, "" if is_ok else "no answer", figures, facts)
        memories, new = examine(memories, gave, LIMITS)
        decided += new
    return decided


def words(decided: list[Decided]) -> list[str]:
    """The openings in words."""
    return [title(one.rule, "It", one.part, one.event.evidence) for one in decided if one.event.is_opening]


@pytest.mark.parametrize(
    ("figures", "facts", "said"),
    [
        ({"supply.percent@Black": 7.0}, {}, ["It: Black is at 7 %"]),
        ({"volume.used_percent@Volume 1": 93.2}, {}, ["It: Volume 1 is 93 % full"]),
        ({"part.failed@Disk 3": 1.0, "part.failed@Disk 4": 0.0}, {}, ["It: Disk 3 has failed"]),
        ({"interface.down@Gi1/0/24": 1.0}, {}, ["It: port Gi1/0/24 is down"]),
        ({"interface.errors@7": 80.0}, {}, ["It: 80 errors a minute on port 7"]),
        ({"battery.on": 1.0, "battery.percent": 30.0}, {}, ["It: runs on battery", "It: its battery is at 30 %"]),
        ({"milliseconds": 2500.0}, {}, ["It: answers slowly, in 2500 ms"]),
        ({"certificate.days": -0.5}, {}, ["It: its certificate has ended"]),
        ({"certificate.days": 0.5}, {}, ["It: its certificate ends today"]),
        ({"certificate.days": 1.5}, {}, ["It: its certificate ends in 1 day"]),
        ({"milliseconds": 3.0, "supply.percent@Black": 60.0, "unheard.of": 1.0}, {"alerts": []}, []),
    ],
)
def test_what_is_wrong_is_said_in_a_line(figures: dict[str, float], facts: dict[str, Any], said: list[str]) -> None:
    decided = after(*[(True, figures, facts)] * 5)

    assert sorted(words(decided)) == sorted(said)


def test_a_warning_that_lasts_for_an_hour_opens() -> None:
    decided = after(*[(True, {}, {"alerts": ["paper low"]})] * 61)

    assert words(decided) == ["It: warns: paper low"]


def test_a_part_that_is_told_of_no_longer_is_clear() -> None:
    gone: tuple[bool, dict[str, float], dict[str, Any]] = (True, {"supply.percent@New black": 100.0}, {})

    decided = after(*[(True, {"supply.percent@Black": 3.0}, {})] * 3, *[gone] * 3)

    assert [(one.part, one.event.is_opening) for one in decided] == [("Black", True), ("Black", False)]


def test_while_it_does_not_answer_its_parts_are_not_judged() -> None:
    decided = after(*[(True, {"supply.percent@Black": 3.0}, {})] * 3, *[(False, {}, {})] * 9)

    assert [(one.rule, one.event.is_opening) for one in decided] == [("supply-low", True), ("unanswered", True)]


def test_what_could_not_be_asked_decides_nothing() -> None:
    assert after(*[(None, {}, {})] * 99) == []


def test_a_rule_that_is_turned_off_closes_what_it_opened() -> None:
    memories: Memories = {}
    for minute in range(3):
        memories, _ = examine(memories, Gave(NOON + timedelta(minutes=minute), False, "no answer"), LIMITS)

    memories, decided = examine(memories, Gave(NOON + timedelta(minutes=9), False, "no answer"), {})

    assert [one.event.is_opening for one in decided] == [False]
    assert memories == {}


FIGURES = st.dictionaries(
    st.sampled_from(["milliseconds", "supply.percent@A", "supply.percent@B", "part.failed@C", "battery.on", "strange"]),
    st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, 1.0, 5.0, 50.0, 3000.0]),
)
LOOKS = st.lists(st.tuples(st.sampled_from([True, False, None]), FIGURES, st.just({"alerts": ["x"]})), max_size=30)


@given(LOOKS)
def test_openings_and_closings_of_each_rule_and_part_take_turns(looks: list[Any]) -> None:
    opened: set[tuple[str, str]] = set()
    for one in after(*looks):
        key = (one.rule, one.part)
        assert one.event.is_opening == (key not in opened)
        opened ^= {key}


@given(LOOKS)
def test_what_is_remembered_survives_being_kept(looks: list[Any]) -> None:
    memories: Memories = {}
    for minute, (is_ok, figures, facts) in enumerate(looks):
        memories, _ = examine(memories, Gave(NOON + timedelta(minutes=minute), is_ok, "", figures, facts), LIMITS)

    assert from_json(as_json(memories)) == memories
