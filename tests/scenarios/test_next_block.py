"""Blocks bought by themselves: random stories keep the books right, late or punctual, in one run or in many."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rounds.charges.models import Block, Draw, Lapse, Purchase, Refund
from rounds.core import rehearsing
from rounds.core.account import NoticeKind, Outcome
from rounds.core.money import Refused
from rounds.core.performing import Performance
from rounds.core.rehearsing import perform
from rounds.core.stories import Story, read_story
from rounds.invoices import rehearsing as stored
from rounds.invoices.checking import differences
from rounds.ledger import booking
from rounds.people.shop import local_moment
from tests.scenarios.stories import BEGINS, DAYS, amounts, next_blocks, without_refused

quick = settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
works = st.fixed_dictionaries(
    {"minutes": st.integers(30, 700)},
    optional={"category": st.sampled_from(["support", "website"]), "no_charge": st.booleans()},
)
happenings = st.one_of(
    works.map(lambda work: {"work": work}),
    works.map(lambda work: {"work": work}),
    works.map(lambda work: {"work": work}),
    st.fixed_dictionaries({"buy_hours": st.integers(1, 6)}),
    amounts.map(lambda amount: {"pay": amount}),
    st.fixed_dictionaries({"credit": st.fixed_dictionaries({"invoice": st.integers(1, 4), "amount": amounts})}),
)


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Any]:
    """A client under a block agreement that buys by itself, with work at odd moments, some of it recorded late."""
    starts = BEGINS + timedelta(days=draw(st.integers(0, 40)))
    agreement: dict[str, Any] = {
        "plan": "block", "starts": starts,
        "low_at": draw(st.sampled_from([1, 2, Decimal("3.5")])), "next_block": draw(next_blocks),
        "monitoring": draw(st.sampled_from(["none", "2 hours", "7.5 hours"])),
    }  # fmt: skip
    if draw(st.booleans()):
        agreement["hours_lapse_months"] = draw(st.integers(1, 3))
    if draw(st.integers(0, 3)) == 0:
        agreement["ends"] = starts + timedelta(days=draw(st.integers(60, 100)))
        at = draw(st.integers(0, 24 * 60))
        agreement["notice_given"] = datetime(2005, 2, 1, 0, 30) + timedelta(hours=at)  # noqa: DTZ001 - stories are local
    events = draw(st.lists(happenings, min_size=4, max_size=14))
    hours = st.lists(st.integers(0, DAYS * 24 - 1), min_size=len(events), max_size=len(events), unique=True)
    for event, hour in zip(events, draw(hours), strict=True):
        event["at"] = datetime(2005, 1, 1) + timedelta(hours=hour)  # noqa: DTZ001
        if "work" in event and draw(st.integers(0, 4)) == 0:
            event["recorded"], event["at"] = event["at"], event["at"] - timedelta(days=draw(st.integers(1, 20)))
    for number in draw(st.lists(st.integers(1, len(events)), max_size=2, unique=True)):
        if "work" in events[number - 1]:
            told = events[number - 1]
            at = told.get("recorded", told["at"]) + timedelta(days=draw(st.integers(0, 9)), minutes=20)
            events = [*events, {"at": at, "void": number}]
    shop = {"hourly_rate": "100.00", "net_days": draw(st.sampled_from([0, 10])), "bonus_hours": [[10, 1]],
            "tax_rate": "8.25%", "taxable": ["hours", "labour"]}  # fmt: skip
    return without_refused({
        "title": "random", "through": BEGINS + timedelta(days=DAYS), "shop": shop, "agreement": [agreement],
        "event": events,
    })  # fmt: skip


def _outcomes(performance: Performance) -> list[Outcome]:
    return [act.what for act in performance.acts if isinstance(act.what, Outcome)]


def _play(story: Story, cuts: set[int] | None) -> dict[str, object]:
    """Play a story through the database, late in so many runs (None: punctually), and prove books and blocks."""
    with transaction.atomic():
        told = stored.Telling(story, is_late=cuts is not None)
        for day in sorted({BEGINS + timedelta(days=cut) for cut in cuts or ()} | {story.through}):
            told.tell(min(day, story.through))
        described = stored.describe(told.client, story.through)
        described["bought"] = list(
            Purchase.objects.filter(client=told.client, cause__isnull=False).order_by("pk").values_list("on", "hours")
        )
        booking.pull(local_moment(story.through + timedelta(days=1), stored.LAST_MOMENT))
        wrong = differences()
        _check_blocks(told.client.pk)
        transaction.set_rollback(True)
    assert wrong == []
    return described


def _check_blocks(client: int) -> None:
    """Hours issued are held, used, lapsed or refunded, and what is deferred is nothing exactly when no hours are."""
    for block in Block.objects.filter(client=client).with_left():
        used = sum(Draw.objects.filter(block=block).values_list("seconds", flat=True))
        earned = sum(Draw.objects.filter(block=block).values_list("earned", flat=True))
        lapsed = list(Lapse.objects.filter(block=block))
        refunds = list(Refund.objects.filter(block=block))
        gone = used + sum(row.seconds for row in lapsed) + sum(row.seconds for row in refunds)
        deferred = block.price - earned - sum(row.earned for row in lapsed)
        deferred -= sum(row.amount + row.earned for row in refunds)
        assert block.seconds == block.left + gone
        assert block.left >= 0
        assert deferred >= 0
        if not block.left:
            assert deferred == 0


@quick
@given(told=stories(), cuts=st.sets(st.integers(0, DAYS), max_size=6))
@pytest.mark.django_db
def test_the_same_blocks_are_bought_late_or_punctual_in_one_run_or_many(told: dict[str, Any], cuts: set[int]) -> None:
    story = read_story(told)
    try:
        expected = rehearsing.play(story)
        performance = perform(story)
    except Refused:
        return
    bought = [
        (act.on, _hours_of(story))
        for act in performance.acts
        if isinstance(act.what, Outcome) and _is_bought(act.what) and act.on <= story.through
    ]

    for runs in (None, set(), cuts):
        played = _play(story, runs)
        assert played.pop("bought") == bought
        assert played == expected


def _hours_of(story: Story) -> int:
    """The hours of the block that the story's agreement buys."""
    terms = story.terms.agreements[0].next_block
    return terms.hours if terms else 0


@settings(max_examples=120, deadline=None, derandomize=True)
@given(told=stories())
def test_a_draw_buys_one_block_at_most_and_only_where_it_leaves_too_few(told: dict[str, Any]) -> None:
    story = read_story(told)
    try:
        performance = perform(story)
    except Refused:
        return

    outcomes: list[Outcome] = [Outcome(), *_outcomes(performance)]
    agreement = story.terms.agreements[0]
    causes = [one.cause for one in performance.notices if one.kind is NoticeKind.BLOCK_BOUGHT]
    assert len(causes) == len(set(causes)) == sum(_is_bought(one) for one in outcomes)
    assert all(agreement.is_in_force(one.on) for one in performance.notices if one.kind is NoticeKind.BLOCK_BOUGHT)
    held, limit = 0, agreement.buys_below or 0
    for before, outcome in pairwise(outcomes):
        held += sum(block.seconds for block in outcome.blocks)
        held -= sum(draw.seconds for draw in outcome.draws if draw.source == "block")
        held -= sum(one.seconds for one in outcome.lapses) + sum(one.seconds for one in outcome.refunds)
        assert held >= 0
        if _is_bought(before):
            assert held - before.blocks[0].seconds < limit


def _is_bought(outcome: Outcome) -> bool:
    return any(one.kind is NoticeKind.BLOCK_BOUGHT for one in outcome.notices)
