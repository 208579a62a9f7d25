"""A machine that slept: to the agent, both of its clocks jump by hours between two check-ins."""

import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from rounds_agent.clock import Clock, write_moment
from rounds_agent.home import make_home, write_json
from rounds_agent.probes.changes import stamp
from rounds_agent.probes.traffic import Traffic
from tests.agent.shop import StandIn, stand_in_shop
from tests.agent.test_running import running

HOURS = 8 * 3600.0


class Sleeper:
    """The clocks of a machine, which go on by what is said while it sleeps; a steady one may stand still meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.slept, self.slept_steadily = 0.0, 0.0
        wall, steady, boottime = time.time, time.monotonic, time.clock_gettime
        monkeypatch.setattr(time, "time", lambda: wall() + self.slept)
        monkeypatch.setattr(time, "monotonic", lambda: steady() + self.slept_steadily)
        monkeypatch.setattr(time, "clock_gettime", lambda which: boottime(which) + self.slept)

    def sleep(self, seconds: float, *, is_counted: bool) -> None:
        """Sleep; `is_counted`: the steady clock goes on, as on Windows; on Linux it stands still."""
        self.slept += seconds
        self.slept_steadily += seconds if is_counted else 0.0


@pytest.fixture
def sleeper(monkeypatch: pytest.MonkeyPatch) -> Sleeper:
    return Sleeper(monkeypatch)


@pytest.fixture
def shop() -> Iterator[StandIn]:
    with stand_in_shop() as shop:
        yield shop


def test_stopped_for_many_check_ins_it_sends_one_and_goes_on_as_before(tmp_path: Path, shop: StandIn) -> None:
    make_home(tmp_path)
    write_json(tmp_path / "config.json", {"server": shop.address, "secret": "s", "instance": "i"})
    write_json(tmp_path / "slow.json", {"stamp": stamp(), "told": {}})

    with running(tmp_path, every="0.4") as agent:
        shop.wait_for(lambda seen: len(seen) >= 3)
        agent.send_signal(signal.SIGSTOP)  # as a machine that sleeps: nothing runs, and its clocks go on
        time.sleep(4)  # ten check-ins long
        before = len(shop.check_ins)
        agent.send_signal(signal.SIGCONT)
        time.sleep(1.5)
        after = len(shop.check_ins) - before

    assert 2 <= after <= 6, "one at once and then one each 0.4 s, and none for the time that was slept through"
    numbers = [one["number"] for one in shop.check_ins]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    moments = [datetime.fromisoformat(one["taken_at"]) for one in sorted(shop.check_ins, key=lambda one: one["number"])]
    assert moments == sorted(moments)
    assert abs(moments[-1].timestamp() - time.time()) < 3


@pytest.mark.parametrize("is_counted", [True, False])
def test_traffic_is_not_reckoned_over_the_time_that_was_slept_through(sleeper: Sleeper, *, is_counted: bool) -> None:
    traffic = Traffic()
    traffic.measure()
    time.sleep(0.05)
    sleeper.sleep(HOURS, is_counted=is_counted)

    over = traffic.measure()["samples"]
    time.sleep(0.05)
    after = traffic.measure()["samples"]

    assert isinstance(over, dict)
    assert isinstance(after, dict)
    assert not over, "what was moved in eight hours is no figure of now, neither as a peak nor as a mean"
    assert after, "from the next check-in on it is measured again"


def test_the_moments_are_right_after_a_sleep_also_where_the_machines_clock_is_not(sleeper: Sleeper) -> None:
    right, wrong = Clock(), Clock()
    right.hear(write_moment(time.time()))
    wrong.hear(write_moment(time.time() + 90_000))  # a day and an hour behind the server's

    sleeper.sleep(HOURS, is_counted=False)

    assert right.now() == pytest.approx(time.time(), abs=1)
    assert wrong.now() == pytest.approx(time.time() + 90_000, abs=1)
