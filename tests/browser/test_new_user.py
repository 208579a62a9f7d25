"""What a new user does: one command, the link it prints, and the figures of his own machine."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import barriers, sideways

PATIENCE = 300  # seconds: of a machine that has other tests to run; a quiet one needs less than a minute


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(home: Path, port: int) -> Iterator[str]:
    """`rounds run` in a home of its own; gives what it said when it stood."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ROUNDS_", "PG", "DJANGO_"))}
    environment |= {"ROUNDS_HOME": str(home), "PORT": str(port), "ROUNDS_LISTEN": f"127.0.0.1:{free_port()}"}
    command = [sys.executable, "-m", "rounds.web", "run"]
    with (home.parent / "log").open("w+") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield _said(process, Path(log.name), port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            print(Path(log.name).read_text())  # shown if the test fails


def _said(process: subprocess.Popen[bytes], log: Path, port: int) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return log.read_text()
    raise AssertionError(f"rounds run does not answer: {log.read_text()}")


def link_in(said: str) -> str:
    found = re.search(r"http://localhost:\d+/enter/\S+", said)
    assert found, said
    return found[0]


def is_measured(shown: str) -> bool:
    """Have figures come, those included that take a while, such as pending updates?"""
    return "Processor" in shown and "not measured yet" not in shown


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def wait_for(page: Page, has_come: Callable[[], bool]) -> None:
    """Load a page again until something has come, or patience ends; what is missing is then for the test to say."""
    until = time.monotonic() + PATIENCE
    while not has_come() and time.monotonic() < until:
        time.sleep(1)
        page.reload()


def test_a_new_user_sees_his_own_machine(context: BrowserContext, home: Path) -> None:
    port = free_port()
    with running(home, port) as said:
        page = context.new_page()
        page.goto(link_in(said))
        page.get_by_role("button").first.click()
        page.goto(f"http://localhost:{port}/machines/")

        wait_for(page, lambda: page.get_by_text("Our own office").count() > 0)
        page.locator("table.list tbody a").first.click()
        main = page.locator("main")
        wait_for(page, lambda: is_measured(main.inner_text()))
        for figure in ("Processor", "Memory", "Disk", "Started", "Linux", "Updates", "Restart"):
            expect(main).to_contain_text(figure)
        assert is_measured(main.inner_text())
        assert sideways(page) == 0
        assert barriers(page) == []

        page.goto(link_in(said))
        expect(page.locator("main")).to_contain_text("used")

    with running(home, port) as said_again:
        page.goto(f"http://localhost:{port}/machines/")
        expect(page.locator("main")).to_contain_text("Our own office")
        assert "/enter/" not in said_again, "who has signed in needs no link any more"


def test_a_kill_of_the_parent_leaves_nobody_behind(home: Path) -> None:
    port = free_port()
    with running(home, port):
        parent = next(
            one for one in psutil.process_iter(["cmdline"])
            if one.info["cmdline"] and one.info["cmdline"][-2:] == ["rounds.web", "run"] and one.ppid() == os.getpid()
        )  # fmt: skip
        children = parent.children(recursive=True)
        parent.kill()

        _, alive = psutil.wait_procs(children, timeout=15)

        assert len(children) >= 3
        assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
