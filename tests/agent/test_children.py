"""Short-lived children: copies of the agent that have none of what is open in it, and programs within their time."""

import os
import time
from pathlib import Path

import pytest

from rounds_agent.children import Children
from rounds_agent.probes.asking import ask, run


def _ended(children: Children) -> list[str]:
    until = time.monotonic() + 10
    while not (ended := children.reap()) and time.monotonic() < until:
        time.sleep(0.02)
    return ended


def test_a_copy_has_nothing_of_what_is_open_and_ends_by_itself(tmp_path: Path) -> None:
    children, lock = Children(str(tmp_path)), os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)

    def work() -> int:
        try:
            os.fstat(lock)
        except OSError:
            (tmp_path / "closed").write_text(str(os.getpid()))
        return 0

    children.fork("slow", work, 60)
    children.fork("slow", work, 60)  # there is one already

    assert "slow" in children
    assert _ended(children) == ["slow"]
    assert (tmp_path / "closed").read_text() != str(os.getpid())
    assert os.fstat(lock)
    os.close(lock)


def test_a_copy_that_breaks_or_takes_too_long_is_gone_and_nothing_else(tmp_path: Path) -> None:
    def broken() -> int:
        raise RuntimeError

    def slow() -> int:
        time.sleep(60)
        return 0

    children = Children(str(tmp_path))
    children.fork("broken", broken, 60)
    assert _ended(children) == ["broken"]
    children.fork("slow", slow, 0.1)

    began = time.monotonic()
    assert _ended(children) == ["slow"]
    assert time.monotonic() - began < 5


def test_a_program_is_read_to_its_end_or_to_enough_lines_or_to_its_time() -> None:
    assert run(["/bin/sh", "-c", "echo a; echo b >&2; exit 3"], seconds=10).status == 3
    assert ask(["sh", "-c", "yes | head -c 300000"]).count("y") == 150_000
    cut = run(["/bin/sh", "-c", "yes"], seconds=10, lines=5)
    assert cut.said.startswith(b"y\ny\ny\ny\ny\n")
    assert cut.status < 0
    with pytest.raises(TimeoutError, match="did not answer in 0 seconds"):
        ask(["sh", "-c", "sleep 60 & sleep 60"], seconds=0.2)
    with pytest.raises(OSError, match="exit status 4: no, never"):
        ask(["sh", "-c", "echo first; echo no, never >&2; exit 4"])
