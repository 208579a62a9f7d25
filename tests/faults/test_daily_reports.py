"""Daily reports under two tickers at once and `kill -9`: each client has his one row and his one letter."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.installation import Installation, installation
from tests.faults.reports import CLIENTS

REPORTS = "tests.faults.reports"
ROUNDS = 4  # of two tickers each, of which one or both are killed


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Clients whose reports are due."""
    with installation(tmp_path_factory.mktemp("morning") / "home") as made:
        made.run(REPORTS, "make")
        yield made


def _together(made: Installation, *killed_at: int) -> tuple[list[int], int]:
    """Tickers that go on at the same moment, each killed at a statement (0: not); how they ended, and their longest."""
    tickers = [made.start(REPORTS, "tick", str(number)) for number in killed_at]
    for ticker in tickers:
        assert ticker.stdout is not None
        assert ticker.stdout.readline() == "begins\n"
    for ticker in tickers:
        _tell(ticker)
    said = [ticker.communicate()[0] for ticker in tickers]
    return [ticker.returncode for ticker in tickers], max((int(text) for text in said if text.strip()), default=0)


def _tell(ticker: "subprocess.Popen[str]") -> None:
    assert ticker.stdin is not None
    ticker.stdin.write("go\n")
    ticker.stdin.flush()


def _expect_each_once(told: dict[str, Any]) -> None:
    assert len(told["reports"]) == CLIENTS
    assert len({client for client, _, _ in told["reports"]}) == CLIENTS
    assert told["to"] == sorted(f"nora{number}@client.example" for number in range(CLIENTS))
    assert told["each_has_its_letter"]


def test_two_tickers_at_once_make_and_mail_each_report_once(morning: Installation, tmp_path: Path) -> None:
    with installation(tmp_path / "home", like=morning) as made:
        ends, statements = _together(made, 0, 0)

        assert ends == [0, 0]
        assert statements > CLIENTS
        _expect_each_once(json.loads(made.run(REPORTS, "show")))


def test_killed_in_the_middle_and_begun_again_each_is_made_and_mailed_once(
    morning: Installation, tmp_path: Path
) -> None:
    with installation(tmp_path / "count", like=morning) as alone:
        _, statements = _together(alone, 0)
    with installation(tmp_path / "home", like=morning) as made:
        killed = 0
        for number in range(ROUNDS):
            # Each round further: while reports are made, just before they are kept, and among their letters.
            at = statements * (2 * number + 1) // (4 * ROUNDS)
            ends, _ = _together(made, at, at + statements // 7)
            killed += ends.count(-signal.SIGKILL)
            left = json.loads(made.run(REPORTS, "show"))
            assert len(left["to"]) == len(set(left["to"])) <= CLIENTS

        assert killed >= ROUNDS, "they were over too soon to be killed"
        made_so_far = len(left["reports"])
        _together(made, 0, 0)

        assert made_so_far in {0, CLIENTS}, "the reports of some clients are kept together or not at all"
        _expect_each_once(json.loads(made.run(REPORTS, "show")))
