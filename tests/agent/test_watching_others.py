"""The agent and its watches: which are due, that each look is told once, whatever is killed when."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rounds_agent.home import make_home, read_json, write_json
from rounds_agent.others import Others
from rounds_agent.watches.running import run_due
from tests.agent.servers import closed_port, nothing, speaking
from tests.agent.shop import StandIn, stand_in_shop
from tests.agent.test_running import running
from tests.agent.test_watches import HERE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path)
    write_json(tmp_path / "policy.json", HERE)
    return tmp_path


def listed(home: Path, *watches: dict[str, Any], version: str = "v1") -> None:
    write_json(home / "watches.json", {"version": version, "watches": list(watches)})


def results(home: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((home / "watched").glob("*.json"))]


def test_only_what_is_due_is_looked_at_and_each_result_lies_by_itself(home: Path) -> None:
    with speaking(nothing) as port:
        listed(
            home,
            {"id": 1, "kind": "tcp", "target": f"127.0.0.1:{port}", "every": 60},
            {"id": 2, "kind": "tcp", "target": f"127.0.0.1:{closed_port()}", "every": 3600},
        )
        write_json(home / "watched.json", {"2": time.time() - 600, "7": time.time()})
        run_due(str(home))

    assert [one["watch"] for one in results(home)] == [1]
    assert results(home)[0]["ok"] is True
    assert set(read_json(home / "watched.json")) == {"1", "2"}


def test_a_clock_that_was_set_back_makes_everything_due(home: Path) -> None:
    listed(home, {"id": 1, "kind": "tcp", "target": f"127.0.0.1:{closed_port()}", "every": 60})
    write_json(home / "watched.json", {"1": time.time() + 9999})

    run_due(str(home))

    assert [one["ok"] for one in results(home)] == [False]


def test_lists_that_make_no_sense_break_nothing(home: Path) -> None:
    nonsense: list[Any] = [None, [], {"watches": [None, 3, {"id": "x"}, {"id": 4, "every": "x"}, {"id": 5}]}]
    for one in nonsense:
        write_json(home / "watches.json", one)
        assert run_due(str(home)) == 0

    assert [one["ok"] for one in results(home)] == [None]


def test_results_are_told_once_and_stay_until_the_check_in_is_in_the_spool(home: Path) -> None:
    listed(home, {"id": 1, "kind": "tcp", "target": f"127.0.0.1:{closed_port()}", "every": 60})
    run_due(str(home))
    others = Others(home)

    first = others.results()
    again = others.results()
    others.kept()

    assert first == again
    assert len(first) == 1
    assert others.results() == []


def test_a_kill_between_the_spool_and_the_tidying_tells_nothing_twice(home: Path) -> None:
    listed(home, {"id": 1, "kind": "tcp", "target": f"127.0.0.1:{closed_port()}", "every": 60})
    run_due(str(home))
    told = Others(home).results()

    after = Others(home)
    after.adopt(told)

    assert after.results() == []


def test_more_results_than_fit_into_a_check_in_go_with_the_next_the_oldest_first(home: Path) -> None:
    (home / "watched").mkdir()
    for number in range(150):
        write_json(home / "watched" / f"{number}-{1000 + number}.json", {"watch": number, "at": "x"})
    listed(home, {"id": 1, "kind": "tcp", "target": "x", "every": 60})
    others = Others(home)

    first = others.results()
    others.kept()

    assert [one["watch"] for one in first] == list(range(100))
    assert [one["watch"] for one in others.results()] == list(range(100, 150))


@pytest.fixture
def shop() -> Iterator[StandIn]:
    with stand_in_shop() as shop:
        yield shop


def wanted(shop: StandIn, port: int) -> Callable[[dict[str, Any]], Any]:
    """Say what is to be watched to whoever does not know yet."""
    watches = [{"id": 9, "kind": "tcp", "target": f"127.0.0.1:{port}", "settings": {}, "every": 60}]

    def say(check_in: dict[str, Any]) -> Any:
        knows = shop.headers and shop.headers[-1].get("Rounds-Watches") == "v1"
        return shop.received(check_in, **({} if knows else {"watches": {"version": "v1", "watches": watches}}))

    return say


def test_an_agent_learns_its_watches_looks_and_tells_of_each_look_once(home: Path, shop: StandIn) -> None:
    write_json(home / "config.json", {"server": shop.address, "secret": "s", "instance": "i"})

    with speaking(nothing) as port:
        shop.say = wanted(shop, port)
        with running(home, every="0.4"):
            shop.wait_for(lambda seen: any(one.get("watches") for one in seen))
            time.sleep(1.5)

    told = [result for check_in in shop.check_ins for result in check_in.get("watches", [])]
    assert [(one["watch"], one["ok"]) for one in told] == [(9, True)]
    assert shop.headers[0]["Rounds-Watches"] == "none"
    assert shop.headers[-1]["Rounds-Watches"] == "v1"
    assert oct((home / "watches.json").stat().st_mode & 0o777) == "0o600"


def test_an_agent_whose_list_is_taken_away_stops_looking(home: Path) -> None:
    listed(home, {"id": 1, "kind": "tcp", "target": "127.0.0.1:1", "every": 60})
    others = Others(home)
    assert others.are_due()

    others.accept({"version": "", "watches": []})

    assert not others.are_due()
    assert Others(home).version == ""
