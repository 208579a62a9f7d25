"""A database of before and a new one are the same, whichever migrations made them. It takes minutes: ROUNDS_LONG=1."""

import json
import os
from pathlib import Path

import pytest

from tests.faults.installation import Installation, installation

PROGRAM = "tests.faults.migrated"


def _schema(made: Installation) -> dict[str, list[object]]:
    found: dict[str, list[object]] = json.loads(made.run(PROGRAM, "schema"))
    return found


@pytest.mark.skipif(os.environ.get("ROUNDS_LONG") != "1", reason="takes minutes; ROUNDS_LONG=1")
@pytest.mark.parametrize("first", ["20", "45", "65", "all"])
def test_a_database_that_was_made_before_becomes_what_a_new_one_is(first: str, tmp_path: Path) -> None:
    with installation(tmp_path / "new") as new, installation(tmp_path / "before") as before:
        new.run("rounds.web", "migrate", "-v0")
        before.run(PROGRAM, "before", first)
        if first != "all":
            before.run("rounds.web", "migrate", "-v0")
        before.run("rounds.web", "migrate", "--check")  # ends with an error if anything is left

        assert _schema(before) == _schema(new)
