"""Rehearsing: a story goes in, the invoices, notices and balances that the rules make of it come out."""

from datetime import date

from rounds.core.account import Account
from rounds.core.describing import describe_invoice
from rounds.core.money import show_amount, show_hours
from rounds.core.performing import Performance
from rounds.core.stories import Story
from rounds.core.timeline import timeline


def perform(story: Story) -> Performance:
    """Play a story through its last day; what only playing can refuse is refused for events after that day as well."""
    last = max([story.through, *(event.recorded.date() for event in story.events)])
    if last > story.through:
        _perform(story, last)
    return _perform(story, story.through)


def play(story: Story) -> dict[str, object]:
    """Play a story and describe where it ends, in the shape that the README of the worked examples defines."""
    return describe(perform(story), story.through)


def describe(performance: Performance, day: date) -> dict[str, object]:
    """Describe invoices, notices and the balances at the end of a day, amounts and hours as text."""
    account, debts = performance.account, performance.debts
    return {
        "invoices": [describe_invoice(issued, debts.find(issued.number).open) for issued in performance.invoices],
        "notices": [{"date": str(notice.on), "kind": str(notice.kind)} for notice in performance.notices],
        "closing": {
            "receivable": show_amount(debts.receivable),
            "credit": show_amount(debts.credit),
            "retainer": show_amount(account.retainer),
            "block_hours": show_hours(account.block_seconds),
            "included_hours": show_hours(account.included_seconds(day)),
            "unbilled": show_amount(account.unbilled_amount()),
            "held": len(performance.held),
        },
    }


def _perform(story: Story, through: date) -> Performance:
    performance = Performance(Account(story.terms))
    if story.opening is not None:
        performance.bring_over(story.opening)
    for step in timeline(story.terms, story.events, through, story.opening):
        performance.step(step)
    return performance
