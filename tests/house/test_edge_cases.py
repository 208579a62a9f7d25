"""The table of edge cases names only examples and tests that are there, and names all cases."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "edge-cases.md"
CASES = 67


def test_every_example_and_test_that_the_table_names_is_there() -> None:
    named = re.findall(r"`(tests/[^`]+)`", TABLE.read_text())

    assert len(named) > CASES
    assert [path for path in named if not (ROOT / path).is_file()] == []
    assert [path for path in named if path.endswith(".toml") and not (ROOT / path).with_suffix(".json").is_file()] == []


def test_every_case_has_its_answer_and_its_proof() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", TABLE.read_text(), re.MULTILINE)

    assert [int(number) for number, *_rest in rows] == list(range(1, CASES + 1))
    assert [number for number, *_words, proof in rows if "`tests/" not in proof] == []


def test_the_tests_that_the_list_of_invariants_names_are_there() -> None:
    head = (ROOT / "tests/core/test_invariants.py").read_text().split('"""')[1]
    files = {path.stem: path.read_text() for path in ROOT.glob("tests/**/test_*.py")}

    named = set(re.findall(r"\btest_\w+", head))
    missing = [name for name in named if not any(name == stem or f"def {name}" in text for stem, text in files.items())]
    assert len(named) > 10
    assert missing == []
