"""The monthly run, killed at any moment or run by several processes at once, bills what an undisturbed one bills."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.installation import Installation, installation, is_postgresql

MONTHS = "tests.faults.months"
KILLS = 10


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A shop with half a year of work, of which nothing is billed."""
    with installation(tmp_path_factory.mktemp("worked") / "home") as made:
        made.run(MONTHS, "make", "8")
        yield made


@pytest.fixture(scope="module")
def undisturbed(worked: Installation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes of a run that nothing disturbs."""
    with installation(tmp_path_factory.mktemp("undisturbed") / "home", like=worked) as made:
        made.run(MONTHS, "run")
        return dict(json.loads(made.run(MONTHS, "show")))


def test_an_undisturbed_run_is_worth_comparing_with(undisturbed: dict[str, Any]) -> None:
    assert len(undisturbed["invoices"]) > 8 * 5
    assert undisturbed["differences"] == []


def test_a_run_that_is_killed_ten_times_bills_the_same(
    worked: Installation, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    with installation(tmp_path / "home", like=worked) as made:
        killed = 0
        for number in range(KILLS):
            with made.start(MONTHS, "run") as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(0.03 + 0.013 * number)
                killed += process.poll() is None
                process.kill()
        left = json.loads(made.run(MONTHS, "show"))
        made.run(MONTHS, "run")

        assert killed > KILLS // 2, "it was over too soon to be killed"
        assert len(left["invoices"]) > 2, "nothing came of the killed runs"
        _expect_the_same(json.loads(made.run(MONTHS, "show")), undisturbed)


def test_several_processes_at_once_bill_the_same_without_gaps(
    worked: Installation, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    with installation(tmp_path / "home", like=worked) as made:
        processes = [made.start(MONTHS, "run") for _ in range(3)]
        assert [process.wait() for process in processes] == [0, 0, 0]
        for process in processes:
            process.communicate()

        _expect_the_same(json.loads(made.run(MONTHS, "show")), undisturbed)


@pytest.mark.skipif(not is_postgresql(), reason="SQLite lets one process write at a time")
def test_eight_processes_that_are_killed_at_random_moments_bill_the_same(
    worked: Installation, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    chance, killed = random.Random(2005), 0  # noqa: S311 - the same moments every time
    with installation(tmp_path / "home", like=worked) as made:
        for victims in (6, 4, 0):
            racing = [made.start(MONTHS, "race") for _ in range(8)]
            _let_go(racing)
            for process in chance.sample(racing, victims):
                time.sleep(chance.uniform(0.02, 0.25))
                killed += process.poll() is None
                process.kill()
            ends = [process.wait() for process in racing]
            for process in racing:
                process.communicate()
            assert set(ends) <= {0, -signal.SIGKILL}

        assert killed > 5, "they were over too soon to be killed"
        _expect_the_same(json.loads(made.run(MONTHS, "show")), undisturbed)


def _let_go(racing: list[subprocess.Popen[str]]) -> None:
    """Let processes go on together, once the last of them has begun."""
    for process in racing:
        assert process.stdout is not None
        process.stdout.readline()
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def _expect_the_same(found: dict[str, Any], undisturbed: dict[str, Any]) -> None:
    """Expect all that an undisturbed run made and nothing twice, in numbers without a gap, and books that balance."""
    numbers = [invoice[1] for invoice in found["invoices"]]
    assert numbers == [f"2005-{number:04d}" for number in range(1, len(numbers) + 1)]
    assert _by_client(found) == _by_client(undisturbed)
    assert {**found, "invoices": ()} == {**undisturbed, "invoices": ()}
    assert found["differences"] == []


def _by_client(shown: dict[str, Any]) -> list[Any]:
    """The invoices without their numbers, which are given in whatever order they come."""
    return sorted([client, *rest] for client, _number, *rest in shown["invoices"])
