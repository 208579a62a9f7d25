"""The stored shop does what the rules do: worked examples and random stories come to the same, late or punctual."""

import json
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rounds.charges.models import Closing
from rounds.core import rehearsing
from rounds.core.money import Refused
from rounds.core.stories import Story, read_story
from rounds.invoices import rehearsing as stored
from rounds.invoices.checking import differences
from rounds.invoices.interest import foreseen
from rounds.invoices.tax_reporting import wrong_tax
from rounds.ledger import booking
from rounds.people.shop import local_moment
from tests.scenarios.stories import BEGINS, DAYS, stories

OURS = sorted(Path(__file__).parent.glob("*.toml"))
quick = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _play(story: Story, *, is_late: bool = False) -> dict[str, object]:
    """Play a story through the database, leave nothing behind, and prove the books while it is there."""
    with transaction.atomic():
        told = stored.Telling(story, is_late=is_late)
        told.tell(story.through)
        described = stored.describe(told.client, story.through)
        booking.pull(local_moment(story.through + timedelta(days=1), stored.LAST_MOMENT))
        wrong = [*differences(), *wrong_tax()]
        transaction.set_rollback(True)
    assert wrong == []
    return described


def _outcome(story: Story, play: Any) -> dict[str, object]:
    try:
        return dict(play(story))
    except Refused:
        return {"refused": True}


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.stem)
@pytest.mark.django_db
def test_a_worked_example_comes_to_the_same_through_the_database(file: Path) -> None:
    expected = json.loads(file.with_suffix(".json").read_text())
    story = read_story(tomllib.loads(file.read_text(), parse_float=Decimal))

    assert _play(story) == expected
    assert _play(story, is_late=True) == expected


@quick
@given(told=stories())
@pytest.mark.django_db
def test_a_random_story_comes_to_the_same_by_the_rules_and_through_the_database(told: dict[str, Any]) -> None:
    story = read_story(told)

    by_the_rules = _outcome(
        story, lambda story: rehearsing.describe(rehearsing._perform(story, story.through), story.through)
    )

    assert _outcome(story, _play) == by_the_rules
    assert _outcome(story, lambda story: _play(story, is_late=True)) == by_the_rules


@quick
@given(told=stories(), cuts=st.sets(st.integers(0, DAYS), max_size=8))
@pytest.mark.django_db
def test_one_bill_run_is_any_number_of_smaller_ones(told: dict[str, Any], cuts: set[int]) -> None:
    story = read_story(told)

    def in_runs(story: Story) -> dict[str, object]:
        with transaction.atomic():
            telling = stored.Telling(story, is_late=True)
            for day in sorted({BEGINS + timedelta(days=cut) for cut in cuts} | {story.through}):
                telling.tell(min(day, story.through))
            described = stored.describe(telling.client, story.through)
            transaction.set_rollback(True)
        return described

    assert _outcome(story, in_runs) == _outcome(story, lambda story: _play(story, is_late=True))


@pytest.mark.django_db
def test_a_story_leaves_nothing_behind() -> None:
    story = read_story(tomllib.loads(OURS[0].read_text(), parse_float=Decimal))

    assert stored.play(story) == stored.play(story)
    assert story.through > date(2005, 1, 1)


@quick
@given(told=stories())
@pytest.mark.django_db
def test_a_preview_shows_what_the_first_of_the_month_then_bills(told: dict[str, Any]) -> None:
    story, first = read_story(told), date(2005, 3, 1)
    assume(all(event.recorded.date() != first and event.at.date() != first for event in story.events))
    with transaction.atomic():
        telling = stored.Telling(story)
        try:
            telling.tell(first - timedelta(days=1))
            shown = foreseen([telling.client], first).get(telling.client.pk)
            telling.tell(first)
        except Refused:
            assume(False)
        made = list(Closing.objects.filter(client=telling.client, on=first))
        lines = [(line.kind, line.amount, line.seconds) for closing in made for line in closing.lines.all()]
        transaction.set_rollback(True)

    expected = shown.closing.lines if shown else ()
    assert [(line.kind, line.amount, line.seconds) for line in expected] == lines
