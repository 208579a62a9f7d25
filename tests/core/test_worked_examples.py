"""The worked examples under tests/scenarios, each worked out by hand from billing-rules.md."""

import json
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from rounds.core.rehearsing import play
from rounds.core.stories import read_story

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))


def test_there_are_worked_examples() -> None:
    assert len(SCENARIOS) >= 8


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_story_ends_as_worked_out_by_hand(path: Path) -> None:
    story = read_story(tomllib.loads(path.read_text(), parse_float=Decimal))

    assert play(story) == json.loads(path.with_suffix(".json").read_text())
