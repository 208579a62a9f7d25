"""What programs send at once, or again after one was killed in between, is recorded once for its key."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.installation import Installation, installation

PROGRAMS = "tests.faults.programs"
COUNT = 12


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    with installation(tmp_path_factory.mktemp("empty") / "home") as made:
        yield made, made.run(PROGRAMS, "make").strip()


@pytest.fixture
def shop(empty: tuple[Installation, str], tmp_path: Path) -> Iterator[tuple[Installation, str]]:
    with installation(tmp_path / "home", like=empty[0]) as made:
        yield made, empty[1]


def _all_once() -> dict[str, int]:
    return {"stints": COUNT, "starts": COUNT, "payments": COUNT, "credit": COUNT * 10_00, "keys": 2 * COUNT}


def test_the_same_keys_from_three_processes_at_once_are_recorded_once(shop: tuple[Installation, str]) -> None:
    made, secret = shop
    with ExitStack() as ending:
        racing = [ending.enter_context(made.start(PROGRAMS, "send", secret, str(COUNT))) for _ in range(3)]
        for process in racing:
            assert process.stdout is not None
            process.stdout.readline()
        for process in racing:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate()[0].splitlines() for process in racing]

    assert [process.returncode for process in racing] == [0, 0, 0]
    assert answers[0] == answers[1] == answers[2]
    assert {line.split()[1] for line in answers[0]} == {"201"}
    assert json.loads(made.run(PROGRAMS, "show")) == _all_once()


def test_a_program_that_is_killed_in_between_sends_all_again_and_nothing_is_doubled(
    shop: tuple[Installation, str],
) -> None:
    made, secret = shop
    acknowledged: dict[str, str] = {}
    for number in range(5):
        with made.start(PROGRAMS, "send", secret, str(COUNT)) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            process.stdout.readline()
            process.stdin.write("go\n")
            process.stdin.flush()
            told = [process.stdout.readline().split() for _ in range(1 + 4 * number)]
            process.kill()  # while it sends the next
            told += [line.split() for line in process.stdout.read().splitlines()]
            for key, _status, made_id in (line for line in told if len(line) == 3):
                assert acknowledged.setdefault(key, made_id) == made_id

    with made.start(PROGRAMS, "send", secret, str(COUNT)) as process:
        answers = dict(line.split()[::2] for line in process.communicate("go\n")[0].splitlines()[1:])

    assert 0 < len(acknowledged) <= 2 * COUNT
    assert acknowledged.items() <= answers.items()
    assert json.loads(made.run(PROGRAMS, "show")) == _all_once()
