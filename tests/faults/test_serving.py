"""`serve`: children are kept running, end with their parent however it ends, and are ended when asked."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PARENT = """
import sys
from rounds.web.serving import Child, serve
write = "import os, sys, time, pathlib; pathlib.Path(sys.argv[1]).open('a').write(f'{os.getpid()}\\\\n'); "
stay = write + "time.sleep(600)"
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + stay
end = write + "sys.exit(3)"
kinds = {"stay": stay, "deaf": deaf, "end": end}
folder, *names = sys.argv[1:]
serve([Child(name, [sys.executable, "-c", kinds[name], f"{folder}/{name}"]) for name in names])
"""


def is_running(process: int) -> bool:
    """Is a process there and not a zombie?"""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(is_so: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait for something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return False


class Family:
    """A parent that serves, and the process ids that its children wrote down."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        self.parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder), *names],
            stderr=subprocess.DEVNULL,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "rounds.web.settings"},
        )

    def children(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def everybody(self) -> list[int]:
        return [process for path in self.folder.iterdir() for process in self.children(path.name)]


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Callable[..., Family]]:
    made: list[Family] = []

    def make(*names: str) -> Family:
        made.append(Family(tmp_path, *names))
        assert until(lambda: all(made[-1].children(name) for name in names))
        return made[-1]

    yield make
    for one in made:
        one.parent.kill()
        one.parent.wait()
        for process in filter(is_running, one.everybody()):
            os.kill(process, signal.SIGKILL)


def test_a_child_that_is_killed_is_started_again(family: Callable[..., Family]) -> None:
    served = family("stay")
    first = served.children("stay")[0]

    os.kill(first, signal.SIGKILL)

    assert until(lambda: len(served.children("stay")) == 2)
    assert is_running(served.children("stay")[1])


def test_a_child_that_ends_again_and_again_is_started_ever_more_seldom(family: Callable[..., Family]) -> None:
    served = family("end", "stay")

    time.sleep(3.5)

    assert 2 <= len(served.children("end")) <= 3
    assert len(served.children("stay")) == 1


def test_killing_the_parent_leaves_no_orphan(family: Callable[..., Family]) -> None:
    served = family("stay", "stay", "stay")

    served.parent.kill()
    served.parent.wait()

    assert until(lambda: not any(map(is_running, served.everybody())), 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_end_when_asked(family: Callable[..., Family], number: int) -> None:
    served = family("stay")

    served.parent.send_signal(number)

    assert served.parent.wait(8) == 0
    assert not any(map(is_running, served.everybody()))


def test_a_child_that_will_not_end_is_ended(family: Callable[..., Family]) -> None:
    served = family("deaf")

    served.parent.send_signal(signal.SIGTERM)

    assert served.parent.wait(60) == 0
    assert not any(map(is_running, served.everybody()))
