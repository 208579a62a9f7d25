"""What is known of a machine, whatever the order in which its check-ins come."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.latest import Known, Sight, fullest, learn_all

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _sight(minute: int, **facts: object) -> Sight:
    return Sight(NOON + timedelta(minutes=minute), {"load.1": float(minute)}, {}, facts)


def test_an_older_check_in_adds_only_what_nothing_newer_has_told() -> None:
    known = learn_all(None, [_sight(10, os="new"), _sight(3, os="old", boot="then")])

    assert known.sight.samples == {"load.1": 10.0}
    assert known.fact("os") == "new"
    assert known.fact("boot") == "then"


def test_a_fact_that_is_not_told_again_is_as_it_was() -> None:
    known = learn_all(None, [_sight(1, os="debian"), _sight(2)])

    assert known.fact("os") == "debian"


def test_a_fact_whose_probe_fails_now_is_not_relied_on() -> None:
    failing = Sight(NOON + timedelta(minutes=2), probes={"updates": "error: apt-get: exit status 100"})

    known = learn_all(None, [_sight(1, updates={"pending": 3}), failing])

    assert known.fact("updates") is None


@given(st.permutations(list(range(8))))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    sights = [_sight(minute, **{f"fact {minute % 3}": minute}) for minute in range(8)]

    shuffled: Known = learn_all(None, [sights[index] for index in order])

    assert shuffled == learn_all(None, sights)


def test_the_fullest_disk_is_the_one_with_the_largest_share() -> None:
    disks = {"/": {"used_percent": 40.0}, "/b": {"used_percent": 90.0}, "/a": {"used_percent": 90.0}, "/odd": {}}

    assert fullest(disks) == ("/a", 90.0)
    assert fullest({}) == ("", None)
