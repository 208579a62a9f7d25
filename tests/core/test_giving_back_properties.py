"""What holds of credit notes, voids, refunds and write-offs in whatever order they come, by random stories."""

from datetime import date, datetime, time
from typing import Any

from hypothesis import given, settings

from rounds.core.account import Draw, Kind, Lapse, Outcome, Refund
from rounds.core.billing import Billing
from rounds.core.bookkeeping import books_of
from rounds.core.books import Chart, balance, balances
from rounds.core.happenings import CreditNote, Event
from rounds.core.lines_left import Group
from rounds.core.performing import Performance
from rounds.core.rehearsing import perform
from rounds.core.stories import Story, read_story
from rounds.core.voiding import net_draws
from tests.scenarios.stories import stories

CHART = Chart("elm")


def performed(told: dict[str, Any]) -> tuple[Story, Performance]:
    story = read_story(told)
    return story, perform(story)


def groups(billing: Billing) -> set[Group]:
    return {known.group for known in billing.charges if known.charge.kind is not Kind.INTEREST}


def credit(played: Performance, note: CreditNote, on: date) -> None:
    moment = datetime.combine(on, time(23, 59))
    played._happen(Event(0, moment, moment, note), on)


def credit_everything(played: Performance, on: date) -> None:
    """Credit all invoices, the last first, until nothing is left of any."""
    changed = True
    while changed:
        changed = False
        for issued in reversed(played.invoices):
            left, invoice = played._left(issued.number), played.debts.find(issued.number)
            if invoice.asked + min(invoice.held, played.account.retainer) + left.total:
                credit(played, CreditNote(issued.number), on)
                changed = True


@settings(max_examples=120)
@given(stories())
def test_every_entry_balances_and_the_books_say_what_account_and_invoices_say(told: dict[str, Any]) -> None:
    story, played = performed(told)

    totals = balances(books_of(played, CHART, story.through))

    account, debts = played.account, played.debts
    assert balance(totals, CHART.receivable, "USD") == debts.receivable
    assert balance(totals, CHART.credit, "USD") == -debts.credit
    assert balance(totals, CHART.retainer, "USD") == -account.retainer
    assert balance(totals, CHART.asked, "USD") == -account.asked
    assert balance(totals, CHART.unbilled, "USD") == account.unbilled_amount()
    assert balance(totals, CHART.bad_debt, "USD") == sum(invoice.lost for invoice in debts.invoices)
    for block in account.blocks:
        assert balance(totals, CHART.holding(block.key), "SEC") == block.left >= 0
        assert -balance(totals, CHART.deferred_hours(block.key), "USD") == block.price - block.earned_at(block.left)
        assert block.left or not balance(totals, CHART.deferred_hours(block.key), "USD")


@settings(max_examples=120)
@given(stories())
def test_nobody_has_more_than_he_paid(told: dict[str, Any]) -> None:
    story, played = performed(told)

    totals = balances(books_of(played, CHART, story.through))

    in_bank = balance(totals, CHART.bank, "USD")
    assert 0 <= played.debts.credit + played.account.retainer <= in_bank
    for group in groups(played.billing):
        charged, given_up = played.billing.charged(group), sum(played.billing.given_up(group).values())
        assert 0 <= given_up <= charged or charged == given_up == 0
    for invoice in played.debts.invoices:
        assert min(invoice.open, invoice.lost, invoice.paid, invoice.drawn, invoice.held, invoice.asked) >= 0


@settings(max_examples=120)
@given(stories())
def test_hours_are_held_used_lapsed_or_given_back_and_their_price_is_earned_deferred_or_given_back(
    told: dict[str, Any],
) -> None:
    _, played = performed(told)
    outcomes = [act.what for act in played.acts if isinstance(act.what, Outcome)]

    for block in played.account.blocks:
        moves: list[Draw | Lapse | Refund] = [
            *(draw for one in outcomes for draw in one.draws if draw.block == block.key),
            *(lapse for one in outcomes for lapse in one.lapses if lapse.block == block.key),
            *(refund for one in outcomes for refund in one.refunds if refund.block == block.key),
        ]
        assert block.seconds == block.left + sum(move.seconds for move in moves)
        assert block.price == sum(move.earned for move in moves) + block.earns(block.left) + block.refunded
        assert 0 <= block.refunded <= max(block.credited, block.refunded) <= block.price
    for grant in played.account.grants:
        drawn = sum(d.seconds for one in outcomes for d in one.draws if d.grant == (grant.agreement, grant.month))
        assert grant.seconds == grant.left + drawn
        assert grant.left >= 0


@settings(max_examples=120)
@given(stories())
def test_crediting_everything_restores_all_balances(told: dict[str, Any]) -> None:
    story, played = performed(told)

    credit_everything(played, story.through)

    totals, billing = balances(books_of(played, CHART, story.through)), played.billing
    assert played.debts.receivable == played.account.asked == 0
    assert sum(invoice.lost for invoice in played.debts.invoices) == 0
    assert all(block.left == 0 for block in played.account.blocks if block.price and block.key in played.sold.values())
    assert not any(cents for (name, _unit), cents in totals.items() if name.startswith("liabilities:deferred:hours"))
    assert balance(totals, CHART.bank, "USD") == played.account.retainer + played.debts.credit
    for group in groups(billing):
        assert billing.net(group) <= 0 or any(known.line is None for known in billing.of_group(group))


@settings(max_examples=120)
@given(stories())
def test_work_whose_money_is_credited_with_its_invoice_holds_no_hours_but_those_that_lapsed(
    told: dict[str, Any],
) -> None:
    story, played = performed(told)

    credit_everything(played, story.through)

    lapsed = {b.key for b in played.account.blocks if b.lapses_on is not None and b.lapses_on <= story.through}
    for key in played.works:
        charged = [known for known in played.billing.of_group(key) if known.charge.kind is not Kind.TRIP]
        if charged and all(known.line is not None for known in charged) and played.billing.charged(key):
            left = net_draws(played._entered(key).draws)
            assert [draw for draw in left if draw.block not in lapsed] == []
