"""Sending: the newest first, and with every answer what the protocol says."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rounds_agent.clock import Clock, read_moment, write_moment
from rounds_agent.home import make_home
from rounds_agent.jobs import Jobs, report
from rounds_agent.others import Others
from rounds_agent.sending import Sender
from rounds_agent.spool import Spool
from rounds_agent.transport import Address, Line
from tests.agent.shop import StandIn, refusal, stand_in_shop


@pytest.fixture
def shop() -> Iterator[StandIn]:
    with stand_in_shop() as shop:
        yield shop


@pytest.fixture
def sender(shop: StandIn, tmp_path: Path) -> Sender:
    make_home(tmp_path)
    line = Line(Address(shop.address), timeout=3)
    return Sender(line, "a secret", Spool(tmp_path / "spool"), Clock(), (Jobs(tmp_path), Others(tmp_path)))


def _put(sender: Sender, *moments: float) -> None:
    for moment in moments:
        sender.spool.put({"v": 1, "taken_at": write_moment(moment), "results": sender.jobs.results()})


def _send(sender: Sender) -> None:
    sender.send(time.monotonic() + 5)


def test_the_newest_goes_first_and_what_the_server_has_is_forgotten(shop: StandIn, sender: Sender) -> None:
    _put(sender, 1e9, 1e9 + 60, 1e9 + 120)

    _send(sender)

    assert [one["number"] for one in shop.check_ins] == [3, 2, 1]
    assert shop.headers[0]["Authorization"] == "Bearer a secret"
    assert len(sender.spool) == 0
    assert sender.trouble == ""


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (refusal("malformed", status=400, drop=True), 0),
        (refusal("too-large", status=413, drop=True), 0),
        (refusal("slow", status=408, drop=False), 1),
        (refusal("unknown", status=401, drop=False), 1),
        (refusal("busy", status=503, drop=False), 1),
        ((400, {"a proxy": "says this"}), 1),
        ((200, {"a proxy": "says this"}), 1),
        ((500, {}), 1),
    ],
)
def test_it_is_dropped_only_when_the_shop_says_so(
    shop: StandIn, sender: Sender, answer: tuple[int, dict[str, object]], kept: int
) -> None:
    shop.say = lambda _check_in: answer
    _put(sender, 1e9)

    _send(sender)

    assert len(sender.spool) == kept
    assert sender.trouble


def test_one_that_is_refused_does_not_hold_up_the_others(shop: StandIn, sender: Sender) -> None:
    shop.say = lambda one: refusal("malformed", status=400, drop=True) if one["number"] == 2 else shop.received(one)
    _put(sender, 1e9, 1e9 + 60, 1e9 + 120)

    _send(sender)

    assert [one["number"] for one in shop.check_ins] == [3, 2, 1]
    assert len(sender.spool) == 0


def test_a_server_that_does_not_know_the_agent_is_not_asked_again_at_once(shop: StandIn, sender: Sender) -> None:
    shop.say = lambda _check_in: refusal("unknown", status=401, drop=False)
    _put(sender, 1e9)
    _send(sender)

    _put(sender, 1e9 + 60)
    _send(sender)

    assert len(shop.check_ins) == 1
    assert len(sender.spool) == 2


def test_no_server_keeps_everything(sender: Sender, tmp_path: Path) -> None:
    sender.line = Line(Address("http://127.0.0.1:1"), timeout=1)
    _put(sender, 1e9)

    _send(sender)

    assert len(sender.spool) == 1
    assert "refused" in sender.trouble


def test_a_stamp_of_a_wrong_clock_is_corrected_by_the_servers_and_sent_again(shop: StandIn, sender: Sender) -> None:
    right = time.time() - 86_400  # by the server it is yesterday

    def say(one: dict[str, object]) -> tuple[int, dict[str, object]]:
        if read_moment(str(one["taken_at"])) > right + 600:
            return refusal("future", status=422, drop=False, time=right)
        return shop.received(one)

    shop.say = say
    _put(sender, time.time())

    _send(sender)
    _send(sender)

    assert [one["number"] for one in shop.check_ins] == [1, 1]
    assert read_moment(shop.check_ins[1]["taken_at"]) == pytest.approx(right, abs=2)
    assert shop.check_ins[1]["clock"]["corrected_by_seconds"] == pytest.approx(-86_400, abs=2)
    assert len(sender.spool) == 0


def test_what_is_truly_too_old_is_dropped(shop: StandIn, sender: Sender) -> None:
    shop.say = lambda _one: refusal("stale", status=422, drop=True, time=time.time())
    _put(sender, time.time() - 9 * 86_400)

    _send(sender)

    assert len(sender.spool) == 0


def test_a_disk_that_was_set_back_begins_an_epoch_and_sends_again_what_was_swallowed(
    shop: StandIn, sender: Sender
) -> None:
    shop.say = lambda one: shop.received(one, highest=150 if one["epoch"] == 1 else one["number"])
    _put(sender, 1e9)

    _send(sender)
    _send(sender)

    assert [(one["epoch"], one["number"]) for one in shop.check_ins] == [(1, 1), (2, 2)]
    assert shop.check_ins[0]["taken_at"] == shop.check_ins[1]["taken_at"]
    assert len(sender.spool) == 0


def test_a_result_is_reported_until_it_is_acknowledged_and_never_done_twice(
    shop: StandIn, sender: Sender, tmp_path: Path
) -> None:
    job = {"id": 7, "kind": "restore-files", "params": {}}
    sender.jobs.accept([job])
    assert sender.jobs.next() == 7
    report(tmp_path, 7, {"ok": True, "report": {}})
    shop.say = lambda _one: (503, {})
    _put(sender, 1e9)
    _send(sender)
    assert sender.jobs.results() != []

    shop.say = shop.received
    _put(sender, 1e9 + 60)
    _send(sender)
    sender.jobs.accept([job])

    assert [one["results"][0]["job"] for one in shop.check_ins[1:]] == [7, 7]
    assert sender.jobs.results() == []
    assert sender.jobs.next() is None
    assert Jobs(tmp_path).next() is None


def test_a_job_that_ends_by_force_each_time_is_reported_as_interrupted(tmp_path: Path) -> None:
    make_home(tmp_path)
    Jobs(tmp_path).accept([{"id": 9, "kind": "restore-files", "params": {}}])

    begun = [Jobs(tmp_path).next() for _ in range(3)]

    assert begun == [9, 9, None]
    assert Jobs(tmp_path).results()[0]["error"]["code"] == "interrupted"


@pytest.mark.parametrize("named", [None, 3, "x", [{}], [{"id": "7"}], [[1]], [{"id": None}]])
def test_jobs_that_make_no_sense_are_not_kept(tmp_path: Path, named: object) -> None:
    make_home(tmp_path)
    jobs = Jobs(tmp_path)

    jobs.accept(named)

    assert jobs.next() is None
