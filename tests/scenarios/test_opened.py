"""Random stories that open their books in the middle come to the same by the rules and through the database."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.core import rehearsing
from rounds.core.stories import read_story
from tests.scenarios.stories import BEGINS, amounts, stories
from tests.scenarios.test_stored import _outcome, _play

blocks = st.fixed_dictionaries(
    {"hours": st.integers(4, 9), "left": st.integers(1, 4), "price": amounts},
    optional={"lapses": st.integers(45, 140).map(lambda number: BEGINS + timedelta(days=number))},
)
invoices = st.fixed_dictionaries(
    {"number": st.just("A-1"), "date": st.just(BEGINS - timedelta(days=40)), "open": amounts, "due": st.just(BEGINS)},
)


@st.composite
def opened(draw: st.DrawFn) -> dict[str, Any]:
    """A random story, of which the old books have what was recorded before a day."""
    told, on = draw(stories()), BEGINS + timedelta(days=draw(st.sampled_from([0, 14, 31, 40])))
    told["event"] = [
        event
        for event in told["event"]
        if not _names_another(event) and event.get("recorded", event["at"]).date() >= on
    ]  # fmt: skip
    opening: dict[str, Any] = {"on": on, "block": draw(st.lists(blocks, max_size=2)),
                               "invoice": draw(st.lists(invoices, max_size=2))}  # fmt: skip
    opening |= draw(st.fixed_dictionaries({}, optional={"retainer": amounts, "credit": amounts}))
    if draw(st.booleans()) and _includes(told["agreement"], on):
        opening["included"] = [{"through": on, "hours": draw(st.integers(1, 3))}]
    return {**told, "opening": opening}


def _names_another(event: dict[str, Any]) -> bool:
    """Does it name another event by its place, which changes when those before the opening are left out?"""
    return "void" in event or "block" in event.get("refund", {})


def _includes(agreements: list[dict[str, Any]], on: date) -> bool:
    return any(
        one["plan"] == "service-agreement" and one["starts"] <= on <= one.get("ends", date.max)
        and (on.day > 1 or one.get("roll_months", 0))
        for one in agreements
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=opened())
@pytest.mark.django_db
def test_a_story_that_opens_its_books_comes_to_the_same_by_the_rules_and_through_the_database(
    told: dict[str, Any],
) -> None:
    story = read_story(told)

    by_the_rules = _outcome(
        story, lambda story: rehearsing.describe(rehearsing._perform(story, story.through), story.through)
    )

    assert _outcome(story, _play) == by_the_rules
    assert _outcome(story, lambda story: _play(story, is_late=True)) == by_the_rules
