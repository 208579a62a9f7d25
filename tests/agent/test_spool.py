"""The spool: no number twice, nothing lost, everything bounded."""

import shutil
from pathlib import Path

import pytest

from rounds_agent import spool as spooling
from rounds_agent.home import make_home
from rounds_agent.spool import Spool, unpack


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path)
    return tmp_path


def _numbers(spool: Spool) -> list[int]:
    bodies = (spool.body(name) for name in spool.newest_first())
    return [unpack(body)["number"] for body in bodies if body is not None]


def test_a_number_is_never_used_for_two_things_whenever_the_agent_was_killed(home: Path) -> None:
    first = Spool(home / "spool")
    name = first.put({"what": "a"})
    first.remove(name)
    first.put({"what": "b"})
    (home / "counter").write_text("1 1")  # killed after the file was there, before the counter moved

    second = Spool(home / "spool")
    second.put({"what": "c"})

    assert _numbers(second) == [3, 2]


def test_a_number_that_was_sent_from_memory_is_not_used_again_after_a_kill(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Spool(home / "spool").put({"what": "before the disk was full"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(spooling, "write_whole", full)
        first = Spool(home / "spool")
        first.remove(first.put({"what": "sent, and acknowledged"}))

    second = Spool(home / "spool")
    second.put({"what": "after the kill"})

    assert _numbers(second) == [3, 1]


def test_what_waits_comes_back_whole_the_newest_first(home: Path) -> None:
    spool = Spool(home / "spool")
    for number in range(5):
        spool.put({"what": number})

    again = Spool(home / "spool")

    assert _numbers(again) == [5, 4, 3, 2, 1]
    assert len(again) == 5


def test_the_oldest_goes_first_when_the_spool_is_full(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MAX_COUNT", 3)
    spool = Spool(home / "spool")

    for number in range(5):
        spool.put({"what": number})

    assert _numbers(spool) == [5, 4, 3]
    assert spool.dropped == 2


def test_the_spool_is_bounded_in_bytes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MAX_BYTES", 250)
    spool = Spool(home / "spool")

    for number in range(20):
        spool.put({"what": number})

    assert sum(path.stat().st_size for path in (home / "spool").iterdir()) <= 250
    assert _numbers(spool)[0] == 20


def test_a_file_that_cannot_be_read_holds_up_nothing(home: Path) -> None:
    spool = Spool(home / "spool")
    spool.put({"what": "whole"})
    broken = spool.put({"what": "broken"})
    (home / "spool" / broken).write_bytes(b"\x78\x9c half")

    again = Spool(home / "spool")

    assert _numbers(again) == [1]
    assert again.dropped == 1
    assert again.put({}) == "000001-000000000000003"


def test_a_disk_that_takes_nothing_does_not_silence_the_machine(home: Path) -> None:
    spool = Spool(home / "spool")
    spool.put({"what": "on disk"})
    shutil.rmtree(home / "spool")

    name = spool.put({"what": "in memory"})

    body = spool.body(name)
    assert body is not None
    assert unpack(body)["what"] == "in memory"


def test_an_epoch_begins_when_the_disk_was_set_back_and_nothing_that_waits_is_lost(home: Path) -> None:
    spool = Spool(home / "spool")
    spool.put({"what": "waiting"})
    sent = spool.put({"what": "sent"})
    body = spool.body(sent)
    assert body is not None
    spool.remove(sent)

    spool.begin_epoch(body)

    again = Spool(home / "spool")
    told = [unpack(again.body(name) or b"") for name in again.newest_first()]
    assert [(one["epoch"], one["number"], one["what"]) for one in told] == [(2, 4, "sent"), (2, 3, "waiting")]


def test_what_others_put_into_the_folder_is_left_alone(home: Path) -> None:
    (home / "spool" / "notes.txt").write_text("mine")

    spool = Spool(home / "spool")
    spool.put({})

    assert (home / "spool" / "notes.txt").read_text() == "mine"
    assert len(spool) == 1
