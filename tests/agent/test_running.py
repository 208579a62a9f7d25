"""The agent as it runs: real processes against a stand-in for the shop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rounds_agent.home import make_home, write_json
from rounds_agent.probes.changes import stamp
from rounds_agent.spool import Spool
from tests.agent.shop import StandIn, stand_in_shop


@pytest.fixture
def shop() -> Iterator[StandIn]:
    with stand_in_shop() as shop:
        yield shop


@pytest.fixture
def home(tmp_path: Path, shop: StandIn) -> Path:
    make_home(tmp_path)
    write_json(tmp_path / "config.json", {"server": shop.address, "secret": "s", "instance": "i"})
    write_json(tmp_path / "slow.json", {"stamp": stamp(), "told": {}})
    return tmp_path


@contextmanager
def running(home: Path, every: str = "0.3", before: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[bytes]]:
    agent = subprocess.Popen(
        [*before, sys.executable, "-m", "rounds_agent", "run", "--home", str(home), "--every", every],
        stderr=subprocess.PIPE,
    )
    try:
        yield agent
    finally:
        agent.kill()
        agent.communicate()


def test_a_disk_that_takes_nothing_does_not_silence_the_agent(home: Path, shop: StandIn) -> None:
    # No file may grow beyond the counter, which is as when the disk is full: it alone is written over in place.
    write_json(home / "events.json", {"events": [{"id": "e1", "at": "2026-11-27T12:00:00Z"}], "bookmark": "e" * 30})
    write_json(home / "results" / "3.json", {"job": 3, "ok": True})
    write_json(home / "reported.json", [*range(100, 130)])
    (home / "counter").write_text("000001 000000000000041\n")
    shop.jobs = [{"id": 4, "kind": "dance", "params": {}, "within_seconds": 5}]
    shop.say = lambda check_in: shop.received(check_in, watches={"version": "v1", "watches": []})

    with running(home, before=("prlimit", "--fsize=23")) as agent:
        shop.wait_for(lambda seen: len(seen) >= 4)
        assert agent.poll() is None
    full = list(shop.check_ins)
    with running(home):
        shop.wait_for(lambda seen: any(one["job"] == 4 for check_in in seen for one in check_in["results"]))

    assert [one["number"] for one in full] == [*range(42, 42 + len(full))]
    assert all(one["events"] for one in full), "told again until it is kept that they were told"
    assert all([told["job"] for told in one["results"]] == [3] for one in full)
    assert shop.check_ins[len(full)]["number"] == 42 + len(full), "no number for two things"


def test_the_first_check_in_comes_at_once_and_tells_of_this_machine(home: Path, shop: StandIn) -> None:
    with running(home, every="60"):
        shop.wait_for(lambda seen: len(seen) >= 1, seconds=5)

    first = shop.check_ins[0]
    assert first["number"] == 1
    assert first["samples"]["memory.used_percent"] > 0
    assert first["facts"]["os"]["kernel"] == os.uname().release


def test_pending_updates_are_told_as_soon_as_they_are_known(home: Path, shop: StandIn) -> None:
    def knows(one: dict[str, dict[str, object]]) -> bool:
        return "updates" in one["facts"] or "updates" in one["probes"]

    (home / "slow.json").unlink()
    with running(home, every="60"):
        shop.wait_for(lambda seen: any(knows(one) for one in seen), seconds=60)

    assert knows(shop.check_ins[-1]), "told in a check-in of its own, and not with the next minute's"


def test_killed_again_and_again_it_uses_no_number_twice_and_leaves_none_out(home: Path, shop: StandIn) -> None:
    for _ in range(6):
        with running(home, every="0.05"):
            seen = len(shop.check_ins)
            shop.wait_for(lambda check_ins, seen=seen: len(check_ins) >= seen + 4)  # type: ignore[misc]
    with running(home, every="0.05"):
        seen = len(shop.check_ins)
        shop.wait_for(lambda check_ins: len(check_ins) >= seen + 4)

    by_number: dict[int, set[str]] = {}
    for one in shop.check_ins:
        by_number.setdefault(one["number"], set()).add(one["taken_at"])
    assert sorted(by_number) == list(range(1, max(by_number) + 1))
    assert all(len(moments) == 1 for moments in by_number.values())


def test_what_was_measured_while_the_server_was_away_comes_afterwards_the_newest_first(
    home: Path, shop: StandIn
) -> None:
    shop.say = lambda _one: (500, {})
    with running(home, every="0.1"):
        shop.wait_for(lambda seen: max((one["number"] for one in seen), default=0) >= 5)
        with shop.arrived:
            refused = len(shop.check_ins)
            shop.say = shop.received
        shop.wait_for(lambda seen: {one["number"] for one in seen[refused:]} >= {1, 2, 3, 4, 5})

    numbers = [one["number"] for one in shop.check_ins[refused:]]
    assert numbers[0] >= 5
    assert [number for number in numbers if number <= 5] == [5, 4, 3, 2, 1]


def test_a_job_is_done_by_a_child_and_reported_at_once(home: Path, shop: StandIn) -> None:
    shop.jobs = [{"id": 5, "kind": "restore-files", "params": {}, "within_seconds": 60}]
    with running(home, every="60"):
        shop.wait_for(lambda seen: any(one.get("results") for one in seen), seconds=15)

    results = next(one["results"] for one in shop.check_ins if one.get("results"))
    assert results[0]["job"] == 5
    assert results[0]["error"]["code"] == "not-allowed"


def test_it_stops_when_asked_and_keeps_what_waits(home: Path, shop: StandIn) -> None:
    shop.say = lambda _one: (500, {})
    with running(home, every="60") as agent:
        shop.wait_for(lambda seen: len(seen) >= 1)
        time.sleep(0.1)
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(30) == 0

    assert len(Spool(home / "spool")) >= 1


def test_one_folder_has_one_agent(home: Path, shop: StandIn) -> None:
    with running(home, every="60"):
        shop.wait_for(lambda seen: len(seen) >= 1)
        with running(home) as second:
            assert second.wait(30) == 1
            assert second.stderr is not None
            assert b"running already" in second.stderr.read()


def test_a_machine_that_is_not_enrolled_says_so(tmp_path: Path) -> None:
    with running(tmp_path) as agent:
        assert agent.wait(30) == 1
        assert agent.stderr is not None
        assert b"not enrolled" in agent.stderr.read()


@pytest.mark.parametrize("arguments", [["run", "--hme", "/tmp"], ["run", "--home"], ["dance"]])
def test_a_command_line_that_makes_no_sense_is_explained(arguments: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "rounds_agent", *arguments], capture_output=True, text=True, check=False
    )

    assert told.returncode == 2
    assert "rounds-agent enrol" in told.stderr


def test_what_a_restore_that_was_ended_by_force_has_left_is_removed(home: Path, shop: StandIn) -> None:
    left = home / "restored" / "etc"
    left.mkdir(parents=True)
    (left / "shadow").write_text("secret")
    left.chmod(0o500)
    (home / "jobs").mkdir(exist_ok=True)
    write_json(home / "jobs" / "7.json", {"id": 7, "kind": "restore-files", "params": {}, "tries": 2})

    with running(home):
        shop.wait_for(lambda seen: not left.parent.exists() and any(one["results"] for one in seen))

    told = next(one["results"] for one in shop.check_ins if one["results"])
    assert told[0]["error"]["code"] == "interrupted"
